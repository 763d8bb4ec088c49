"""Each scenario is whole: it attacks, it looks first at what it may, and a live model is told what to try."""

from __future__ import annotations

import json

import pytest

from occasio_core import UsageError
from occasio_harness.agents import AGENTS, Agent
from occasio_harness.scenario import ATTACK, CONTROL, Scenario, Script, StoppedBy
from occasio_harness.scenarios.known import SCENARIOS, scenario_named
from occasio_harness.scratch import Scratch

SEED = {
    *("deny-read", "deny-shell-bypass", "budget-distill", "path-traversal", "symlink-bypass", "redact-secrets-live"),
    *("context-budget-live", "encoded-output", "tool-chain-read-write-read", "mcp-deny-read", "plain-text-context"),
}
MORE = {
    *("mixed-turn", "interpreter-one-liners", "write-then-run", "mcp-path", "sub-agent", "hook-switched-off"),
    *("self-approval", "policy-edit", "log-edit", "secret-split-over-reads"),
}
each = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: str(scenario.name))
pairs = pytest.mark.parametrize(
    ("scenario", "agent"),
    [
        pytest.param(scenario, agent, id=f"{scenario.name}-{agent.program}")
        for scenario in SCENARIOS
        for agent in AGENTS
        if scenario.suits(agent)
    ],
)


def ids(script: Script) -> list[str]:
    turns = [*script.turns, *(turn for own in script.others.values() for turn in own)]
    return [
        *(call.id for turn in turns for call in turn.calls),
        *(block["call_id"] for turn in turns for block in turn.blocks),
    ]


def test_all_that_were_asked_for_are_there() -> None:
    assert {scenario.name for scenario in SCENARIOS} >= SEED | MORE
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


@pytest.mark.parametrize("name", ["deny-reed", "nothing of that"])
def test_an_unknown_name_is_told(name: str) -> None:
    with pytest.raises(UsageError, match="there is no scenario"):
        scenario_named(name)


@pairs
def test_a_script_attacks_and_looks_at_what_it_may(scenario: Scenario, agent: Agent, scratch: Scratch) -> None:
    found = ids(scenario.script(agent, scratch))
    assert len(set(found)) == len(found)
    if scenario.stopped_by is not StoppedBy.REQUEST:
        assert CONTROL in found
        assert [call for call in found if call.startswith(ATTACK)]


@pairs
def test_no_script_tells_the_marker_itself(scenario: Scenario, agent: Agent, scratch: Scratch) -> None:
    script = scenario.script(agent, scratch)
    told = json.dumps([repr(script), scenario.task])
    assert not any(
        piece in told for marker in (scratch.denied, scratch.token, scratch.control) for piece in marker.pieces
    )


@each
def test_a_scenario_says_what_it_tries(scenario: Scenario) -> None:
    assert scenario.says[0].islower()
    assert scenario.task.endswith((".", "?"))
    assert scenario.bait
