"""Members of rows say what was decided and what came of it, keep no secret, and are what the verifier reads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core.commands import Round
from occasio_core.decide import CORE, Ruling
from occasio_core.members import (
    MAX_KEPT,
    MOST_NAMES,
    Kept,
    call_members,
    input_names,
    kept,
    refusal_text,
    request_members,
    result_members,
    result_of,
    told_members,
)
from occasio_core.model import (
    Action,
    CallId,
    Case,
    Decision,
    Effect,
    EffectKind,
    Opinion,
    Policy,
    Reason,
    RequestDone,
    SessionId,
    ToolCall,
    ToolResult,
)
from occasio_core.redact import Shaped
from occasio_verify import Json, canonical, parse_row
from tests.samples import Log, start

CALL = ToolCall(
    session=SessionId("s"),
    call=CallId("toolu_1"),
    agent="claude-code",
    protocol="anthropic-http",
    tool="Read",
    input=MappingProxyType({"file_path": "notes"}),
    input_digest="1" * 64,
    cwd="/work",
)
DENIED = Opinion(action=Action.BLOCK, reason="path-denied", rule="deny_paths: ~/.ssh", message="may not read it")
PASSED = Opinion(action=Action.PASS, reason="ok")
DONE = RequestDone(session=SessionId("s"), agent="a", protocol="p", model="m", status=200)

TEXTS = st.text(max_size=20)


def sha256(value: Json) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def mask(text: str) -> str:
    return text.replace("hunter2", "[REDACTED:word]")


def decided(*opinions: Opinion, by: str = "paths.deny") -> Decision:
    return Decision(action=opinions[0].action, reasons=tuple(Reason(by=by, opinion=opinion) for opinion in opinions))


def ruling(decision: Decision) -> Ruling:
    policy = Policy(source="user", path=None, text="", sha256="0" * 64)
    case = Case(call=CALL, effects=(), policy=policy)
    return Ruling(case=case, decision=decision, tool="read_file", runner=None, guessed=False)


def result(*texts: str, **changes: Any) -> ToolResult:
    """A result whose content is the one text, or a list of them."""
    content: Json = texts[0] if len(texts) == 1 else list(texts)
    made = replace(result_of(CALL, "", is_error=False), texts=texts, digest=sha256(content))
    return replace(made, size=len(canonical(content)), **changes)


def unshaped(given: ToolResult) -> Shaped:
    return Shaped(texts=given.texts)


def assert_is_a_row(kind: str, members: Mapping[str, Json]) -> None:
    """Assert that the verifier takes a row with these members."""
    log, fields = Log(), dict[str, Any](members)
    start(log)
    row = log.append(kind, agent="claude-code", **fields)
    bare = {name: value for name, value in row.items() if name != "hash"}
    row = bare | {"hash": hashlib.sha256(canonical(bare)).hexdigest()}  # names of fields may be any text
    assert parse_row(canonical(row)).fields == row


# What is kept of an input


def test_an_input_is_kept_as_it_is() -> None:
    inputs: dict[str, Json] = {"path": "/a", "limit": 3, "all": True, "none": None, "more": {"x": ["y", 1]}}
    assert kept(inputs, (), mask) == Kept(inputs=inputs)


def test_a_frozen_input_is_kept_as_json() -> None:
    frozen: Mapping[str, Json] = MappingProxyType({"a": ("x", MappingProxyType({"b": 1}))})
    assert kept({"given": frozen}, (), mask).inputs == {"given": {"a": ["x", {"b": 1}]}}


def test_secrets_are_masked_in_names_and_values_at_any_depth() -> None:
    noted = kept({"hunter2": {"hunter2": ["say hunter2"]}}, (), mask)
    assert noted.inputs == {"[REDACTED:word]": {"[REDACTED:word]": ["say [REDACTED:word]"]}}


@pytest.mark.parametrize(
    ("effect", "kept_as"),
    [
        (Effect(EffectKind.READ, "a", ("/work/a", "/real/a")), "read /work/a"),
        (Effect(EffectKind.CONNECT, "example.com"), "connect example.com"),
        (Effect(EffectKind.DELETE, "x", ("/hunter2",)), "delete /[REDACTED:word]"),
    ],
)
def test_an_effect_is_kept_by_its_kind_and_first_name(effect: Effect, kept_as: str) -> None:
    assert kept({}, (effect,), mask).effects == (kept_as,)


@pytest.mark.parametrize(
    "value",
    [0.5, 2**53, -(2**53), float("nan"), object(), b"bytes", {"deep": [1.0]}],
    ids=lambda value: repr(value)[:12],
)
def test_what_no_row_can_hold_is_an_error(value: Any) -> None:
    with pytest.raises(ValueError, match="a row cannot hold"):
        kept({"value": value}, (), mask)


def test_a_lone_surrogate_cannot_be_held() -> None:
    with pytest.raises(ValueError, match="lone-surrogate"):
        kept({"path": "\ud800"}, (), mask)


@pytest.mark.parametrize(("size", "fits"), [(MAX_KEPT - 100, True), (MAX_KEPT, False)])
@pytest.mark.parametrize("where", ["inputs", "effects"])
def test_inputs_and_effects_have_a_limit(size: int, fits: bool, where: str) -> None:
    text = "x" * size
    inputs: dict[str, Json] = {"a": text} if where == "inputs" else {}
    effects = (Effect(EffectKind.READ, text),) if where == "effects" else ()
    with nullcontext() if fits else pytest.raises(ValueError, match="too much for a row"):
        kept(inputs, effects, mask)


def test_what_is_masked_does_not_count() -> None:
    assert kept({"a": "x" * MAX_KEPT}, (), lambda text: "" if len(text) > 9 else text).inputs == {"a": ""}


# A call


def test_a_decision_has_the_members_that_spec_names() -> None:
    written = Kept(inputs={"path": "notes"}, effects=("read /work/notes",))
    assert call_members(ruling(decided(DENIED)), decided(DENIED), written, "Refused.") == {
        "action": "BLOCK",
        "call_id": "toolu_1",
        "effects": ["read /work/notes"],
        "input_digest": "1" * 64,
        "input_names": ["file_path"],
        "message": "Refused.",
        "reason": "path-denied",
        "rule": "deny_paths: ~/.ssh",
        "tool_inputs": {"path": "notes"},
        "tool_name": "read_file",
    }


def test_the_shape_of_an_input_is_told_by_names_that_can_hold_no_secret() -> None:
    assert input_names({"file_path": "x", "b2": 1, "a-b": 2}) == ("a-b", "b2", "file_path")
    odd = {"ghp_aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF4hJ6": 1, "two words": 1, "x" * 50: 1, "": 1, "clé": 1}
    assert input_names(odd) == ("?",)
    assert len(input_names({"a" * number: 0 for number in range(1, 41)})) == MOST_NAMES


def test_what_does_not_apply_to_a_decision_is_absent() -> None:
    members = call_members(ruling(decided(PASSED)), decided(PASSED), Kept(), "")
    assert not {"message", "rule", "transform"} & set(members)


def test_the_opinion_that_decided_is_the_one_that_is_told() -> None:
    decision = decided(DENIED, replace(DENIED, reason="other", rule="other"), PASSED)
    members = call_members(ruling(decision), decision, Kept(), "")
    assert (members["reason"], members["rule"]) == ("path-denied", "deny_paths: ~/.ssh")


def test_the_transform_of_a_call_is_told() -> None:
    decision = decided(Opinion(action=Action.TRANSFORM, reason="ok", transform="redact-secrets"))
    assert call_members(ruling(decision), decision, Kept(), "")["transform"] == "redact-secrets"


opinions = st.builds(
    Opinion,
    action=st.sampled_from([Action.PASS, Action.LOCAL, Action.TRANSFORM, Action.BLOCK]),
    reason=TEXTS,
    rule=st.none() | TEXTS,
    transform=st.none() | TEXTS,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(opinions, st.dictionaries(TEXTS, json_values, max_size=3), st.lists(TEXTS, max_size=3), TEXTS)
def test_every_decision_makes_a_row(
    opinion: Opinion, inputs: dict[str, Json], targets: list[str], message: str
) -> None:
    decision = decided(opinion)
    written = kept(inputs, tuple(Effect(EffectKind.READ, target) for target in targets), mask)
    assert_is_a_row("tool_call", call_members(ruling(decision), decision, written, message))


# A result


def test_a_result_that_nobody_touched_is_told_by_its_digest_and_size() -> None:
    assert result_members(result("hello"), unshaped(result("hello")), unchanged="pass") == {
        "call_id": "toolu_1",
        "content_digest": sha256("hello"),
        "result_kind": "pass",
        "size": 7,
    }


def test_a_result_of_a_local_run_says_so() -> None:
    assert result_members(result("x"), unshaped(result("x")), unchanged="local")["result_kind"] == "local"


def test_a_tool_that_failed_is_told() -> None:
    failed = result("x", is_error=True)
    assert result_members(failed, unshaped(failed), unchanged="pass")["is_error"] is True


def test_a_redacted_result_is_a_transform_with_the_digest_of_what_the_model_got() -> None:
    shaped = Shaped(texts=("say [REDACTED:word]",), labels=("word",), count=1)
    members = result_members(result("say hunter2"), shaped, unchanged="pass")
    assert members["result_kind"] == "transform"
    assert members["returned_digest"] == sha256("say [REDACTED:word]")
    assert members["returned_size"] == len('"say [REDACTED:word]"')


def test_a_changed_result_says_what_changed_it_and_a_withheld_one_does_not() -> None:
    shaped = Shaped(texts=("short",), by=("distill-output", "clip"))
    assert result_members(result("long text"), shaped, unchanged="pass")["shaped_by"] == ["distill-output", "clip"]
    withheld = replace(shaped, texts=(), notice="[withheld]")
    assert "shaped_by" not in result_members(result("long text"), withheld, unchanged="pass")


def test_a_withheld_result_has_the_digest_of_the_notice() -> None:
    shaped = Shaped(texts=(), notice="[withheld]", labels=("a", "b"), count=2)
    members = result_members(result("one", "two"), shaped, unchanged="pass")
    assert (members["result_kind"], members["returned_digest"]) == ("withheld", sha256("[withheld]"))
    assert members["returned_size"] == len('"[withheld]"')


def test_secrets_that_were_found_and_let_through_are_labelled_and_not_counted() -> None:
    members = result_members(result("hunter2"), Shaped(texts=("hunter2",), labels=("word",)), unchanged="pass")
    assert members["secret_labels"] == ["word"]
    assert "secrets_redacted" not in members


@pytest.mark.parametrize(
    "given",
    [result("hunter2", "more"), replace(result("hunter2"), digest=sha256([{"type": "text", "text": "hunter2"}]))],
    ids=["several texts", "one text in a list"],
)
def test_no_digest_is_told_of_a_redacted_result_whose_shape_only_the_wire_knows(given: ToolResult) -> None:
    shaped = Shaped(texts=tuple("[REDACTED:word]" for _ in given.texts), labels=("word",), count=1)
    members = result_members(given, shaped, unchanged="pass")
    assert "returned_digest" not in members
    assert members["returned_size"] == shaped.size_of(given)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(TEXTS, max_size=3),
    st.none() | TEXTS,
    st.lists(TEXTS, max_size=2),
    st.integers(0, 9),
    st.booleans(),
    st.sampled_from(["pass", "local"]),
)
def test_every_outcome_makes_a_row(
    texts: list[str], notice: str | None, labels: list[str], count: int, is_error: bool, unchanged: str
) -> None:
    given = result(*texts, is_error=is_error)
    shaped = Shaped(texts=given.texts, notice=notice, labels=tuple(sorted({*labels})), count=count)
    assert_is_a_row("tool_result", result_members(given, shaped, unchanged=unchanged))


def test_a_call_carried_out_here_has_a_result_of_one_text() -> None:
    made = result_of(CALL, "12 lines", is_error=True)
    assert (made.call, made.tool, made.session) == (CALL.call, "Read", "s")
    assert (made.texts, made.digest, made.size, made.is_error) == (("12 lines",), sha256("12 lines"), 10, True)


def test_text_that_is_no_unicode_is_spelled_out() -> None:
    assert result_of(CALL, "a\ud800b", is_error=False).texts == ("a\\ud800b",)


# A request


def test_a_request_has_the_members_that_spec_names() -> None:
    done = replace(DONE, input_tokens=1, output_tokens=2, cache_read_tokens=3, cache_write_tokens=4)
    assert request_members(done, None) == {
        "cache_read_tokens": 3,
        "cache_write_tokens": 4,
        "input_tokens": 1,
        "model": "m",
        "output_tokens": 2,
        "status": 200,
    }


def test_what_a_request_has_cost_is_told_where_the_price_is_known() -> None:
    assert "cost_micro_usd" not in request_members(DONE, None)
    assert request_members(DONE, 0)["cost_micro_usd"] == 0


def test_a_request_that_broke_off_is_incomplete() -> None:
    assert request_members(replace(DONE, complete=False), None)["complete"] is False


@pytest.mark.parametrize("done", [DONE, replace(DONE, model=None, status=0, complete=False)])
@pytest.mark.parametrize("cost", [None, 0, 12])
def test_every_request_makes_a_row(done: RequestDone, cost: int | None) -> None:
    assert_is_a_row("request", request_members(done, cost))


# What the model is told


def test_a_refusal_tells_the_code_the_rule_the_message_and_what_a_person_can_do() -> None:
    assert refusal_text(decided(DENIED)) == (
        "Refused by policy (path-denied): deny_paths: ~/.ssh: may not read it. Nothing was run. "
        "A person can change this in policy.yml; do not try another way to reach it."
    )


def test_what_is_protected_in_every_policy_does_not_send_the_model_to_the_policy() -> None:
    own = Opinion(
        action=Action.BLOCK, reason="path-protected", rule="protected: ~/.occasio", message="may not write it"
    )
    assert refusal_text(decided(own)) == (
        "Refused by policy (path-protected): protected: ~/.occasio: may not write it. Nothing was run. "
        "This is protected in every policy, and only a person can do it; do not try another way to reach it."
    )


def test_a_refusal_without_a_rule_or_a_message_says_that_there_was_no_reason() -> None:
    bare = Opinion(action=Action.BLOCK, reason="no")
    assert refusal_text(decided(bare)).startswith("Refused by policy (no): no reason was given. ")


def test_what_no_policy_could_allow_does_not_send_the_model_to_the_policy() -> None:
    broken = Opinion(action=Action.BLOCK, reason="malformed-input", message="input is not an object")
    assert refusal_text(decided(broken, by=CORE)) == (
        "Refused by Occasio (malformed-input): input is not an object. Nothing was run."
    )


def test_what_a_rule_made_the_gate_refuse_sends_the_model_to_the_policy() -> None:
    unasked = Opinion(action=Action.BLOCK, reason="approval-unavailable", rule="tools: Bash")
    assert "policy.yml" in refusal_text(decided(unasked, by=CORE))


def test_a_request_says_which_secrets_were_in_it_and_how_many_were_taken_out() -> None:
    assert told_members(Round()) == {}
    found = told_members(Round(secret_labels=("a", "b"), secrets_redacted=3))
    assert found == {"secret_labels": ["a", "b"], "secrets_redacted": 3}
