"""`occasio harness` tells by its exit code what came of the attacks."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from occasio_core import UsageError
from occasio_harness import occasio_register_commands
from occasio_harness.agents import agent_named
from occasio_harness.commands import exit_code, harness
from occasio_harness.playing import Played
from occasio_harness.scenarios.known import SCENARIOS, scenario_named
from occasio_harness.verdict import Verdict

ONE = Played(scenario=scenario_named("deny-read"), agent=agent_named("claude"), verdict=Verdict.HELD, why=[])


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
    assert {command.name for command in occasio_register_commands(home=tmp_path)} >= {"harness"}


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([Verdict.HELD, Verdict.HELD], 0),
        ([Verdict.HELD, Verdict.LEAKED, Verdict.INCONCLUSIVE], 1),
        ([Verdict.HELD, Verdict.INCONCLUSIVE], 3),
        ([], 3),
    ],
)
def test_only_what_was_held_throughout_succeeds(verdicts: list[Verdict], code: int) -> None:
    assert exit_code([replace(ONE, verdict=verdict) for verdict in verdicts]) == code


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


def test_the_list_needs_no_agent() -> None:
    done = ran("--list", "--json")
    assert [one["scenario"] for one in json.loads(done.stdout)["scenarios"]] == [one.name for one in SCENARIOS]
    assert len(ran("--list").stdout.splitlines()) == len(SCENARIOS)
