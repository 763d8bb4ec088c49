"""Presets and `--hardened` change what follows from a decision, and never whether there is one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from occasio_core.decide import decide
from occasio_core.model import Action, Case, Effect, EffectKind, Opinion, ToolPolicy
from occasio_core.policy.preset import laid_over
from tests.occasio_core.gates import POLICY, Denies
from tests.occasio_core.test_session import call


class Refuses:
    name = "refuses"

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def judge(self, case: Case, /) -> Opinion:
        return Opinion(action=Action.BLOCK, reason=self.reason, rule="rule", message="why")


def case(preset: str | None, **changes: object) -> Case:
    policy = laid_over(replace(POLICY, **changes), preset, hardened=False)  # type: ignore[arg-type]
    return Case(call=call("denied"), effects=(Effect(EffectKind.READ, "denied"),), policy=policy)


def test_without_a_preset_a_policy_stays_as_it_is():
    assert laid_over(POLICY, None, hardened=False) == POLICY


@pytest.mark.parametrize("redacts", [True, False])
def test_strict_holds_results_with_secrets_back_as_a_whole(redacts):
    policy = replace(POLICY, block_secrets_in_tool_results=False, redact_secrets_in_tool_results=redacts)
    strict = laid_over(policy, "strict", hardened=False)
    assert (strict.block_secrets_in_tool_results, strict.redact_secrets_in_tool_results) == (True, False)


def test_off_lets_happen_what_a_rule_denies_and_names_the_rule():
    decision = decide(case("off"), {"denies": Denies()})
    assert (decision.action, decision.first.reason) == (Action.PASS, "preset-off")
    assert decision.first.rule == "deny_paths: denied"
    assert [reason.opinion.reason for reason in decision.reasons][1] == "path-denied"


@pytest.mark.parametrize("reason", ["path-protected", "rule-failed"])
def test_off_does_not_open_what_occasio_rests_on(reason):
    assert decide(case("off"), {"r": Refuses(reason), "denies": Denies()}).action is Action.BLOCK


def test_off_does_not_run_what_cannot_be_understood():
    broken = replace(case("off"), call=call(problem="no object"))
    assert decide(broken, {}).first.reason == "malformed-input"


def test_off_leaves_a_call_that_passes_as_it_is():
    assert decide(case("off"), {}).first.reason == "ok"


def test_off_asks_nobody():
    assert decide(case("off", default_action=Action.ASK), {}).action is Action.PASS


def test_hardened_makes_local_what_can_be_run_and_passes():
    tools = {"grep": ToolPolicy(action=Action.BLOCK), "read_file": ToolPolicy(action=Action.PASS, max_output_tokens=9)}
    hardened = laid_over(
        replace(POLICY, tools=tools), None, hardened=True, runnable=["read_file", "grep", "find_files", "shell"]
    )
    assert {name: entry.action for name, entry in hardened.tools.items()} == {
        "grep": Action.BLOCK,
        "read_file": Action.LOCAL,
        "find_files": Action.LOCAL,
    }
    assert hardened.tools["read_file"].max_output_tokens == 9


@pytest.mark.parametrize("other", [Action.ASK, Action.BLOCK])
def test_hardened_lets_nothing_through_that_is_asked_about_or_refused_as_all_others(other: Action) -> None:
    hardened = laid_over(replace(POLICY, default_action=other), None, hardened=True, runnable=["read_file"])
    assert "read_file" not in hardened.tools
