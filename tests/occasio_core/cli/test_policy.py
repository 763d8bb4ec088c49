"""`occasio policy test` and `explain` decide calls that nobody made, and leave no trace."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests.occasio_core.cli.commands import Captured, assert_refused, occasio

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """A file of two cases, one of which is wrong."""
    file = tmp_path / "cases.yml"
    file.write_text(
        "cases:\n  - {command: cat .env, action: BLOCK}\n  - {command: ls, action: BLOCK}\n", encoding="utf-8"
    )
    return file


# explain


def test_a_call_is_explained_with_what_decides_and_what_else_was_said(capsys: Captured) -> None:
    assert occasio("policy", "explain", "--tool", "Read", "--input", '{"file_path": ".env"}') == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "BLOCK  path-denied"
    assert "  tool      Read (read_file)" in lines
    assert "  also      PASS ok, says policy.tools" in lines


def test_an_input_is_read_from_stdin(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"file_path": ".env"}'))
    assert occasio("policy", "explain", "--tool", "Read", "--input", "-", "--json") == 0
    assert json.loads(capsys.readouterr().out)["action"] == "BLOCK"


def test_a_tool_that_nobody_knows_is_said_to_be_guessed(capsys: Captured) -> None:
    assert occasio("policy", "explain", "--tool", "mcp__x__y", "--input", '{"a": "b"}', "--json") == 0
    assert json.loads(capsys.readouterr().out)["known"] is False


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1, "a": 2}'])
def test_an_input_that_is_no_object_is_refused(text: str, capsys: Captured) -> None:
    assert occasio("policy", "explain", "--tool", "Read", "--input", text) == 2
    assert_refused(capsys, "--input is not", "quote it")


def test_explaining_leaves_no_trace(home: Path) -> None:
    occasio("policy", "explain", "--tool", "Write", "--input", '{"file_path": "made.txt", "content": ""}')
    assert not home.exists()
    assert not Path("made.txt").exists()


# test


def test_what_is_not_as_expected_is_told_with_its_place(cases: Path, capsys: Captured) -> None:
    assert occasio("policy", "test", cases) == 1
    out, err = capsys.readouterr()
    assert out == f"{cases}:3:5: Bash ls\n  PASS, expected BLOCK\n"
    assert err == "2 cases: 1 as expected, 1 not\n"


def test_programs_are_told_too(cases: Path, capsys: Captured) -> None:
    assert occasio("policy", "test", cases, "--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert said["cases"] == 2
    assert [(one["case"], one["line"], one["decided"]["action"]) for one in said["failed"]] == [("Bash ls", 3, "PASS")]


def test_cases_that_are_as_expected_exit_0(cases: Path, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "closed.yml").write_text("tools: {Bash: {action: BLOCK}}\n", encoding="utf-8")
    assert occasio("policy", "test", cases, "--policy", tmp_path / "closed.yml") == 0
    assert capsys.readouterr().out == ""


def test_a_file_that_cannot_be_used_exits_2(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "cases.yml").write_text("cases:\n  - {tool: Read, action: BLOK}\n", encoding="utf-8")
    assert occasio("policy", "test", tmp_path / "cases.yml") == 2
    assert_refused(capsys, "cases.yml:2:26: the action `BLOK` is not known", "did you mean `BLOCK`?")
    assert occasio("policy", "test", tmp_path / "none.yml") == 2


def test_a_command_that_is_not_there_is_told_with_the_nearest(capsys: Captured) -> None:
    assert occasio("policy", "explan") == 2
    assert_refused(capsys, "explain", "occasio policy --help")
