"""hook install, uninstall and status: where the hooks are, and what the person has to know."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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
    assert occasio("hook", "uninstall", "--agent", agent) == 0
    assert not (person / path).exists()
    assert occasio("hook", "status", "--agent", agent) == 1
    assert "no hooks of Occasio" in capsys.readouterr().out


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
