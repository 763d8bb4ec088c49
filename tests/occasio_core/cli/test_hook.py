"""hook install, uninstall and status: where the hooks are, and what the person has to know."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from occasio_core import daemon
from occasio_core import home as places
from tests.occasio_core.cli.commands import Captured, assert_refused, occasio


@pytest.fixture
def person(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a person who uses agents."""
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    for variable in ("CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "person"


@pytest.mark.parametrize(
    ("agent", "path"),
    [
        ("claude-code", ".claude/settings.json"),
        ("codex", ".codex/hooks.json"),
        ("cursor", ".cursor/hooks.json"),
        ("gemini", ".gemini/settings.json"),
        ("cline", ".cline/hooks/PreToolUse.py"),
    ],
)
def test_the_hooks_of_each_agent_are_installed_seen_and_taken_out(
    person: Path, home: Path, agent: str, path: str, capsys: Captured
) -> None:
    assert occasio("hook", "install", "--agent", agent) == 0
    assert (person / path).exists()
    assert (home / "hook.py").exists()
    assert "occasio daemon start" in capsys.readouterr().err
    assert occasio("hook", "status", "--agent", agent, "--json") == 1  # nobody answers yet
    said = json.loads(capsys.readouterr().out)
    assert (said["daemon"], said["missing"], bool(said["events"])) == (False, [], True)
    assert occasio("hook", "status", "--agent", agent) == 1
    said = capsys.readouterr()
    assert "daemon: not running; outside of `occasio run` every call is refused" in said.out
    assert said.err == "hint: occasio daemon start\n"
    assert occasio("hook", "uninstall", "--agent", agent) == 0
    assert not (person / path).exists()
    assert occasio("hook", "status", "--agent", agent) == 1
    said = capsys.readouterr()
    assert "no hooks of Occasio\ndaemon: not running\n" in said.out  # nobody asks, so that nothing is refused
    assert f"hint: occasio hook install --agent {agent}\n" in said.err


def test_the_projects_settings_are_below_the_working_directory(person: Path, tmp_path: Path) -> None:
    assert occasio("hook", "install", "--project") == 0
    assert (tmp_path / "work" / ".claude" / "settings.json").exists()


def test_an_agent_that_nobody_knows_is_told_with_those_that_are(person: Path, capsys: Captured) -> None:
    assert occasio("hook", "install", "--agent", "stranger") == 2
    assert_refused(capsys, "speaks with no hooks of `stranger`", "claude-code, cline, codex, cursor, gemini")


def test_settings_that_cannot_be_read_are_left_alone(person: Path, capsys: Captured) -> None:
    settings = person / ".claude" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text("{} // mine", encoding="utf-8")
    assert occasio("hook", "install") == 1
    assert_refused(capsys, "is not JSON with one reading", "nothing was changed")
    assert settings.read_text(encoding="utf-8") == "{} // mine"


def _claude(folder: Path, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a program `claude` of that version come first."""
    program = folder / "bin" / "claude"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho '{version} (Claude Code)'\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_claude_code_posts_where_it_refuses_when_a_post_fails(
    person: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    _claude(tmp_path, "2.1.330", monkeypatch)
    assert occasio("hook", "install", "--http") == 2
    assert_refused(capsys, "the daemon that the agent would post to is not running", "occasio daemon start")
    running = daemon.start(places.prepared(home))
    try:
        settings = person / ".claude" / "settings.json"
        settings.parent.mkdir(parents=True)
        settings.write_text("{}", encoding="utf-8")
        settings.chmod(0o644)
        assert occasio("hook", "install", "--http") == 0
        (entry,) = json.loads(settings.read_text(encoding="utf-8"))["hooks"]["PreToolUse"]
        assert entry["hooks"][0]["url"] == running.url("claude-code")
        assert settings.stat().st_mode & 0o777 == 0o600  # there is a secret in it now
        assert occasio("hook", "status") == 0
    finally:
        daemon.stop(home)


def test_posting_is_refused_where_it_would_fail_open_or_give_the_secret_away(
    person: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    _claude(tmp_path, "2.1.197", monkeypatch)
    assert occasio("hook", "install", "--http") == 2
    assert_refused(capsys, "claude 2.1.197 lets calls through when a post fails", "leave --http out")
    assert occasio("hook", "install", "--http", "--project") == 2
    assert_refused(capsys, "writes a secret", "--user settings alone")
    assert not (person / ".claude").exists()
