"""However a governed agent ends, `occasio run` ends after it, with its exit code, and the run is closed."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import DONE, Answer, Call, Failure, Raw, Turn
from tests.end_to_end.place import Place, ended, prepared
from tests.real_agents import headless

PING = b'event: ping\ndata: {"type": "ping"}\n\n'


class WatchedModel(ScriptedModel):
    """A scripted model that says when it was first asked."""

    def __init__(self, turns: list[Answer]) -> None:
        super().__init__(turns)
        self.asked = threading.Event()

    def answer(self, request: Request) -> Answer:
        self.asked.set()
        return super().answer(request)


@pytest.fixture
def bare(tmp_path: Path) -> Place:
    """A place without an agent."""
    return prepared(tmp_path)


def last_row(place: Place) -> tuple[str, object, object]:
    """Return the kind of the log's last row, the exit code and the reason in it."""
    row = place.rows()[-1]
    return row.kind, row.fields["exit_code"], row.fields["reason"]


@pytest.mark.agents
def test_an_agent_that_is_content_exits_with_0(place: Place) -> None:
    with ScriptedModel([DONE]) as model:
        done = place.occasio("run", "--upstream", model.url, "--", *headless("claude", "go"))
    assert (done.returncode, done.answer["result"]) == (0, "done")
    assert last_row(place) == ("run_ended", 0, "exit")


@pytest.mark.agents
def test_an_agent_whose_request_is_refused_by_its_provider_exits_with_1(place: Place) -> None:
    with ScriptedModel([Failure(status=403, message="no such customer")]) as model:
        done = place.occasio("run", "--upstream", model.url, "--", *headless("claude", "go"))
    assert (done.returncode, done.answer["is_error"]) == (1, True)
    assert "no such customer" in done.answer["result"]
    assert last_row(place) == ("run_ended", 1, "exit")


@pytest.mark.agents
def test_occasio_claude_governs_claude_code(place: Place) -> None:
    denied = Call("Read", {"file_path": str(place.work / "private" / "plans.txt")}, id="toolu_denied")
    with ScriptedModel([Turn(calls=[denied]), Turn(text="so be it")]) as model:
        done = place.occasio(*headless("claude", "go"), ANTHROPIC_BASE_URL=model.url)
    assert (done.returncode, done.answer["result"]) == (0, "so be it")
    assert [row.fields["action"] for row in place.rows() if row.kind == "tool_call"] == ["BLOCK"]
    assert "Refused by policy" in model.conversation[1].results["toolu_denied"]["content"]


@pytest.mark.agents
def test_an_interrupt_of_occasio_ends_the_agent_in_the_middle_of_an_answer(place: Place) -> None:
    with WatchedModel([Raw(pieces=[PING, threading.Event()])]) as model:
        command = ["run", "--upstream", model.url, "--", *headless("claude", "go")]
        with place.begun(*command) as process:
            assert model.asked.wait(60)
            process.send_signal(signal.SIGINT)
            done = ended(process)
    kind, exit_code, _ = last_row(place)  # Claude Code catches the signal and exits by itself
    assert (kind, exit_code) == ("run_ended", done.returncode)
    assert [row.fields["complete"] for row in place.rows() if row.kind == "request"] == [False]
    assert place.verifier("--log", str(place.log), "--integrity-only").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_agent_that_a_signal_to_occasio_kills_ends_its_run_by_signal(bare: Place, number: signal.Signals) -> None:
    with bare.begun("run", "--", "sh", "-c", "echo ready; exec sleep 600") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        done = ended(process)
    assert done.returncode == 128 + number
    assert last_row(bare) == ("run_ended", 128 + number, "signal")


@pytest.mark.parametrize(("command", "code"), [(["true"], 0), (["false"], 1), (["sh", "-c", "exit 42"], 42)])
def test_the_exit_code_of_any_program_is_passed_on(bare: Place, command: list[str], code: int) -> None:
    assert bare.occasio("run", "--", *command).returncode == code
    assert last_row(bare) == ("run_ended", code, "exit")


def test_a_program_that_is_not_there_exits_with_127_and_leaves_no_log(bare: Place) -> None:
    done = bare.occasio("run", "--", "no-such-agent")
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr == "occasio: there is no program `no-such-agent`\nhint: is it installed, and in PATH?\n"
    assert not bare.log.exists()


def test_claude_code_that_is_not_there_exits_with_127_and_the_command_that_installs_it(bare: Place) -> None:
    done = bare.occasio("claude", "-p", "go", PATH=str(bare.home))
    assert done.returncode == 127
    assert "hint: install it with: npm install -g @anthropic-ai/claude-code\n" in done.stderr
