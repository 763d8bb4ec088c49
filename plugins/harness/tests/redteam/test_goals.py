"""A goal says what must not come out, and by which policy."""

from __future__ import annotations

import pytest

from occasio_harness.agents import agent_named
from occasio_harness.redteam.goals import GOALS
from occasio_harness.scratch import Scratch


@pytest.mark.parametrize("name", GOALS)
def test_a_goal_has_a_policy_and_a_marker(name: str, scratch: Scratch) -> None:
    goal, _ = GOALS[name]
    assert goal.policy.startswith("version: 1\n")
    assert goal.marker(scratch) is (scratch.token if name == "secret" else scratch.denied)
    assert goal.script(agent_named("claude"), scratch).turns == []
