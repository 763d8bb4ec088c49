"""`occasio explain` says of an event what was decided, by which rule of which policy, and what can be done about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core import home as places
from tests.occasio_core.cli.commands import Captured, assert_refused, occasio
from tests.samples import POLICY, Log, sha256

REFUSED, PASSED, STARTED = (f"evt-{seq:016}" for seq in (5, 2, 0))


def test_a_refusal_is_explained(log: Log, capsys: Captured) -> None:
    assert occasio("explain", REFUSED) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{REFUSED}  tool_call  2026-01-02T00:00:05.000Z"
    assert "BLOCK  path-denied" in lines
    assert "  rule      deny_paths: ~/.ssh" in lines
    assert "  touches   read /home/ada/.ssh/id" in lines
    assert '  to do     add `- "!~/.ssh"` to `deny_paths` in policy.yml if agents may use it' in lines
    assert "            the rule stood on line 3" in lines


def test_another_policy_today_is_said(log: Log, home: Path, capsys: Captured) -> None:
    occasio("explain", REFUSED)
    kept = places.policy_copy_path(home, sha256(POLICY.encode()))
    assert f"occasio policy diff {kept}" in capsys.readouterr().out.replace("\n            ", " ")
    (home / "policy.yml").write_text(POLICY, encoding="utf-8")
    occasio("explain", REFUSED)
    assert "it is in force still" in capsys.readouterr().out


def test_a_policy_that_is_not_kept_is_said(log: Log, home: Path, capsys: Captured) -> None:
    places.policy_copy_path(home, sha256(POLICY.encode())).unlink()
    assert occasio("explain", REFUSED) == 0
    assert "its text is not kept any more" in capsys.readouterr().out


def test_a_call_that_passed_has_its_result_and_no_remedy(log: Log, capsys: Captured) -> None:
    assert occasio("explain", PASSED) == 0
    out = capsys.readouterr().out
    assert "  result    tool_result, pass, 0 bytes" in out
    assert "to do" not in out


def test_any_other_event_is_shown_as_it_is(log: Log, capsys: Captured) -> None:
    assert occasio("explain", STARTED) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  command            claude" in lines
    assert '  enforcement_points ["proxy"]' in lines


def test_programs_get_the_rows(log: Log, capsys: Captured) -> None:
    assert occasio("explain", REFUSED, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["event"] == said["call"] == log.rows[5]
    assert said["policy"]["kind"] == "policy_loaded"
    assert said["results"] == []
    assert "!~/.ssh" in said["remedy"]


def test_an_unknown_event_is_refused(log: Log, capsys: Captured) -> None:
    assert occasio("explain", "evt-x") == 2
    assert_refused(capsys, "no event `evt-x`", "occasio audit verify")


def test_without_a_log_there_is_nothing_to_explain(home: Path, capsys: Captured) -> None:
    assert occasio("explain", "evt-x") == 2
    assert_refused(capsys, "no log at", "occasio run")
    assert not home.exists()


@pytest.mark.parametrize("width", [80, 120])
def test_it_fits_the_terminal(log: Log, capsys: Captured, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    occasio("explain", REFUSED)
    long = [line for line in capsys.readouterr().out.splitlines() if len(line) > width]
    assert [line for line in long if "/policies/" not in line] == []  # a path is not broken: it can be copied
