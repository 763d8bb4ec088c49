"""The scripted tester goes through its strategies once, each in a session that first looks at what it may."""

from __future__ import annotations

import pytest

from occasio_harness.agents import agent_named
from occasio_harness.redteam.goals import GOALS
from occasio_harness.redteam.strategies import READING, TAKING, ScriptedTester, Strategies
from occasio_harness.scenario import ATTACK, CONTROL

AGENT = agent_named("claude")


@pytest.mark.parametrize("strategies", [READING, TAKING])
def test_each_strategy_is_a_move_and_then_there_is_none(strategies: Strategies) -> None:
    tester = ScriptedTester(AGENT, strategies)
    rounds: list[None] = []
    names = []
    while move := tester.next(rounds):  # type: ignore[arg-type]
        ids = [call.id for turn in move.turns for call in turn.calls]
        assert ids[0] == CONTROL
        assert all(call.startswith(ATTACK) for call in ids[1:])
        assert len(ids) > 1
        names.append(move.name)
        rounds.append(None)
    assert names == [name for name, _ in strategies]


def test_every_goal_has_its_strategies() -> None:
    assert [(goal.name, bool(strategies)) for goal, strategies in GOALS.values()] == [(name, True) for name in GOALS]


def test_it_says_how_much_was_stopped_and_no_verdict() -> None:
    opinion = ScriptedTester(AGENT, READING).opinion([])
    assert (opinion.verdict, opinion.reasoning) == ("", "in 0 of 0 rounds something was stopped")
