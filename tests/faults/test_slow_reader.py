"""An agent that does not read its answer: the model has to wait, memory stays bounded, and nothing is lost in the end."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

from occasio_core.scripted.anthropic import event, message, stream
from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Answer, Raw, Turn
from tests.end_to_end.place import prepared
from tests.faults import slow_reader
from tests.faults.chance import rounds
from tests.faults.evidence import mended
from tests.faults.memory import MIB, most_used, needs_proc

PIECE = 60_000  # bytes of text in an event
PIECES = rounds(1500, 15_000)  # 90 MB; 900 MB
MAY_BE_UNDER_WAY = 24 * MIB  # in the buffers of four sockets, of the server, the client and the wire
MAY_BE_USED = 160 * MIB


class Counted(Sequence[bytes]):
    """The pieces of an answer; `taken` says how many were asked for."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.taken = 0
        self._pieces = pieces

    def __len__(self) -> int:
        return len(self._pieces)

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.taken += 1
            yield piece

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | Sequence[bytes]:
        return self._pieces[index]


class Flood(ScriptedModel):
    """A model that says more than fits anywhere."""

    def __init__(self) -> None:
        super().__init__()
        *begin, stop, delta, end = stream(message(Turn(text="x"), model="scripted", serial="1"), pings=0)
        text = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x" * PIECE}}
        self.pieces = Counted([*begin, *[event(text)] * PIECES, stop, delta, end])

    def answer(self, request: Request) -> Answer:
        return Raw(pieces=self.pieces)


def settled(pieces: Counted) -> int:
    """Return how many pieces were taken when no more are for a while."""
    pause = threading.Event()
    still, before = 0, -1
    while still < 20:
        pause.wait(0.05)
        still = still + 1 if pieces.taken == before and before > 0 else 0
        before = pieces.taken
    return before


@needs_proc
def test_an_agent_that_does_not_read_holds_the_model_up_and_takes_no_memory(tmp_path: Path) -> None:
    place = prepared(tmp_path)
    command = [sys.executable, "-S", slow_reader.__file__, tmp_path]
    with Flood() as model, place.begun("run", "--upstream", model.url, "--", *command) as process:
        taken = settled(model.pieces)
        assert taken * PIECE < MAY_BE_UNDER_WAY
        (tmp_path / "go").touch()
        while not (tmp_path / "read").exists():
            assert process.poll() is None, process.communicate()
            used = most_used(process.pid)
            threading.Event().wait(0.02)
        process.communicate(timeout=60)
    assert used < MAY_BE_USED
    assert int((tmp_path / "read").read_text(encoding="utf-8")) > PIECES * PIECE
    assert process.returncode == 0
    mended(place)
