"""A log that cannot be written in mid-session: nothing is released any more, and the agent shows why."""

from __future__ import annotations

import json
import resource
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Answer, Call, Turn
from occasio_harness.marker import leaks_below
from occasio_verify import Row, parse_row
from tests.end_to_end.place import DENIED_WORDS, Place, ended, prepared
from tests.real_agents import Finished, headless, require_claude_code

pytestmark = pytest.mark.agents

Harm = Callable[[Place, int], None]
needs_prlimit = pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process that runs")


def fill_the_disk(place: Place, process: int) -> None:
    """Let the system refuse every byte that would make the log longer."""
    resource.prlimit(process, resource.RLIMIT_FSIZE, (place.log.stat().st_size, resource.RLIM_INFINITY))


def replace_the_log(place: Place, process: int) -> None:
    """Put a directory where the log is."""
    place.log.rename(place.root / "moved")
    place.log.mkdir()


class HarmfulModel(ScriptedModel):
    """A scripted model that does harm before its second answer."""

    def __init__(self, turns: list[Answer], harm: Callable[[], None]) -> None:
        super().__init__(turns)
        self._harm = harm
        self._once = threading.Lock()

    def answer(self, request: Request) -> Answer:
        if request.turn == 1 and self._once.acquire(blocking=False):
            self._harm()
        return super().answer(request)


@dataclass(frozen=True, slots=True)
class Broken:
    """A session whose log broke before the model's second answer was released."""

    place: Place
    finished: Finished
    requests: list[Request]

    @property
    def rows(self) -> list[Row]:
        """The rows of the log, wherever it is now."""
        moved = self.place.root / "moved"
        log = moved if moved.exists() else self.place.log
        return [parse_row(line) for line in log.read_bytes().split(b"\n")[:-1]]


def broken(place: Place, harm: Harm, text: str) -> Broken:
    """Run a session that reads a file; then the log fails; then the model writes a file and reads the denied one."""
    calls = [
        Call("Write", {"file_path": str(place.work / "new.txt"), "content": "written\n"}, id="toolu_write"),
        Call("Read", {"file_path": str(place.work / "private" / "plans.txt")}, id="toolu_denied"),
    ]
    read = Call("Read", {"file_path": str(place.work / "notes.txt")}, id="toolu_read")
    begun = threading.Event()
    processes: list[int] = []

    def do_harm() -> None:
        assert begun.wait(60)
        harm(place, processes[0])

    with HarmfulModel([Turn(calls=[read]), Turn(text=text, calls=calls)], do_harm) as model:
        with place.begun("run", "--upstream", model.url, "--", *headless("claude", "go")) as process:
            processes.append(process.pid)
            begun.set()
            finished = ended(process)
        return Broken(place, finished, model.conversation)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((fill_the_disk, ""), id="disk full", marks=needs_prlimit),
        pytest.param(
            (fill_the_disk, "I write it down."), id="disk full in the middle of an answer", marks=needs_prlimit
        ),
        pytest.param((replace_the_log, ""), id="log replaced"),
    ],
)
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Broken:
    """A session whose log breaks, in several ways."""
    harm, text = request.param
    return broken(prepared(tmp_path_factory.mktemp("broken"), require_claude_code()), harm, text)


def test_neither_the_allowed_nor_the_denied_call_runs(session: Broken) -> None:
    assert not (session.place.work / "new.txt").exists()
    assert leaks_below(["toolu_write", "toolu_denied", *DENIED_WORDS], session.place.home) == []


def test_the_agent_shows_an_error_and_goes_no_further(session: Broken) -> None:
    assert (session.finished.returncode, session.finished.answer["is_error"]) == (1, True)
    shown = ("API Error: 402 occasio lets nothing through: the log ", "API Error: Connection closed mid-response")
    assert session.finished.answer["result"].startswith(shown)
    assert [request.turn for request in session.requests] == [0, 1]


def test_the_log_ends_before_the_calls(session: Broken) -> None:
    assert [row.kind for row in session.rows][3:] == ["tool_call", "request", "tool_result"]


def test_the_person_is_told(session: Broken) -> None:
    assert "the gate closed before the end: the log " in session.finished.stderr


@needs_prlimit
def test_the_run_is_closed_by_a_repair_and_its_bundle_verifies(place: Place) -> None:
    broken(place, fill_the_disk, "")
    assert place.occasio("audit", "repair").returncode == 0
    assert (place.rows()[-1].kind, place.rows()[-1].fields["reason"]) == ("run_ended", "abandoned")
    sealed = place.seal()
    assert place.verifier(sealed.bundle, "--key", sealed.key).returncode == 0
    assert json.loads(sealed.data)["attestation"]["execution_summary"]["tool_calls"] == 1
