"""From the bytes that a hook's program read to those that it prints; whatever goes wrong between is a refusal.

Knows the dialects and who keeps a run's door.  It does not know sockets.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping

from occasio_core.errors import OccasioError, ProtocolError
from occasio_core.hooks.door import Door
from occasio_core.hooks.event import HookAnswer, HookEvent, HookReply
from occasio_core.hooks.guest import GUEST, GUESTS
from occasio_core.interfaces import HookDialect
from occasio_verify import Json, MalformedError, parse_json

Doors = Callable[[HookEvent, "int | None"], Awaitable[Door]]  # the event, and the process that asks, where it is known
Ended = Callable[[HookEvent], Awaitable[object]]
Note = Callable[[Mapping[str, Json]], object]

REFUSAL_EXIT = 2  # every agent with hooks takes it for a no, but Cline (see its dialect)


class Replies:
    """Answers hooks.  `doors` returns the door of an event's run; `ended` is told of each event once it is answered.

    `note` is told how long each answer took, and returns at once.
    """

    def __init__(
        self,
        dialects: Mapping[str, HookDialect],
        doors: Doors,
        ended: Ended | None = None,
        note: Note = lambda said: None,
    ) -> None:
        self._note = note
        self._dialects = dialects
        self._doors = doors
        self._ended = ended

    async def reply(self, agent: str, data: bytes, process: int | None) -> HookReply:
        """Return what the hook of `agent` prints for the event in `data`.  Never raises but when it is cancelled."""
        dialect = GUESTS if agent == GUEST else self._dialects.get(agent)
        if dialect is None:
            return refused(f"occasio speaks with no hooks of `{agent}`")
        try:
            event = dialect.event(_payload(data))
        except ProtocolError as error:
            return dialect.refusal(f"occasio refuses: {error}")
        except Exception as error:  # noqa: BLE001 - what nobody foresaw must not open the gate
            return dialect.refusal(f"occasio refuses: reading the event failed with {type(error).__name__}")
        begun = time.monotonic()
        answer = await self._answer(event, process)
        took = round((time.monotonic() - begun) * 1000)
        self._note({"kind": "hook", "agent": agent, "event": event.name, "refuses": answer.refuses, "ms": took})
        try:
            return dialect.reply(event, answer)
        except Exception as error:  # noqa: BLE001 - as above
            return dialect.refusal(f"occasio refuses: writing the answer failed with {type(error).__name__}")

    async def _answer(self, event: HookEvent, process: int | None) -> HookAnswer:
        try:
            door = await self._doors(event, process)
            answer = await door.answer(event)
            if self._ended is not None:
                await self._ended(event)
        except OccasioError as error:
            return HookAnswer(refuses=True, text=f"occasio lets nothing through: {error}")
        except Exception as error:  # noqa: BLE001 - what nobody foresaw must not open the gate, or show what it was about
            return HookAnswer(refuses=True, text=f"occasio failed with {type(error).__name__}")
        return answer


def refused(text: str) -> HookReply:
    """Return the refusal for an agent that nobody knows."""
    return HookReply(exit_code=REFUSAL_EXIT, stderr=f"{text}\n".encode())


def _payload(data: bytes) -> Mapping[str, Json]:
    """Return the event.  Raises `ProtocolError` for what is no JSON object with one reading."""
    try:
        payload = parse_json(data)
    except MalformedError as error:
        raise ProtocolError(f"what the hook was told is not JSON with one reading ({error.code})") from None
    if not isinstance(payload, dict):
        raise ProtocolError("what the hook was told is no JSON object")
    return payload
