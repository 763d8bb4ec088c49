"""occasio computer-use: recorded actions and what would become of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core.cli import exit_code as occasio

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _home(home: Path) -> None:
    """Work in a home of the test's own."""


def test_the_example_refuses_what_it_is_there_to_show(capsys: Captured) -> None:
    assert occasio(["computer-use", "--dry-run", "--example"]) == 1
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == "14 actions, 7 may happen, 7 refused"
    for reason in ("keyboard-pattern", "command-pattern", "path-denied", "screen-region", "reserved-command"):
        assert reason in out
    assert "swordfish" not in out


def test_json_has_one_decision_a_line(capsys: Captured) -> None:
    assert occasio(["computer-use", "--dry-run", "--example", "--json"]) == 1
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["action"] for row in rows].count("BLOCK") == 7
    assert rows[0] == {
        "line": 1,
        "tool": "computer",
        "action": "PASS",
        "reason": "ok",
        "rule": None,
        "message": "",
    }


def test_recorded_actions_are_judged_by_the_policy_in_force(tmp_path: Path, home: Path, capsys: Captured) -> None:
    home.mkdir()
    (home / "policy.yml").write_text("computer_use: {max_clicks_per_minute: 1}\n", encoding="utf-8")
    actions = tmp_path / "actions.jsonl"
    actions.write_text(
        '{"action": "left_click", "coordinate": [1, 2], "at": 0}\n\n{"action": "left_click", "at": 59.5}\n'
        '{"action": "left_click", "at": 200}\n',
        encoding="utf-8",
    )
    assert occasio(["computer-use", "--dry-run", "--from", str(actions)]) == 1
    assert "3 actions, 2 may happen, 1 refused" in capsys.readouterr().out


def test_nothing_refused_is_success(tmp_path: Path) -> None:
    actions = tmp_path / "actions.jsonl"
    actions.write_text('{"action": "screenshot"}\n', encoding="utf-8")
    assert occasio(["computer-use", "--dry-run", "--from", str(actions)]) == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1"),
        ("[]", "line 1: an action is a JSON object"),
        ("{}", "neither a tool call nor an action"),
        ('{"input": {}}', "the block has no `name`"),
    ],
)
def test_a_bad_line_is_told(tmp_path: Path, capsys: Captured, line: str, said: str) -> None:
    actions = tmp_path / "actions.jsonl"
    actions.write_text(line, encoding="utf-8")
    assert occasio(["computer-use", "--dry-run", "--from", str(actions)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "arguments",
    [[], ["--dry-run"], ["--example"], ["--dry-run", "--example", "--from", "x"], ["--dry-run", "--from", "x"]],
)
def test_wrong_use_is_told(arguments: list[str]) -> None:
    assert occasio(["computer-use", *arguments]) == 2
