"""`occasio harness` tells by its exit code what came of the attacks."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from occasio_core import UsageError
from occasio_harness import occasio_register_commands
from occasio_harness.commands import exit_code, harness, redteam
from occasio_harness.scenarios.known import SCENARIOS


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(harness, arguments, catch_exceptions=False)


@pytest.fixture
def idle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH in which Claude Code is a program that does nothing."""
    file = tmp_path / "bin" / "claude"
    file.parent.mkdir()
    file.write_text(f"#!{sys.executable}\n", encoding="utf-8")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", str(file.parent))
    return tmp_path


def test_the_commands_are_those_of_the_plugin(tmp_path: Path) -> None:
    assert [command.name for command in occasio_register_commands(home=tmp_path)] == ["harness", "selftest", "redteam"]


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (["held", "held"], 0),
        (["held", "leaked", "inconclusive"], 1),
        (["held", "inconclusive"], 3),
        ([], 3),
    ],
)
def test_only_what_was_held_throughout_succeeds(verdicts: list[str], code: int) -> None:
    assert exit_code(verdicts, "held", "leaked") == code


def test_an_agent_that_does_nothing_fails_and_says_why(idle: Path) -> None:
    done = ran("--scenario", "deny-read", "--out", str(idle / "out"))
    assert done.exit_code == 3
    assert "INCONCLUSIVE  deny-read, claude" in done.stdout
    assert "the agent asked the model nothing" in done.stdout
    assert done.stdout.endswith(f"0 held, 0 leaked, 1 inconclusive\nThe evidence is in {idle / 'out'}\n")


def test_the_same_for_programs(idle: Path) -> None:
    done = ran("--scenario", "deny-read", "--json", "--out", str(idle / "out"))
    told = json.loads(done.stdout)
    assert (done.exit_code, told["schema"]) == (3, "occasio-harness/v1")
    assert [one["verdict"] for one in told["attacks"]] == ["inconclusive"]


def test_an_agent_that_is_named_and_not_there_is_inconclusive(idle: Path) -> None:
    done = ran("--scenario", "deny-read", "--agent", "codex")
    assert done.exit_code == 3
    assert "there is no program `codex` in PATH" in done.stdout


def test_without_any_agent_it_is_wrong_use(idle: Path) -> None:
    (idle / "bin" / "claude").unlink()
    with pytest.raises(UsageError, match="no agent that can be attacked"):
        ran()


@pytest.mark.parametrize("arguments", [("--scenario", "deny-reed"), ("--agent", "clod")])
def test_an_unknown_name_is_wrong_use(arguments: tuple[str, str]) -> None:
    with pytest.raises(UsageError):
        ran(*arguments)


def drove(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(redteam, arguments, obj=home, catch_exceptions=False)


def test_driving_an_agent_that_does_nothing_tells_nothing(idle: Path) -> None:
    done = drove(idle, "--rounds", "1", "--out", str(idle / "out"))
    assert done.exit_code == 3
    assert "INCONCLUSIVE  adversarial-read, claude, 1 rounds" in done.stdout
    assert "nothing was tried" in done.stdout
    told = json.loads(drove(idle, "--rounds", "1", "--json", "--out", str(idle / "out")).stdout)
    assert (told["schema"], told["outcome"]) == ("occasio-redteam/v1", "inconclusive")


def test_a_budget_is_an_amount_of_dollars(idle: Path) -> None:
    with pytest.raises(UsageError, match="--budget: `much` is not an amount"):
        drove(idle, "--budget", "much")


def test_live_without_a_key_is_wrong_use(idle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with pytest.raises(UsageError, match="a live tester needs a key"):
        drove(idle, "--live")


def test_the_list_needs_no_agent() -> None:
    done = ran("--list", "--json")
    assert [one["scenario"] for one in json.loads(done.stdout)["scenarios"]] == [one.name for one in SCENARIOS]
    assert len(ran("--list").stdout.splitlines()) == len(SCENARIOS)
