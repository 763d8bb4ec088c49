"""Agents are found by either name, and their calls are those that the gate knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core import UsageError
from occasio_harness.agents import AGENTS, Agent, McpServer, agent_named

each = pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: str(agent.program))


@each
def test_an_agent_is_found_by_either_name(agent: Agent) -> None:
    assert agent_named(agent.name) is agent_named(agent.program) is agent


def test_an_unknown_agent_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match="`nobody` is no agent") as raised:
        agent_named("nobody")
    assert "claude, codex" in raised.value.hint


@each
def test_the_task_is_one_word_of_the_command(agent: Agent) -> None:
    command = agent.command("do it; rm -rf /")
    assert command[0] == agent.program
    assert command.count("do it; rm -rf /") == 1
    assert "{}" not in command


@each
def test_calls_keep_their_ids(agent: Agent) -> None:
    made = [agent.shell("ls", "a"), agent.read("/x y", "b"), agent.write("/x", "t\n", "c"), agent.part("/x", 3, 9, "d")]
    assert [call.id for call in made] == ["a", "b", "c", "d"]


@each
def test_a_program_is_looked_for_where_one_is_told_first(agent: Agent, tmp_path: Path) -> None:
    program = tmp_path / agent.program
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    assert agent.found(tmp_path) == program


@pytest.mark.parametrize("agent", [agent for agent in AGENTS if agent.has_mcp], ids=lambda agent: str(agent.program))
def test_a_server_is_told_whole(agent: Agent) -> None:
    server = McpServer(name="files", command=("python", "-m", "x"), environment={"OCCASIO_HOME": "/h"})
    told = " ".join(agent.with_server(server))
    assert all(word in told for word in ("files", "python", "-m", "OCCASIO_HOME", "/h"))
    assert agent.turns_of_server("files", "read", {"path": "x"}, "attack_1")
