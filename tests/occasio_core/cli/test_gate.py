"""`occasio gate` says what would become of a command, by its exit code too, and runs nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.occasio_core.cli.commands import Captured, assert_refused, occasio

pytestmark = pytest.mark.usefixtures("home")


def test_a_command_that_may_run_exits_0(capsys: Captured) -> None:
    assert occasio("gate", "git status") == 0
    assert capsys.readouterr().out.splitlines()[0] == "PASS  ok"


def test_a_command_that_is_refused_exits_1_and_says_why(capsys: Captured) -> None:
    assert occasio("gate", "cat .env") == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[:3] == [
        "BLOCK  path-denied",
        "  rule      deny_paths: **/.env",
        "  why       may not read `.env`",
    ]
    assert err == ""


def test_programs_get_everything(capsys: Captured) -> None:
    assert occasio("gate", "--json", "cat .env") == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["action"], said["reason"], said["rule"]) == ("BLOCK", "path-denied", "deny_paths: **/.env")
    assert ("read", ".env") in [(effect["kind"], effect["target"]) for effect in said["effects"]]
    assert said["opinions"][0]["by"] == "paths.deny"


def test_nothing_is_run_and_nothing_is_recorded(home: Path) -> None:
    occasio("gate", "touch made.txt")
    assert not Path("made.txt").exists()
    assert not home.exists()


def test_another_policy_can_be_asked(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "open.yml").write_text("deny_paths: ['!**/.env']\n", encoding="utf-8")
    assert occasio("gate", "cat .env", "--policy", tmp_path / "open.yml") == 0
    assert str(tmp_path / "open.yml") in capsys.readouterr().out


def test_a_relative_path_starts_where_the_agent_would_work(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "p.yml").write_text(f"deny_paths: [{tmp_path}/inner]\n", encoding="utf-8")
    (tmp_path / "inner").mkdir()
    assert occasio("gate", "cat a", "--policy", tmp_path / "p.yml") == 0
    assert occasio("gate", "cat a", "--policy", tmp_path / "p.yml", "--cwd", tmp_path / "inner") == 1


def test_an_unknown_flag_is_told_with_the_nearest(capsys: Captured) -> None:
    assert occasio("gate", "--jsn", "ls") == 2
    assert_refused(capsys, "--json", "occasio gate --help")


def test_a_policy_that_cannot_be_used_exits_2(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "p.yml").write_text("deny_path: []\n", encoding="utf-8")
    assert occasio("gate", "ls", "--policy", tmp_path / "p.yml") == 2
    assert_refused(capsys, "p.yml:1:1: the key `deny_path` is not known", "deny_paths")


def test_what_the_command_holds_cannot_write_to_the_terminal(capsys: Captured) -> None:
    occasio("gate", "cat $'\\e[31m'\x1b[31m.env")
    assert "\x1b" not in capsys.readouterr().out
