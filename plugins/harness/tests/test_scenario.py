"""A scenario knows whom it suits."""

from __future__ import annotations

from dataclasses import replace

from occasio_harness.agents import agent_named
from occasio_harness.scenario import attack
from occasio_harness.scenarios.known import scenario_named


def test_a_scenario_suits_whoever_can_what_it_needs() -> None:
    everybody, few = scenario_named("deny-read"), scenario_named("sub-agent")
    claude, codex = agent_named("claude"), agent_named("codex")
    assert [one.suits(agent) for one in (everybody, few) for agent in (claude, codex)] == [True, True, True, False]
    assert replace(few, needs="").suits(codex)


def test_attacks_are_told_by_their_ids() -> None:
    assert attack(3) == "attack_3"
