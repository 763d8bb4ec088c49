"""Limits and the budget: what is too much is written down first, and then does not happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from occasio_core.commands import Command, Ran, Record, Refuse, RefuseRequest, Release, RequestAsked, Round, Withhold
from occasio_core.model import Limits, Policy, RequestDone, SessionId
from occasio_verify import Json
from tests.occasio_core.gates import POLICY, SECRET, session
from tests.occasio_core.test_session import call, result

ASKED = RequestAsked(session=SessionId("s"), agent="a", protocol="p", model="m", size=1000, output_limit=250)
DONE = RequestDone(session=SessionId("s"), agent="a", protocol="p", model="m", status=200, input_tokens=7)
COST = 500 + 2 * 250  # the most that it can be: a token is two bytes at least, and the answer costs two for each


def limited(**limits: int) -> Policy:
    return replace(POLICY, limits=Limits(**limits))


def kinds(commands: list[Command]) -> list[str]:
    return [command.kind if isinstance(command, Record) else type(command).__name__ for command in commands]


def members(command: Command) -> Mapping[str, Json]:
    assert isinstance(command, Record)
    return command.members


def test_a_call_beyond_the_limit_is_refused_and_both_are_written_down():
    gate, here = session(limited(max_tool_calls_per_round=1)), Round()
    assert kinds(gate.receive(call(), here)) == ["tool_call", "Release"]
    exceeded, record, refuse = gate.receive(call(), here)
    assert members(exceeded) == {"limit": "max_tool_calls_per_round", "max": 1, "actual": 2}
    assert (members(record)["reason"], members(record)["rule"]) == (
        "limit-exceeded",
        "limits: max_tool_calls_per_round: 1",
    )
    assert isinstance(refuse, Refuse)
    assert "2 would be more than the 1 that the policy allows" in refuse.text


def test_the_next_round_counts_anew_and_the_run_does_not():
    gate = session(limited(max_tool_calls_per_round=1, max_tool_calls_per_run=2))
    assert [kinds(gate.receive(call(), Round())) for _ in range(3)] == [
        ["tool_call", "Release"],
        ["tool_call", "Release"],
        ["limit_exceeded", "tool_call", "Refuse"],
    ]


def test_a_call_that_is_denied_anyway_keeps_its_own_reason():
    gate, here = session(limited(max_tool_calls_per_round=1)), Round()
    gate.receive(call(), here)
    record, _ = gate.receive(call("denied"), here)
    assert members(record)["reason"] == "path-denied"


def test_a_result_beyond_the_bytes_is_withheld_for_the_whole_run_and_counted_once():
    gate = session(limited(max_bytes_to_model_per_run=20))
    assert kinds(gate.receive(result("x" * 10), Round())) == ["tool_result"]
    exceeded, record, withhold = gate.receive(result("y" * 10, call_id="toolu_2"), Round())
    assert members(exceeded) == {"limit": "max_bytes_to_model_per_run", "max": 20, "actual": 24}
    assert members(record)["result_kind"] == "withheld"
    assert isinstance(withhold, Withhold)
    assert gate.receive(result("y" * 10, call_id="toolu_2"), Round()) == [withhold]
    gate.policy = POLICY
    assert gate.receive(result("y" * 10, call_id="toolu_2"), Round()) == [withhold]
    assert kinds(gate.receive(result("z" * 1000, call_id="toolu_3"), Round())) == ["tool_result"]


def test_the_result_of_a_local_call_is_counted_too():
    gate = session(limited(max_bytes_to_model_per_round=10))
    commands = gate.receive(Ran(call=call(), text="x" * 20, is_error=False), Round())
    assert kinds(commands) == ["limit_exceeded", "tool_result", "Answer"]
    assert commands[-1].is_error  # type: ignore[union-attr]


def test_what_is_withheld_for_a_secret_is_not_counted():
    gate, here = session(limited(max_bytes_to_model_per_round=20)), Round()
    assert kinds(gate.receive(result(SECRET + "x" * 20), here)) == ["tool_result", "Withhold"]
    assert kinds(gate.receive(result("x" * 10, call_id="toolu_2"), here)) == ["tool_result"]


def test_requests_beyond_the_limit_are_refused():
    gate = session(limited(max_requests_per_run=1))
    assert gate.receive(ASKED, Round()) == []
    exceeded, refuse = gate.receive(ASKED, Round())
    assert members(exceeded) == {"limit": "max_requests_per_run", "max": 1, "actual": 2}
    assert refuse == RefuseRequest("limits: max_requests_per_run: 1: 2 would be more than the 1 that the policy allows")


def test_requests_under_way_cannot_together_spend_more_than_there_is():
    gate = session(budget=2 * COST)
    assert [kinds(gate.receive(ASKED, Round())) for _ in range(3)] == [[], [], ["limit_exceeded", "RefuseRequest"]]


def test_what_a_request_did_not_use_is_there_for_the_next():
    gate, here = session(budget=COST + 7), Round()
    gate.receive(ASKED, here)
    (record,) = gate.receive(DONE, here)
    assert members(record)["cost_micro_usd"] == 7
    assert gate.receive(ASKED, Round()) == []


def test_with_the_switch_off_a_request_beyond_the_budget_is_only_written_down():
    gate = session(replace(POLICY, block_requests_over_budget=False), budget=1)
    (exceeded,) = gate.receive(ASKED, Round())
    assert members(exceeded) == {"limit": "budget_micro_usd", "max": 1, "actual": COST}


def test_with_a_budget_a_model_without_a_price_is_refused():
    _, refuse = session(budget=10**9).receive(replace(ASKED, model="unheard"), Round())
    assert isinstance(refuse, RefuseRequest)
    assert "the price of the model `unheard` is not known" in refuse.text


def test_without_a_price_a_request_has_no_cost_in_its_row():
    (record,) = session().receive(replace(DONE, model="unheard"), Round())
    assert "cost_micro_usd" not in members(record)


@pytest.mark.parametrize("event", [call(), ASKED, result("x" * 30)], ids=["call", "request", "result"])
def test_with_the_preset_off_limits_are_written_down_and_not_obeyed(event):
    limits = limited(max_tool_calls_per_run=1, max_requests_per_run=1, max_bytes_to_model_per_run=1).limits
    gate = session(replace(POLICY, limits=limits, preset="off", block_requests_over_budget=False))
    gate.receive(call(), Round())
    gate.receive(ASKED, Round())
    commands = gate.receive(event, Round())
    assert "limit_exceeded" in kinds(commands)
    assert not any(isinstance(command, Refuse | RefuseRequest | Withhold) for command in commands)
    assert event != call() or isinstance(commands[-1], Release)
