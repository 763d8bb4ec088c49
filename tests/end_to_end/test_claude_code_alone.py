"""The real Claude Code talks to the scripted model with nothing between: what the rest of end_to_end takes for granted.

When the pin in tests/agents moves and a test here fails, that is what has changed on the wire.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Answer, Call, Failure, Turn
from tests.real_agents import Finished, clean_environment, headless, run

pytestmark = pytest.mark.agents


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One headless session: how it ended, and the requests for a message that the model got."""

    finished: Finished
    requests: Sequence[Request]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    directory = tmp_path / "work"
    directory.mkdir()
    (directory / "notes.txt").write_text("tea at four\n", encoding="utf-8")
    return directory


def session(claude_code: Path, work: Path, *turns: Answer) -> Session:
    with ScriptedModel(turns) as model:
        environment = clean_environment(work.parent / "home", model.url)
        finished = run(headless(claude_code, "do it"), environment=environment, directory=work)
        return Session(finished=finished, requests=model.conversation)


def test_a_file_that_is_read_goes_back_to_the_model_with_numbered_lines(claude_code: Path, work: Path) -> None:
    read = Call("Read", {"file_path": str(work / "notes.txt")}, id="toolu_read")
    done = session(claude_code, work, Turn(calls=[read]), Turn(text="tea is at four"))
    assert (done.finished.returncode, done.finished.answer["result"]) == (0, "tea is at four")
    assert len(done.requests) == 2
    assert done.requests[1].results["toolu_read"]["content"] == "1\ttea at four\n2\t"


def test_every_request_names_the_session_in_a_header_and_streams(claude_code: Path, work: Path) -> None:
    done = session(claude_code, work, Turn(calls=[Call("Read", {"file_path": str(work / "notes.txt")})]))
    own = done.finished.answer["session_id"]
    assert [request.headers["x-claude-code-session-id"] for request in done.requests] == [own, own]
    assert [request.json["stream"] for request in done.requests] == [True, True]


def test_a_tool_it_does_not_have_is_answered_with_an_error_and_the_session_goes_on(
    claude_code: Path, work: Path
) -> None:
    unknown = Call("occasio_refused__Read", {"file_path": str(work / "notes.txt")}, id="toolu_unknown")
    done = session(claude_code, work, Turn(calls=[unknown]), Turn(text="as you wish"))
    assert done.finished.answer["result"] == "as you wish"
    assert done.requests[1].results["toolu_unknown"] == {
        "type": "tool_result",
        "tool_use_id": "toolu_unknown",
        "is_error": True,
        "content": "<tool_use_error>Error: No such tool available: occasio_refused__Read</tool_use_error>",
        "cache_control": {"type": "ephemeral"},
    }


def test_the_input_of_an_unknown_tool_comes_back_with_its_members_in_order(claude_code: Path, work: Path) -> None:
    given = {"zeta": [1, None, {"b": True, "a": "\u00e9\u2028"}], "alpha": "  x ", "empty": {}}
    done = session(claude_code, work, Turn(calls=[Call("no_such_tool", given, id="toolu_unknown")]))
    back = done.requests[1].calls["toolu_unknown"]["input"]
    assert (back, list(back)) == (given, list(given))


def test_the_numbers_of_an_input_come_back_as_doubles(claude_code: Path, work: Path) -> None:
    given = {"float": 1000.0, "large": 12345678901234567890}
    done = session(claude_code, work, Turn(calls=[Call("no_such_tool", given, id="toolu_unknown")]))
    assert b'{"float":1000,"large":12345678901234567000}' in done.requests[1].body


def test_the_results_of_one_turn_come_back_in_one_message(claude_code: Path, work: Path) -> None:
    read = Call("Read", {"file_path": str(work / "notes.txt")}, id="toolu_read")
    unknown = Call("no_such_tool", {}, id="toolu_unknown")
    done = session(claude_code, work, Turn(thinking="both", text="at once", calls=[read, unknown], chunk=3))
    said, returned = done.requests[1].messages[-2:]
    assert [block["type"] for block in said["content"]] == ["thinking", "text", "tool_use", "tool_use"]
    assert {block["tool_use_id"] for block in returned["content"]} == {"toolu_read", "toolu_unknown"}


def test_a_call_runs_although_the_turn_says_that_it_ended(claude_code: Path, work: Path) -> None:
    write = Call("Write", {"file_path": str(work / "new.txt"), "content": "new\n"})
    session(claude_code, work, Turn(calls=[write], stop_reason="end_turn"))
    assert (work / "new.txt").read_text(encoding="utf-8") == "new\n"


def test_a_call_that_is_whole_runs_although_the_stream_is_cut_behind_it(claude_code: Path, work: Path) -> None:
    write = Call("Write", {"file_path": str(work / "new.txt"), "content": "new\n"})
    session(claude_code, work, Turn(calls=[write], pings=0, cut_after=5))
    assert (work / "new.txt").read_text(encoding="utf-8") == "new\n"


@pytest.mark.parametrize("status", [402, 403])
def test_a_refused_request_is_shown_and_not_repeated(claude_code: Path, work: Path, status: int) -> None:
    done = session(claude_code, work, Failure(status=status, message="the budget is spent"))
    assert "the budget is spent" in done.finished.answer["result"]
    assert (done.finished.returncode, len(done.requests)) == (1, 1)
