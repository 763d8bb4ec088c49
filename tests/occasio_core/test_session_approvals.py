"""A call that a person must let through waits for her, and her answer holds for that call as it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from occasio_core.approvals.question import Ending, Question, Verdict, Waiting
from occasio_core.commands import Answered, Ask, Asked, Await, Command, Record, Refuse, Release, Run
from occasio_core.model import Action, Policy, ToolPolicy
from occasio_core.session import Session
from occasio_verify import Json
from tests.occasio_core.gates import POLICY, SECRET, RunsReads, session
from tests.occasio_core.test_session import call

ASKS = replace(POLICY, tools={"read_file": ToolPolicy(action=Action.ASK, message="may I?")})
GRANTED = Verdict(answer=Ending.GRANTED, approver="ada", method="cli")
DENIED = Verdict(answer=Ending.DENIED, approver="ada", method="cli", message="not today")
EXPIRED = Verdict(answer=Ending.EXPIRED, message="nobody answered in time")


def asked(gate: Session, path: str = "notes") -> Question:
    (ask,) = gate.receive(call(path))
    assert isinstance(ask, Ask)
    return ask.question


def answered(gate: Session, question: Question, verdict: Verdict) -> list[Command]:
    waiting = Waiting(approval_id="apr_1", expires_at="2026-01-01T00:05:00.000Z", question=question)
    recorded, waits = gate.receive(Asked(waiting))
    assert members(recorded) == {
        "approval_id": "apr_1",
        "call_id": "toolu_1",
        "expires_at": "2026-01-01T00:05:00.000Z",
        "input_digest": "1" * 64,
        "tool_name": "read_file",
    }
    assert waits == Await(waiting)
    return gate.receive(Answered(waiting, verdict))


def members(command: Command) -> Mapping[str, Json]:
    assert isinstance(command, Record)
    return command.members


def test_where_nobody_can_be_asked_the_call_is_refused() -> None:
    record, refuse = session(ASKS).receive(call())
    assert members(record)["reason"] == "approval-unavailable"
    assert isinstance(refuse, Refuse)


def test_a_call_that_is_let_through_is_recorded_and_then_released() -> None:
    gate = session(ASKS, can_ask=True)
    granted, decided, release = answered(gate, asked(gate), GRANTED)
    assert (granted.kind, members(granted)) == (  # type: ignore[union-attr]
        "approval_granted",
        {"approval_id": "apr_1", "approver": "ada", "method": "cli"},
    )
    told = members(decided)
    assert (told["action"], told["reason"], told["rule"], told["approval_id"]) == (
        "PASS",
        "approved",
        "tools: read_file",
        "apr_1",
    )
    assert isinstance(release, Release)


@pytest.mark.parametrize(
    ("verdict", "kind", "reason"),
    [(DENIED, "approval_denied", "approval-denied"), (EXPIRED, "approval_expired", "approval-expired")],
)
def test_a_call_that_is_not_let_through_is_refused_and_the_model_is_told(
    verdict: Verdict, kind: str, reason: str
) -> None:
    gate = session(ASKS, can_ask=True)
    ended, decided, refuse = answered(gate, asked(gate), verdict)
    assert ended.kind == kind  # type: ignore[union-attr]
    assert (members(decided)["action"], members(decided)["reason"]) == ("BLOCK", reason)
    assert isinstance(refuse, Refuse)
    assert verdict.message in refuse.text


def test_a_call_that_occasio_would_run_is_run_when_it_is_let_through() -> None:
    tools = {"read_file": ToolPolicy(action=Action.LOCAL), "Read": ToolPolicy(action=Action.ASK)}
    gate = session(replace(POLICY, tools=tools), RunsReads(), can_ask=True)
    _, decided, run = answered(gate, asked(gate), GRANTED)
    assert members(decided)["action"] == "LOCAL"
    assert isinstance(run, Run)


def test_what_is_denied_is_not_asked_about() -> None:
    record, _ = session(ASKS, can_ask=True).receive(call("denied"))
    assert members(record)["reason"] == "path-denied"


OTHER = replace(ASKS, sha256="9" * 64)
STRICTER = replace(POLICY, tools={"read_file": ToolPolicy(action=Action.BLOCK)}, sha256="8" * 64)


@pytest.mark.parametrize(("policy", "reason"), [(OTHER, "approval-stale"), (STRICTER, "tool-denied")])
def test_an_answer_under_another_policy_lets_nothing_through(policy: Policy, reason: str) -> None:
    gate = session(ASKS, can_ask=True)
    question = asked(gate)
    gate.policy = policy
    _, decided, refuse = answered(gate, question, GRANTED)
    assert members(decided)["reason"] == reason
    assert isinstance(refuse, Refuse)


def test_an_answer_lets_nothing_through_that_has_come_to_mean_something_else() -> None:
    gate = session(ASKS, can_ask=True)
    question = replace(asked(gate), touched=("read elsewhere ()",))
    _, decided, _ = answered(gate, question, GRANTED)
    assert members(decided)["reason"] == "approval-stale"


def test_a_person_sees_the_whole_input_and_no_secret() -> None:
    """Holes 65 and 71: nothing is clipped off, and nothing is shown or kept that the policy would redact."""
    gate = session(ASKS, can_ask=True)
    question = asked(gate, f"dir/{SECRET}/{'x' * 5000}")
    assert question.inputs == {"file_path": f"dir/[REDACTED:word]/{'x' * 5000}"}


def test_a_limit_comes_before_a_question() -> None:
    gate = session(replace(ASKS, limits=replace(ASKS.limits, max_tool_calls_per_run=1)), can_ask=True)
    asked(gate)
    assert [type(command).__name__ for command in gate.receive(call())] == ["Record", "Record", "Refuse"]
