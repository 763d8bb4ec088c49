"""A session says what becomes of each event, and a row always comes before what depends on it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core.budget import Budget
from occasio_core.commands import Answer, Ran, Record, Refuse, Release, Return, Run, Withhold
from occasio_core.interfaces import Permit, PolicyRule, SecretScanner, ToolHandler
from occasio_core.model import (
    Action,
    CallId,
    Case,
    Earlier,
    Effect,
    EffectKind,
    Opinion,
    Policy,
    RequestDone,
    Secret,
    SessionId,
    ToolCall,
    ToolPolicy,
    ToolResult,
)
from occasio_core.session import Session
from occasio_core.shape import Shaper
from occasio_verify import Json, canonical
from tests.occasio_core.gates import PRICES

POLICY = Policy(source="user", path="/policy.yml", text="version: 1\n", sha256="0" * 64)


@dataclass(frozen=True)
class Denies:
    """Denies calls that touch a name."""

    denied: str
    name: str = "denies"

    def judge(self, case: Case, /) -> Opinion | None:
        if any(self.denied in effect.names for effect in case.effects):
            return Opinion(action=Action.BLOCK, reason="path-denied", rule=f"deny_paths: {self.denied}")
        return None


@dataclass(frozen=True)
class Reads:
    """Knows the tool Read."""

    name: str = "reads"
    tools: Mapping[str, str] = field(default_factory=lambda: {"Read": "read_file"})

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        return [Effect(EffectKind.READ, str(call.input["file_path"]))]

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        return {"path": call.input["file_path"]}


class RunsReads(Reads):
    """Runs it, too."""

    def run(self, call: ToolCall, permit: Permit, /) -> tuple[str, bool]:
        return "never called here", False


class Joins(Reads):
    """Puts the names that were let through before in front of the new one."""

    def joined(self, call: ToolCall, earlier: Sequence[Earlier], /) -> ToolCall:
        parts = [str(one.call.input["file_path"]) for one in earlier] + [str(call.input["file_path"])]
        return replace(call, input=MappingProxyType({"file_path": "".join(parts)}))


class JoinsNothing(Reads):
    """Cannot join what it should."""

    def joined(self, call: ToolCall, earlier: Sequence[Earlier], /) -> ToolCall:
        raise KeyError("x")


@dataclass(frozen=True)
class FindsWord:
    """Takes one word for a secret."""

    word: str = "hunter2"
    name: str = "words"

    def scan(self, text: str, /) -> Iterable[Secret]:
        start = text.find(self.word)
        if start >= 0:
            yield Secret(label="word", start=start, end=start + len(self.word))


def named(effects: Iterable[Effect], cwd: str, policy: Policy) -> tuple[Effect, ...]:
    return tuple(replace(effect, names=(f"{cwd}/{effect.target}",)) for effect in effects)


def session(
    policy: Policy = POLICY,
    *,
    handler: ToolHandler | None = None,
    rule: PolicyRule | None = None,
    scanner: SecretScanner | None = None,
    agent: str | None = None,
) -> Session:
    known = handler or Reads()
    return Session(
        policy=policy,
        rules={"denies": rule or Denies("/work/secret")},
        handlers=dict.fromkeys(known.tools, known),
        shaper=Shaper({"words": scanner or FindsWord()}),
        naming=named,
        budget=Budget(PRICES),
        agent=agent,
    )


def call(path: Json = "notes", **changes: object) -> ToolCall:
    made = ToolCall(
        session=SessionId("s"),
        call=CallId("toolu_1"),
        agent="claude-code",
        protocol="anthropic-http",
        tool="Read",
        input=MappingProxyType({"file_path": path}),
        input_digest="1" * 64,
        cwd="/work",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def result(*texts: str, call_id: str = "toolu_1", **changes: object) -> ToolResult:
    form = canonical(texts[0] if len(texts) == 1 else list(texts))
    made = ToolResult(
        session=SessionId("s"),
        call=CallId(call_id),
        agent="claude-code",
        protocol="anthropic-http",
        tool="Read",
        texts=texts,
        digest=hashlib.sha256(form).hexdigest(),
        size=len(form),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def members(command: object) -> Mapping[str, Json]:
    assert isinstance(command, Record)
    return command.members


def test_an_allowed_call_is_recorded_and_then_released() -> None:
    record, release = session().receive(call())
    assert (members(record)["action"], release) == ("PASS", Release(CallId("toolu_1")))


def test_a_denied_call_is_recorded_and_then_refused() -> None:
    record, refuse = session().receive(call("secret"))
    assert members(record)["action"] == "BLOCK"
    assert isinstance(refuse, Refuse)


@pytest.mark.parametrize(("path", "rule"), [("notes", None), ("secret", "deny_paths: /work/secret")])
def test_a_call_that_the_provider_carried_out_is_written_down_as_that_whatever_the_rules_say(
    path: str, rule: str | None
) -> None:
    record, release = session().receive(call(path, done_by_provider=True))
    said = members(record)
    assert (said["action"], said["reason"], said.get("rule")) == ("PASS", "provider-ran", rule)
    assert ("message" in said, release) == (False, Release(CallId("toolu_1")))


def test_what_the_model_is_told_of_a_refusal_is_in_its_row() -> None:
    record, refuse = session().receive(call("secret"))
    assert isinstance(refuse, Refuse)
    assert members(record)["message"] == refuse.text
    assert "deny_paths: /work/secret" in refuse.text


def test_a_row_says_of_whom_and_through_which_door_an_event_came() -> None:
    record, _ = session().receive(call())
    assert isinstance(record, Record)
    assert (record.kind, record.agent, record.protocol, record.session) == (
        "tool_call",
        "claude-code",
        "anthropic-http",
        "s",
    )


def test_rows_call_the_agent_what_the_person_calls_it() -> None:
    record, _ = session(agent="mine").receive(call())
    assert isinstance(record, Record)
    assert record.agent == "mine"


def test_a_call_that_cannot_be_read_is_refused_and_nothing_of_it_is_kept() -> None:
    record, refuse = session().receive(call(problem="input is not an object"))
    assert (members(record)["tool_inputs"], members(record)["effects"]) == ({}, [])
    assert refuse == Refuse(
        CallId("toolu_1"), "Refused by Occasio (malformed-input): input is not an object. Nothing was run."
    )


def test_nothing_that_was_only_guessed_is_kept() -> None:
    record, _ = session().receive(call(tool="Unheard", input=MappingProxyType({"text": "open /work/notes"})))
    assert (members(record)["tool_name"], members(record)["effects"], members(record)["tool_inputs"]) == (
        "Unheard",
        [],
        {},
    )


def test_a_secret_in_an_input_is_not_kept() -> None:
    record, _ = session().receive(call("dir/hunter2"))
    assert members(record)["tool_inputs"] == {"path": "dir/[REDACTED:word]"}
    assert members(record)["effects"] == ["read /work/dir/[REDACTED:word]"]


@pytest.mark.parametrize("value", [0.5, 2**60, object()], ids=["fraction", "too large", "no JSON"])
def test_a_call_of_which_no_row_can_be_made_is_refused(value: Json) -> None:
    class Odd(Reads):
        def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
            return {"value": value}

    record, refuse = session(handler=Odd()).receive(call())
    assert (members(record)["action"], members(record)["reason"]) == ("BLOCK", "not-recordable")
    assert isinstance(refuse, Refuse)


def test_a_handler_that_cannot_say_what_to_keep_blocks_the_call() -> None:
    class Broken(Reads):
        def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
            raise KeyError("secret words")

    record, refuse = session(handler=Broken()).receive(call())
    assert members(record)["message"] == (
        "Refused by Occasio (not-recordable): the handler reads failed with KeyError. Nothing was run."
    )
    assert isinstance(refuse, Refuse)


def test_a_path_too_long_for_a_row_blocks_the_call() -> None:
    _, refuse = session().receive(call("x" * 600_000))
    assert isinstance(refuse, Refuse)


LOCAL = replace(POLICY, tools={"read_file": ToolPolicy(action=Action.LOCAL)})


def test_a_local_call_is_recorded_and_then_run() -> None:
    handler = RunsReads()
    record, run = session(LOCAL, handler=handler).receive(call())
    assert members(record)["action"] == "LOCAL"
    assert isinstance(run, Run)
    assert (run.call, run.runner) == (call(), handler)


def test_what_a_running_tool_opens_is_judged_again() -> None:
    _, run = session(LOCAL, handler=RunsReads()).receive(call())
    assert isinstance(run, Run)
    assert [run.permit(Effect(EffectKind.READ, path)) for path in ("notes", "secret")] == [True, False]


def test_the_result_of_a_local_call_is_recorded_and_then_answered() -> None:
    record, answer = session(LOCAL, handler=RunsReads()).receive(Ran(call=call(), text="hello", is_error=False))
    assert members(record) == {
        "call_id": "toolu_1",
        "content_digest": hashlib.sha256(b'"hello"').hexdigest(),
        "result_kind": "local",
        "size": 7,
    }
    assert answer == Answer(CallId("toolu_1"), "hello", False)


def test_what_the_policy_kept_out_of_a_local_result_is_counted_in_its_row() -> None:
    ran = Ran(call=call(), text="hello", is_error=False, left_out=3)
    record, _ = session(LOCAL, handler=RunsReads()).receive(ran)
    assert members(record)["left_out"] == 3


def test_a_secret_in_the_result_of_a_local_call_is_held_back() -> None:
    record, answer = session(LOCAL, handler=RunsReads()).receive(Ran(call=call(), text="hunter2", is_error=False))
    assert members(record)["result_kind"] == "withheld"
    assert answer == Answer(CallId("toolu_1"), "[withheld by Occasio: it holds secrets (word)]", True)


def test_a_result_without_secrets_is_recorded_and_left_alone() -> None:
    (record,) = session().receive(result("hello"))
    assert members(record)["result_kind"] == "pass"


def test_a_result_with_a_secret_is_recorded_and_withheld() -> None:
    record, withhold = session().receive(result("pass hunter2"))
    notice = "[withheld by Occasio: it holds secrets (word)]"
    assert members(record) == {
        "call_id": "toolu_1",
        "content_digest": result("pass hunter2").digest,
        "result_kind": "withheld",
        "returned_digest": hashlib.sha256(canonical(notice)).hexdigest(),
        "returned_size": len(canonical(notice)),
        "secret_labels": ["word"],
        "secrets_redacted": 1,
        "size": 14,
    }
    assert withhold == Withhold(CallId("toolu_1"), notice)


REDACTING = replace(POLICY, redact_secrets_in_tool_results=True)


def test_a_redacted_result_is_recorded_and_then_returned() -> None:
    record, back = session(REDACTING).receive(result("pass hunter2"))
    assert (members(record)["result_kind"], members(record)["returned_digest"]) == (
        "transform",
        hashlib.sha256(b'"pass [REDACTED:word]"').hexdigest(),
    )
    assert back == Return(CallId("toolu_1"), ("pass [REDACTED:word]",))


def test_a_result_that_comes_again_is_shaped_again_and_not_recorded_again() -> None:
    gate = session(REDACTING)
    gate.receive(result("pass hunter2"))
    assert gate.receive(result("pass hunter2")) == [Return(CallId("toolu_1"), ("pass [REDACTED:word]",))]


def test_a_result_that_comes_again_with_other_content_is_recorded_again() -> None:
    gate = session()
    gate.receive(result("one"))
    assert [type(command) for command in gate.receive(result("two"))] == [Record]


def test_a_result_is_scanned_once() -> None:
    class Counts(FindsWord):
        count = 0

        def scan(self, text: str, /) -> Iterable[Secret]:
            Counts.count += 1
            return super().scan(text)

    gate = session(scanner=Counts())
    for _ in range(3):
        gate.receive(result("clean"))
    assert Counts.count == 1


def test_a_result_is_shaped_by_the_policy_of_the_moment() -> None:
    gate = session()
    gate.receive(result("pass hunter2"))
    gate.policy = REDACTING
    assert gate.receive(result("pass hunter2")) == [Return(CallId("toolu_1"), ("pass [REDACTED:word]",))]


def test_the_policy_can_be_replaced_between_calls() -> None:
    gate = session()
    gate.policy = replace(POLICY, tools={"Read": ToolPolicy(action=Action.BLOCK)})
    record, _ = gate.receive(call())
    assert members(record)["reason"] == "tool-denied"


def test_a_transform_of_the_call_shapes_its_result() -> None:
    tools = {"Read": ToolPolicy(action=Action.TRANSFORM, transform="redact-secrets")}
    gate = session(replace(POLICY, tools=tools))
    record, release = gate.receive(call())
    assert (members(record)["transform"], release) == ("redact-secrets", Release(CallId("toolu_1")))
    assert gate.receive(result("pass hunter2"))[1:] == [Return(CallId("toolu_1"), ("pass [REDACTED:word]",))]


def test_a_finished_request_is_recorded() -> None:
    done = RequestDone(
        session=SessionId("s"), agent="claude-code", protocol="anthropic-http", model="m", status=200, input_tokens=3
    )
    (record,) = session().receive(done)
    assert isinstance(record, Record)
    assert (record.kind, record.members["input_tokens"]) == ("request", 3)


policies = st.builds(
    replace,
    st.just(POLICY),
    tools=st.dictionaries(
        st.sampled_from(["Read", "read_file", "Other"]),
        st.builds(ToolPolicy, action=st.sampled_from(Action), transform=st.sampled_from([None, "redact-secrets"])),
    ),
    block_secrets_in_tool_results=st.booleans(),
    redact_secrets_in_tool_results=st.booleans(),
)
calls = st.builds(
    call,
    st.sampled_from(["notes", "secret", "hunter2", 7, None]),
    tool=st.sampled_from(["Read", "Other"]),
    problem=st.sampled_from(["", "broken"]),
)
events = st.one_of(
    calls,
    st.builds(result, st.sampled_from(["clean", "hunter2"]), call_id=st.sampled_from(["toolu_1", "toolu_2"])),
    st.builds(Ran, call=calls, text=st.sampled_from(["clean", "hunter2"]), is_error=st.booleans()),
)


@given(policy=policies, happening=st.lists(events, max_size=6), runs=st.booleans())
@settings(deadline=None, max_examples=150)
def test_nothing_is_let_go_refused_run_or_answered_before_its_row(
    policy: Policy, happening: list[ToolCall | ToolResult | Ran], runs: bool
) -> None:
    gate = session(policy, handler=RunsReads() if runs else Reads())
    recorded = set()
    for event in happening:
        for command in gate.receive(event):
            if isinstance(command, Record):
                recorded.add((command.kind, command.members["call_id"]))
                continue
            named_call = command.call.call if isinstance(command, Run) else command.call
            kind = "tool_call" if isinstance(event, ToolCall) else "tool_result"
            assert (kind, named_call) in recorded


@given(policy=policies, event=calls)
@settings(deadline=None, max_examples=100)
def test_what_was_decided_is_what_is_done(policy: Policy, event: ToolCall) -> None:
    record, done = session(policy, handler=RunsReads()).receive(event)
    allowed = {"PASS": Release, "LOCAL": Run, "TRANSFORM": Run | Release, "BLOCK": Refuse}
    assert isinstance(done, allowed[str(members(record)["action"])])


# Calls that say something only together


def decided(judge: Session, path: str, number: int) -> str:
    [record, *_] = judge.receive(call(path, call=CallId(f"toolu_{number}")))
    assert isinstance(record, Record)
    return str(record.members["action"])


def test_calls_that_belong_together_are_judged_together() -> None:
    judge = session(handler=Joins())
    assert [decided(judge, path, number) for number, path in enumerate(["se", "cr", "et"])] == ["PASS", "PASS", "BLOCK"]


def test_a_refused_call_is_not_joined_to_the_next() -> None:
    judge = session(handler=Joins())
    assert [decided(judge, path, number) for number, path in enumerate(["secret", "x"])] == ["BLOCK", "PASS"]


def test_a_call_that_belongs_to_others_keeps_its_own_digest_and_input_in_the_row() -> None:
    judge = session(handler=Joins())
    decided(judge, "no", 1)
    [record, *_] = judge.receive(call("tes", call=CallId("toolu_2")))
    assert isinstance(record, Record)
    assert record.members["tool_inputs"] == {"path": "tes"}


def test_a_handler_that_cannot_join_refuses_the_call() -> None:
    [record, refused] = session(handler=JoinsNothing()).receive(call("x"))
    assert isinstance(record, Record)
    assert (record.members["action"], record.members["reason"]) == ("BLOCK", "effects-unknown")
    assert isinstance(refused, Refuse)
