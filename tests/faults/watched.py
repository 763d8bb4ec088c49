"""A run of the agent that writes down what it gets, with something done to the run in its midst."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Answer, Call, Turn
from tests.end_to_end.place import Place
from tests.faults import agent
from tests.faults.evidence import Evidence

MOST_LOOKS = 20_000  # some minutes


class Endless(ScriptedModel):
    """A model that always wants two files read."""

    def answer(self, request: Request) -> Answer:
        read = {"file_path": "notes.txt"}
        return Turn(text="I look.", calls=[Call("Read", read, id=f"toolu_{self.serial()}") for _ in range(2)])

    @property
    def told(self) -> set[str]:
        """The ids of the calls whose result the model has got."""
        return {call for request in list(self.requests) for call in request.results}


@dataclass(frozen=True, slots=True)
class Watched:
    """What the agent has written down so far."""

    file: Path

    @property
    def lines(self) -> list[str]:
        return self.file.read_text(encoding="utf-8").split("\n")[:-1] if self.file.exists() else []

    @property
    def given(self) -> set[str]:
        """The ids of the calls that it got."""
        return {line.removeprefix("got ") for line in self.lines if line.startswith("got ")}

    @property
    def errors(self) -> list[str]:
        """The errors that it got instead of an answer."""
        return [line for line in self.lines if line.startswith("error ")]

    def command(self, threads: int, turns: int | None = None) -> list[str | Path]:
        """Return the command that runs the agent, by default until nobody answers."""
        more = [] if turns is None else [str(turns)]
        return [sys.executable, "-S", agent.__file__, self.file, str(threads), *more]

    def wait_for(self, count: int, process: subprocess.Popen[str]) -> None:
        """Return once the agent has got so many calls."""
        for _ in range(MOST_LOOKS):
            if len(self.given) >= count:
                return
            assert process.poll() is None, process.communicate()
            threading.Event().wait(0.005)
        raise AssertionError(f"the agent got {len(self.given)} calls and no more: {self.errors}")


def disturbed(place: Place, model: Endless, watched: Watched, harm: Callable[[int], object]) -> tuple[int, str]:
    """Run the agent, do harm to the run's process once it got some calls; return the exit code and what was said."""
    with place.begun("run", "--upstream", model.url, "--", *watched.command(threads=3)) as process:
        watched.wait_for(20, process)
        harm(process.pid)
        _, said = process.communicate(timeout=120)
    return process.returncode, said


def assert_nothing_without_its_row(found: Evidence, watched: Watched, model: Endless) -> None:
    assert watched.given <= found.released
    assert model.told <= found.taken
