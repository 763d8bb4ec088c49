"""Agents are found by their pin, and no run of one outlives its time."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from tests import real_agents
from tests.real_agents import AgentMissing, Finished, claude_code, clean_environment, require_claude_code, run

SH = shutil.which("sh") or "/bin/sh"


@pytest.fixture
def agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An agents folder that pins version 2.0.0 and has nothing installed."""
    pins = {"dependencies": {"@anthropic-ai/claude-code": "2.0.0"}}
    (tmp_path / "package.json").write_text(json.dumps(pins), encoding="utf-8")
    monkeypatch.setattr(real_agents, "AGENTS", tmp_path)
    return tmp_path


def install(agents: Path, version: str) -> Path:
    package = agents / "node_modules" / "@anthropic-ai" / "claude-code"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"version": version}), encoding="utf-8")
    program = agents / "node_modules" / ".bin" / "claude"
    program.parent.mkdir()
    program.touch(mode=0o755)
    return program


def test_an_installed_agent_of_the_pinned_version_is_found(agents: Path) -> None:
    program = install(agents, "2.0.0")
    assert claude_code() == program


def test_an_agent_that_is_not_installed_is_missing_with_the_command_that_installs_it(agents: Path) -> None:
    with pytest.raises(AgentMissing, match="not installed: npm install --prefix tests/agents"):
        claude_code()


def test_an_agent_of_another_version_is_missing(agents: Path) -> None:
    install(agents, "1.9.9")
    with pytest.raises(AgentMissing, match=r"1\.9\.9 is installed, 2\.0\.0 is pinned"):
        claude_code()


def test_an_installed_agent_without_a_program_is_missing(agents: Path) -> None:
    install(agents, "2.0.0").unlink()
    with pytest.raises(AgentMissing, match="no program"):
        claude_code()


def test_a_missing_agent_skips_the_test(agents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OCCASIO_REQUIRE_AGENTS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="not installed"):
        require_claude_code()


def test_a_missing_agent_that_must_be_there_fails_the_test(agents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCCASIO_REQUIRE_AGENTS", "1")
    with pytest.raises(pytest.fail.Exception, match="not installed"):
        require_claude_code()


def test_the_environment_of_an_agent_holds_nothing_of_the_callers_but_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "the caller's")
    environment = clean_environment(tmp_path / "home", "http://127.0.0.1:1")
    assert "the caller's" not in environment.values()
    assert (environment["PATH"], environment["HOME"]) == (os.environ["PATH"], str(tmp_path / "home"))


def test_a_finished_program_is_told_with_its_exit_code_and_both_streams(tmp_path: Path) -> None:
    finished = run([SH, "-c", "cat; echo out; echo err >&2; exit 3"], environment={}, directory=tmp_path)
    assert finished == Finished(returncode=3, stdout="out\n", stderr="err\n")


def test_a_program_that_runs_too_long_is_killed_with_its_children_and_fails_the_test(tmp_path: Path) -> None:
    stubborn = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    with pytest.raises(pytest.fail.Exception, match="ran for more than"):
        run([sys.executable, "-c", stubborn], environment={}, directory=tmp_path, timeout=0.5)


def test_the_answer_is_the_last_line_of_the_output() -> None:
    assert Finished(returncode=0, stdout='talk\n{"result": "ok"}\n', stderr="").answer == {"result": "ok"}
