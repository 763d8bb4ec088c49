"""The demo's agent does whatever the model says, and tells the model and its person what came of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from occasio_core.demo.agent import MAX_TURNS, main
from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Call, Document, Turn

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


class Worked:
    """What came of an agent's work: its exit code and what the model was sent."""

    def __init__(self, turns: Sequence[Turn], task: str = "go") -> None:
        with pytest.MonkeyPatch.context() as around, ScriptedModel(turns) as model:
            around.setattr(sys, "argv", ["agent", *task.split()])
            around.setenv("ANTHROPIC_BASE_URL", model.url)
            around.setenv("ANTHROPIC_API_KEY", "the key")
            self.exit_code = main()
        self.requests: list[Request] = model.requests

    @property
    def results(self) -> list[Document]:
        """What the model was told in the last request."""
        return list(self.requests[-1].results.values())


def reading(*paths: Path | str) -> Turn:
    return Turn(text="Let me look.", calls=[Call("Read", {"file_path": str(path)}) for path in paths])


def test_the_task_is_the_first_thing_that_the_model_hears() -> None:
    worked = Worked([Turn(text="bye")], task="Summarise this project.")
    assert worked.requests[0].messages == [{"role": "user", "content": "Summarise this project."}]


def test_the_model_is_asked_with_the_key_of_the_environment() -> None:
    assert Worked([Turn(text="bye")]).requests[0].headers["x-api-key"] == "the key"


def test_work_ends_well_when_the_model_asks_for_nothing_more(capsys: Captured) -> None:
    assert Worked([Turn(text="bye")]).exit_code == 0
    assert capsys.readouterr().out == "   model: bye\n"


def test_what_is_read_is_sent_to_the_model_and_not_shown(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "notes").write_text("tea at four", encoding="utf-8")
    assert [result["content"] for result in Worked([reading(tmp_path / "notes")]).results] == ["tea at four"]
    assert "agent: read notes, 11 characters" in (shown := capsys.readouterr().out)
    assert "tea" not in shown


def test_every_call_of_a_turn_is_answered_in_order(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    worked = Worked([reading(tmp_path / "b", tmp_path / "a")])
    called = [block for block in worked.requests[-1].messages[-2]["content"] if block["type"] == "tool_use"]
    assert [result["tool_use_id"] for result in worked.results] == [call["id"] for call in called]
    assert [result["content"] for result in worked.results] == ["b", "a"]


def test_the_history_says_what_the_model_said(tmp_path: Path) -> None:
    turn = Turn(text="é, in pieces", calls=[Call("Read", {"file_path": str(tmp_path)})], chunk=3)
    text, call = Worked([turn]).requests[-1].messages[1]["content"]
    assert text["text"] == "é, in pieces"
    assert call["input"] == {"file_path": str(tmp_path)}


@pytest.mark.parametrize(("name", "problem"), [("missing", "No such file"), (".", "Is a directory")])
def test_what_cannot_be_read_is_an_error_to_the_model(tmp_path: Path, name: str, problem: str) -> None:
    worked = Worked([reading(tmp_path / name)])
    (result,) = worked.results
    assert result["is_error"]
    assert problem in result["content"]
    assert worked.exit_code == 0


def test_a_file_that_is_no_text_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"a\xffb")
    assert Worked([reading(tmp_path / "image")]).results[0]["content"] == "a\ufffdb"


def test_a_tool_that_it_does_not_have_is_an_error_to_the_model(capsys: Captured) -> None:
    (result,) = Worked([Turn(calls=[Call("occasio_refused__Read", {})])]).results
    assert (result["content"], result["is_error"]) == ("no such tool: occasio_refused__Read", True)
    assert "it has no such tool" in capsys.readouterr().out


def test_a_command_is_run_and_its_failure_is_told(tmp_path: Path) -> None:
    commands = [f"echo tea > {tmp_path}/made; cat {tmp_path}/made", "echo no >&2; exit 3"]
    calls = [Call("Bash", {"command": command}) for command in commands]
    results = Worked([Turn(calls=calls)]).results
    assert [(result["content"], result["is_error"]) for result in results] == [("tea\n", False), ("no\n", True)]


def test_a_command_of_another_shell_reads_a_file(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("tea", encoding="utf-8")
    (result,) = Worked([Turn(calls=[Call("PowerShell", {"command": f"Get-Content {tmp_path}/notes"})])]).results
    assert result["content"] == "tea"


def test_it_gives_up_on_a_model_that_never_ends() -> None:
    worked = Worked([reading("/nowhere")] * (MAX_TURNS + 1))
    assert (worked.exit_code, len(worked.requests)) == (1, MAX_TURNS)
