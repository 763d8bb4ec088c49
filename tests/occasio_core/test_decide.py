"""The strictest opinion wins, in whatever order opinions come, and whatever fails refuses."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core import (
    Action,
    CallId,
    Case,
    Effect,
    EffectKind,
    Opinion,
    Policy,
    SessionId,
    ToolCall,
    ToolPolicy,
    frozen,
)
from occasio_core.decide import decide, rule_on
from occasio_core.guess import MAX_CHARACTERS
from occasio_core.links import all_named as named

POLICY = Policy(source="user", path=None, text="", sha256="0" * 64)


def call(tool="Read", cwd="/work", problem="", **arguments):
    return ToolCall(
        session=SessionId("s"),
        call=CallId("c"),
        agent="a",
        protocol="p",
        tool=tool,
        input=frozen(arguments),
        input_digest="0" * 64,
        cwd=cwd,
        problem=problem,
    )


def case(**arguments):
    return Case(call=call(**arguments), effects=(), policy=POLICY)


@dataclass(frozen=True)
class Says:
    """Says one thing about everything."""

    opinion: object
    name: str = "says"

    def judge(self, case, /):
        return self.opinion


class Fails:
    """Fails on everything."""

    name = "fails"

    def judge(self, case, /):
        raise RuntimeError("password hunter2")


class Reads:
    """Knows Read."""

    name = "reads"
    tools = {"Read": "read_file"}  # noqa: RUF012

    def effects(self, call, /):
        return [Effect(EffectKind.READ, call.input["file_path"])]

    def normalised(self, call, /):
        return {}


class RunsReads(Reads):
    """Runs Read."""

    def run(self, call, permit, /):
        return "", False


class Denies:
    """Denies one name."""

    name = "denies"

    def __init__(self, denied):
        self.denied = denied

    def judge(self, case, /):
        if any(self.denied in effect.names for effect in case.effects):
            return Opinion(action=Action.BLOCK, reason="path-denied")
        return None


def says(action, reason="r", **more):
    return Says(Opinion(action=action, reason=reason, **more))


OPINIONS = st.builds(
    Opinion,
    action=st.sampled_from(Action),
    reason=st.sampled_from(["a", "b"]),
    rule=st.sampled_from([None, "x", "y"]),
    message=st.sampled_from(["", "m"]),
    transform=st.sampled_from([None, "t"]),
)
RULES = st.dictionaries(
    st.sampled_from([f"p.{letter}" for letter in "abcdef"]), st.builds(Says, st.none() | OPINIONS) | st.just(Fails())
)


@settings(max_examples=200, deadline=None)
@given(RULES, st.randoms())
def test_the_order_of_the_rules_does_not_matter(rules, random):
    names = list(rules)
    random.shuffle(names)
    assert decide(case(), {name: rules[name] for name in names}) == decide(case(), rules)


@settings(max_examples=200, deadline=None)
@given(RULES, OPINIONS)
def test_another_rule_never_makes_a_decision_less_strict(rules, opinion):
    before = decide(case(), rules, RunsReads())
    after = decide(case(), {**rules, "z.new": Says(opinion)}, RunsReads())
    assert after.action.strictness >= before.action.strictness


@settings(max_examples=200, deadline=None)
@given(RULES)
def test_a_decision_has_reasons_and_the_first_one_is_its_own(rules):
    decision = decide(case(), rules)
    assert decision.first.action is decision.action
    assert decision.action is not Action.ASK


def test_without_any_objection_a_call_passes():
    decision = decide(case(), {"p.a": Says(None)})
    assert [(reason.by, reason.opinion) for reason in decision.reasons] == [
        ("policy.tools", Opinion(action=Action.PASS, reason="ok"))
    ]


def test_all_reasons_are_kept_strictest_first():
    rules = {"p.a": says(Action.PASS), "p.b": says(Action.BLOCK), "p.c": says(Action.BLOCK)}
    assert [reason.by for reason in decide(case(), rules).reasons] == ["p.b", "p.c", "p.a", "policy.tools"]


def test_a_rule_that_raises_blocks_and_its_message_is_not_repeated():
    decision = decide(case(), {"p.bad": Fails()})
    assert (decision.action, decision.first.reason) == (Action.BLOCK, "rule-failed")
    assert "hunter2" not in decision.first.message


@pytest.mark.parametrize("nonsense", [True, "PASS", Action.PASS, 0, Opinion(action="PASS", reason="ok")])
def test_a_rule_that_returns_something_else_blocks(nonsense):
    assert decide(case(), {"p.bad": Says(nonsense)}).first.reason == "rule-failed"


def test_a_malformed_call_is_blocked_whatever_rules_say():
    decision = decide(case(problem="not-json"), {"p.a": says(Action.PASS)}, RunsReads())
    assert (decision.action, decision.first.reason) == (Action.BLOCK, "malformed-input")


def test_asking_is_refused_because_nobody_can_be_asked():
    decision = decide(case(), {"p.a": says(Action.ASK, rule="x")})
    assert (decision.action, decision.first.reason, decision.first.rule) == (Action.BLOCK, "approval-unavailable", "x")


def test_local_without_a_handler_that_runs_is_refused():
    assert decide(case(), {"p.a": says(Action.LOCAL)}, Reads()).first.reason == "no-local-handler"


def test_local_with_a_handler_that_runs_is_local():
    assert decide(case(), {"p.a": says(Action.LOCAL)}, RunsReads()).action is Action.LOCAL


def test_nobody_is_asked_about_what_could_not_be_done_all_the_same():
    rules = {"p.a": says(Action.LOCAL), "p.b": says(Action.ASK)}
    assert decide(case(), rules, Reads(), can_ask=True).first.reason == "no-local-handler"
    assert decide(case(), rules, RunsReads(), can_ask=True).action is Action.ASK


class RunsSome(RunsReads):
    """Runs nothing but what `able` says."""

    def __init__(self, able):
        self.able = able

    def can_run(self, call, /):
        if isinstance(self.able, Exception):
            raise self.able
        return self.able


def under_local(otherwise, handler, **arguments):
    tools = {"Read": ToolPolicy(action=Action.LOCAL, otherwise=otherwise)}
    return rule_on(call(file_path="a"), replace(POLICY, tools=tools), handler, {}, named, **arguments)


@pytest.mark.parametrize("able", [False, None, 1, "yes", OSError("hunter2")])
def test_local_is_refused_for_a_call_that_the_handler_cannot_run(able):
    ruling = under_local(Action.BLOCK, RunsSome(able))
    assert (ruling.decision.action, ruling.decision.first.reason, ruling.runner) == (Action.BLOCK, "not-local", None)
    assert "hunter2" not in ruling.decision.first.message


def test_local_holds_for_a_call_that_the_handler_can_run():
    handler = RunsSome(True)
    ruling = under_local(Action.PASS, handler)
    assert (ruling.decision.action, ruling.runner) == (Action.LOCAL, handler)


@pytest.mark.parametrize(
    ("otherwise", "action", "reason"),
    [(Action.PASS, Action.PASS, "ok"), (Action.ASK, Action.ASK, "approval-required")],
)
def test_what_cannot_be_run_here_is_what_the_entry_says_otherwise(otherwise, action, reason):
    ruling = under_local(otherwise, RunsSome(False), can_ask=True)
    assert (ruling.decision.action, ruling.decision.first.reason, ruling.runner) == (action, reason, None)
    assert ruling.decision.first.rule == "tools: Read"


@pytest.mark.parametrize("able", [True, False])
def test_shaping_alone_leaves_the_agent_what_not_every_call_of_can_be_run_here(able):
    tools = {"Read": ToolPolicy(action=Action.TRANSFORM, transform="redact-secrets")}
    ruling = rule_on(call(file_path="a"), replace(POLICY, tools=tools), RunsSome(able), {}, named)
    assert (ruling.decision.action, ruling.runner) == (Action.TRANSFORM, None)


@pytest.mark.parametrize(("able", "action"), [(True, Action.TRANSFORM), (False, Action.BLOCK)])
def test_what_is_shaped_is_run_here_if_a_rule_wants_it(able, action):
    class Here:
        name = "here"

        def judge(self, case, /):
            return Opinion(action=Action.LOCAL, reason="path-left-out")

    handler = RunsSome(able)
    tools = {"Read": ToolPolicy(action=Action.TRANSFORM, transform="redact-secrets")}
    ruling = rule_on(call(file_path="a"), replace(POLICY, tools=tools), handler, {"here": Here()}, named)
    assert (ruling.decision.action, ruling.runner) == (action, handler if able else None)


@pytest.mark.parametrize("name", ["Read", "read_file"])
def test_the_table_of_tools_knows_a_tool_by_both_its_names(name):
    policy = replace(POLICY, tools={name: ToolPolicy(action=Action.BLOCK, message="no")})
    decision = decide(Case(call=call(), effects=(), policy=policy), {}, Reads())
    assert decision.first == Opinion(action=Action.BLOCK, reason="tool-denied", rule=f"tools: {name}", message="no")


def test_of_two_entries_for_one_tool_the_stricter_holds():
    tools = {"Read": ToolPolicy(action=Action.PASS), "read_file": ToolPolicy(action=Action.BLOCK)}
    decision = decide(Case(call=call(), effects=(), policy=replace(POLICY, tools=tools)), {}, Reads())
    assert decision.action is Action.BLOCK


def test_the_transform_of_an_entry_is_told():
    policy = replace(POLICY, tools={"Read": ToolPolicy(action=Action.TRANSFORM, transform="redact-secrets")})
    decision = decide(Case(call=call(), effects=(), policy=policy), {}, Reads())
    assert (decision.action, decision.first.transform) == (Action.TRANSFORM, "redact-secrets")


def test_a_ruling_names_effects_and_tool():
    ruling = rule_on(call(file_path="a"), POLICY, Reads(), {}, named)
    assert ruling.case.effects == (Effect(EffectKind.READ, "a", ("/work/a",)),)
    assert (ruling.tool, ruling.runner, ruling.guessed) == ("read_file", None, False)


@pytest.mark.parametrize("action", [Action.LOCAL, Action.TRANSFORM])
def test_a_handler_that_runs_is_the_runner_of_what_is_not_passed(action):
    handler = RunsReads()
    ruling = rule_on(call(file_path="a"), POLICY, handler, {"p.a": says(action)}, named)
    assert ruling.runner is handler


def test_nobody_runs_a_call_that_passes_or_is_blocked():
    rulings = [
        rule_on(call(file_path="a"), POLICY, RunsReads(), {"p.a": says(action)}, named)
        for action in (Action.PASS, Action.BLOCK)
    ]
    assert [ruling.runner for ruling in rulings] == [None, None]


def test_a_handler_that_raises_blocks_and_its_message_is_not_repeated():
    ruling = rule_on(call(secret="hunter2"), POLICY, Reads(), {}, named)
    assert (ruling.decision.action, ruling.decision.first.reason) == (Action.BLOCK, "effects-unknown")
    assert "KeyError" in ruling.decision.first.message
    assert "file_path" not in ruling.decision.first.message


def test_a_handler_that_returns_no_effects_at_all_blocks():
    class Odd(Reads):
        def effects(self, call, /):
            return ["read /etc/passwd"]

    assert rule_on(call(), POLICY, Odd(), {}, named).decision.first.reason == "effects-unknown"


def test_a_path_that_cannot_be_named_blocks():
    ruling = rule_on(call(file_path="a\0b"), POLICY, Reads(), {}, named)
    assert (ruling.decision.action, ruling.decision.first.reason) == (Action.BLOCK, "effects-unknown")


def test_a_malformed_call_never_reaches_its_handler():
    ruling = rule_on(call(problem="duplicate-key"), POLICY, Reads(), {}, named)
    assert ruling.decision.first.reason == "malformed-input"


def test_a_tool_that_nobody_knows_is_judged_by_a_guess():
    ruling = rule_on(call(tool="Odd", command="cat .env"), POLICY, None, {"p.d": Denies("/work/.env")}, named)
    assert (ruling.decision.action, ruling.guessed, ruling.tool) == (Action.BLOCK, True, "Odd")


def test_what_is_too_much_to_guess_is_refused():
    ruling = rule_on(call(text="x" * (MAX_CHARACTERS + 1)), POLICY, None, {}, named)
    assert (ruling.decision.action, ruling.decision.first.reason) == (Action.BLOCK, "effects-unknown")


@pytest.mark.parametrize(
    ("action", "reason", "decided"),
    [
        (Action.PASS, "ok", Action.PASS),
        (Action.BLOCK, "tool-denied", Action.BLOCK),
    ],
)
def test_a_tool_that_the_policy_does_not_name_is_up_to_the_default_action(action, reason, decided):
    ruling = rule_on(call(tool="Odd"), replace(POLICY, default_action=action), None, {}, named)
    assert (ruling.decision.action, ruling.decision.first.reason) == (decided, reason)
    assert ruling.decision.first.rule == (None if action is Action.PASS else f"default_action: {action}")


@pytest.mark.parametrize("name", ["Read", "read_file"])
def test_a_tool_that_the_policy_names_is_not_up_to_the_default_action(name):
    policy = replace(POLICY, default_action=Action.BLOCK, tools={name: ToolPolicy(action=Action.PASS)})
    assert rule_on(call(file_path="a"), policy, Reads(), {}, named).decision.action is Action.PASS


def test_a_tool_may_have_a_reason_of_its_own():
    policy = replace(POLICY, tools={"Read": ToolPolicy(action=Action.BLOCK, reason="not-today")})
    assert rule_on(call(file_path="a"), policy, Reads(), {}, named).decision.first.reason == "not-today"


def test_what_only_occasio_can_carry_out_is_local_where_the_policy_leaves_it_to_the_agent():
    handler = RunsReads()
    only = replace(call(file_path="a"), only_here=True)
    ruling = rule_on(only, POLICY, handler, {}, named)
    assert (ruling.decision.action, ruling.runner) == (Action.LOCAL, handler)
    shaped = replace(POLICY, tools={"Read": ToolPolicy(action=Action.TRANSFORM, transform="redact-secrets")})
    assert rule_on(only, shaped, handler, {}, named).runner is handler
    lifted = replace(POLICY, preset="off", tools={"Read": ToolPolicy(action=Action.BLOCK)})
    assert rule_on(only, lifted, handler, {}, named).runner is handler
    assert rule_on(only, POLICY, None, {}, named).decision.first.reason == "no-local-handler"


def test_a_tool_that_is_not_what_it_was_is_refused_in_every_preset():
    changed = replace(case().call, objection="it says something else")
    for preset in (None, "off"):
        decision = rule_on(changed, replace(POLICY, preset=preset), None, {}, named).decision
        assert (decision.action, decision.first.reason) == (Action.BLOCK, "tool-changed")


@pytest.mark.parametrize(
    ("entries", "action"),
    [
        ({"mcp__fs": Action.BLOCK}, Action.BLOCK),
        ({"mcp__fs": Action.BLOCK, "mcp__fs__read": Action.PASS}, Action.PASS),
        ({"mcp__other": Action.BLOCK}, Action.PASS),
        ({"mcp__f": Action.BLOCK, "fs": Action.BLOCK}, Action.PASS),
    ],
)
def test_a_servers_entry_holds_for_its_tools_without_one_of_their_own(entries, action):
    policy = replace(POLICY, tools={name: ToolPolicy(action=one) for name, one in entries.items()})
    assert rule_on(call(tool="mcp__fs__read"), policy, None, {}, named).decision.action is action
