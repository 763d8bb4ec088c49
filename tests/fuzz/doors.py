"""What is fuzzed of the doors: each function takes bytes, and raises where what must hold for all bytes does not."""

from __future__ import annotations

import asyncio
import random
import re
from pathlib import Path
from typing import Any

from occasio_core.errors import PolicyError, UpstreamProtocolError
from occasio_core.hooks.event import HookAnswer, HookEvent, Moment
from occasio_core.hooks.reading import call_of
from occasio_core.hooks.replies import Replies
from occasio_core.model import EffectKind
from occasio_core.policy import policy_of
from occasio_core.wires.sse import EventReader
from occasio_hooks import occasio_register_hook_dialects
from occasio_mcp.frames import BadFrameError, Lines, Notification, Request, Response, frame
from occasio_shell import RunsCommands

_LIMIT = 4096  # of an event or a line, so that limits are met


def chunks(data: bytes, dice: random.Random) -> list[bytes]:
    """Return `data` in pieces."""
    pieces, start = [], 0
    while start < len(data):
        size = dice.choice([1, 1, 2, 3, 7, 64, 1000])
        pieces.append(data[start : start + size])
        start += size
    return pieces


def _dice(data: bytes) -> random.Random:
    return random.Random(data)


def event_streams(data: bytes) -> None:
    """However a stream is cut on its way its events are the same, and they are the stream, byte for byte."""
    whole = _events([data])
    assert _events(chunks(data, _dice(data))) == whole
    assert _events([data[at : at + 1] for at in range(len(data))]) == whole
    events, _ = whole
    assert data.startswith(b"".join(raw for raw, _, _ in events))


def _events(pieces: list[bytes]) -> tuple[list[tuple[bytes, bytes, bytes | None]], bool]:
    reader, found = EventReader(_LIMIT), []
    try:
        for piece in pieces:
            for event in reader.feed(piece):
                found.append((event.raw, event.name, event.data))
        for event in reader.close():
            found.append((event.raw, event.name, event.data))
    except UpstreamProtocolError as error:
        assert "\n" not in str(error)
        return found, True
    return found, False


def policies(data: bytes) -> None:
    """A policy is refused where it is unclear, with a place in the file, or means the same whenever it is read."""
    file, home, cwd = Path("/etc/policy.yml"), Path("/home/ada/.occasio"), "/work"
    try:
        policy = policy_of(data, file, home, cwd)
    except PolicyError as error:
        assert "\n" not in str(error)
        place = re.match(r"/etc/policy\.yml:(\d+):(\d+): ", str(error))
        assert place is not None, str(error)
        lines = len(re.findall(rb"\r\n|\n|\r|\xc2\x85|\xe2\x80[\xa8\xa9]", data))
        assert 1 <= int(place[1]) <= lines + 2
        return
    assert policy.text.encode() == data
    assert repr(policy_of(data, file, home, cwd)) == repr(policy)  # patterns that RE2 has compiled are not equal


def commands(data: bytes) -> None:
    """Whatever a command is, what it does is told or refused; and nothing hides the command of the next line."""
    text = data.decode("utf-8", "replace")
    if (effects := _effects(text)) is None or text.endswith("\\"):
        return
    assert _effects(text) == effects
    more = _effects(text + "\n/quokka/program --all")
    assert more is not None
    told = {target for _, target in more}
    assert any("/quokka/program" in target for target in told) or "a command that cannot be read" in told, more


def _effects(text: str) -> list[tuple[EffectKind, str]] | None:
    call = call_of(agent="fuzz", session="s", call="c", tool="Bash", given={"command": text}, cwd="/work")  # type: ignore[arg-type]
    try:
        return [(effect.kind, effect.target) for effect in RunsCommands().effects(call)]
    except ValueError:
        return None


class _Door:
    """Says the same to whatever it is asked, and remembers it."""

    def __init__(self, *, refuses: bool) -> None:
        self.asked: list[HookEvent] = []
        self._refuses = refuses

    async def __call__(self, event: HookEvent, process: int | None) -> Any:
        self.asked.append(event)
        return self

    async def answer(self, event: HookEvent) -> HookAnswer:
        return HookAnswer(refuses=self._refuses, text="because" if self._refuses else "")


def hook_events(data: bytes) -> None:
    """An event that cannot be read is refused; of one that asks for a call a no is not printed as a yes."""
    dialects = {dialect.name: dialect for dialect in occasio_register_hook_dialects()}
    for agent, dialect in dialects.items():
        yes, no = _Door(refuses=False), _Door(refuses=True)
        permitted = asyncio.run(Replies(dialects, yes).reply(agent, data, None))
        refused = asyncio.run(Replies(dialects, no).reply(agent, data, None))
        assert len(yes.asked) == len(no.asked) <= 1
        if not yes.asked:
            refusal = dialect.refusal("x")
            assert permitted == refused
            assert permitted.exit_code == refusal.exit_code
            assert b"occasio refuses: " in permitted.stdout + permitted.stderr
        elif yes.asked[0].moment is Moment.CALL:
            assert permitted != refused
            assert b"because" in refused.stdout + refused.stderr


def mcp_frames(data: bytes) -> None:
    """However lines are cut on their way they are the same; each is refused or one kind of message, with its bytes."""
    whole = _lines([data])
    assert _lines(chunks(data, _dice(data))) == whole
    for line in whole:
        if line is None:
            continue
        try:
            message = frame(line)
        except BadFrameError as error:
            assert "\n" not in str(error)
            continue
        assert isinstance(message, Request | Notification | Response)
        assert message.data == line


def _lines(pieces: list[bytes]) -> list[bytes | None]:
    cutter = Lines(_LIMIT)
    return [line for piece in pieces for line in cutter.receive(piece)]
