"""Whatever goes wrong between the bytes of an event and those of its answer is a refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from occasio_core.errors import OccasioError
from occasio_core.hooks.decided import Decided
from occasio_core.hooks.door import Door
from occasio_core.hooks.event import HookEvent, Moment
from occasio_core.hooks.replies import Replies
from occasio_verify import Json
from tests.occasio_core.gates import Rows, gate
from tests.occasio_core.hooks.hooked import Plain


class Asked:
    """Replies of a door that writes into memory; `error` is raised instead of finding it."""

    def __init__(self, error: Exception | None = None) -> None:
        self.rows, self.ended, self._error = Rows(), list[Moment](), error
        self.gate = gate(self.rows)
        self._door = Door(self.gate, Decided())
        self.notes: list[Mapping[str, Json]] = []
        self.replies = Replies({"tester": Plain()}, self._find, self._end, self.notes.append)

    async def _find(self, event: HookEvent, process: int | None) -> Door:
        if self._error is not None:
            raise self._error
        return self._door

    async def _end(self, event: HookEvent) -> None:
        self.ended.append(event.moment)

    async def said(self, data: bytes, agent: str = "tester") -> tuple[int, str]:
        reply = await self.replies.reply(agent, data, None)
        self.gate.close()
        return reply.exit_code, (reply.stdout or reply.stderr).decode()


async def test_an_event_is_answered_as_the_door_says() -> None:
    assert await Asked().said(b'{"ask": "notes.txt"}') == (0, '{"refuses": false, "text": ""}')
    assert json.loads((await Asked().said(b'{"ask": "denied.txt"}'))[1])["refuses"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "not JSON with one reading"),
        (b"{", "not JSON with one reading"),
        (b'{"ask": "a", "ask": "b"}', "not JSON with one reading (duplicate-key)"),
        (b'["ask"]', "is no JSON object"),
        (b"{}", "the event has no `ask`"),
        (b'{"ask": "breaks"}', "failed with KeyError"),
        (b"\xff", "not JSON with one reading"),
    ],
)
async def test_what_cannot_be_understood_is_refused(data: bytes, told: str) -> None:
    code, text = await Asked().said(data)
    assert code == 2
    assert told in text


async def test_an_agent_that_nobody_speaks_with_is_refused() -> None:
    assert (await Asked().said(b"{}", agent="stranger"))[0] == 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OccasioError("the disk is full"), "occasio lets nothing through: the disk is full"),
        (ValueError("of a secret"), "occasio failed with ValueError"),
    ],
)
async def test_a_run_that_cannot_be_opened_refuses(error: Exception, told: str) -> None:
    assert await Asked(error).said(b'{"ask": "notes.txt"}') == (0, json.dumps({"refuses": True, "text": told}))


async def test_an_answer_that_cannot_be_written_is_a_refusal() -> None:
    code, text = await Asked(OccasioError("")).said(b'{"ask": "notes.txt"}')
    assert (code, "refuses" in text) == (0, True)


async def test_who_keeps_runs_hears_of_each_event_once_it_is_answered() -> None:
    asked = Asked()
    await asked.said(b'{"ends": true}')
    assert asked.ended == [Moment.END]


async def test_it_is_noted_how_long_an_answer_took_and_not_what_was_asked() -> None:
    asked = Asked()
    await asked.said(b'{"ask": "denied.txt"}')
    (note,) = asked.notes
    assert isinstance(note["ms"], int)
    assert {**note, "ms": 0} == {"kind": "hook", "agent": "tester", "event": "Oncall", "refuses": True, "ms": 0}
