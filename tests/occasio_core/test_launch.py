"""Known agents are found by their names and by their programs."""

from __future__ import annotations

import pytest

from occasio_core.launch import AGENTS, known_agent


@pytest.mark.parametrize(
    ("name", "command", "agent"),
    [
        (None, "codex", "codex"),
        (None, "/usr/local/bin/codex", "codex"),
        (None, "Codex.EXE", "codex"),
        (None, "claude.cmd", "claude-code"),
        ("codex", "npx", "codex"),
        ("my-own", "codex", "codex"),
        ("my-own", "python", None),
        (None, "not-codex", None),
    ],
)
def test_an_agent_is_known_by_the_name_that_is_given_or_by_its_program(
    name: str | None, command: str, agent: str | None
) -> None:
    known = known_agent(name, command)
    assert (known.name if known else None) == agent


def test_each_agent_has_a_name_and_a_program_of_its_own() -> None:
    assert len({agent.name for agent in AGENTS}) == len({agent.program for agent in AGENTS}) == len(AGENTS)
