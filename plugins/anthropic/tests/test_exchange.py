"""A run's exchanges: what the agent never saw is true again in every later request."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from occasio_core import CallId, Exchange, HttpRequest, ToolCall

TRUE_INPUT = '{ "file_path": "/home/ada/.ssh/id", "n": 1.0, "é": "\\u00e9" }'
NOISE = "<tool_use_error>Error: No such tool available: occasio_refused__Read</tool_use_error>"


def refuse(exchange: Exchange, call: ToolCall) -> bytes:
    return exchange.refuse(call.call, "denied: path")


def answered(text: str, is_error: bool) -> Callable[[Exchange, ToolCall], bytes]:
    return lambda exchange, call: exchange.answer(call.call, text, is_error)


def echoed(talk: Any, agent: bytes, *later: dict[str, Any]) -> bytes:
    """Return the next request of an agent that got `agent`, could not run the call and goes on."""
    call = talk.answered([agent]).calls[0]
    used = talk.used(call.call, call.tool, dict(call.input))
    return talk.request(used, talk.result(call.call, NOISE, is_error=True), *later)


@pytest.fixture
def wire(talk: Any) -> Any:
    return talk.wire()


@pytest.fixture
def refused(talk: Any, wire: Any) -> bytes:
    """The agent's bytes of an answer whose one call was refused."""
    return talk.answered([talk.stream(talk.call(0, TRUE_INPUT))], refuse, wire=wire).agent


def test_the_model_sees_what_it_said_and_the_refusal(talk: Any, wire: Any, refused: bytes) -> None:
    upstream = json.loads(talk.open(echoed(talk, refused), wire).outgoing())
    assert upstream["messages"] == [
        talk.used("toolu_1", "Read", json.loads(TRUE_INPUT)),
        talk.result("toolu_1", "denied: path", is_error=True),
    ]


def test_the_input_goes_back_in_the_models_own_spelling(talk: Any, wire: Any, refused: bytes) -> None:
    assert TRUE_INPUT.encode() in talk.open(echoed(talk, refused), wire).outgoing()


def test_the_agent_never_learns_why(talk: Any, refused: bytes) -> None:
    assert b"denied" not in refused


def test_a_refused_call_has_no_result_of_the_agent(talk: Any, wire: Any, refused: bytes) -> None:
    assert list(talk.open(echoed(talk, refused), wire).results()) == []


def test_the_history_is_the_same_bytes_in_every_later_request(talk: Any, wire: Any, refused: bytes) -> None:
    first = talk.open(echoed(talk, refused), wire).outgoing()
    second = talk.open(echoed(talk, refused, {"role": "user", "content": "go on"}), wire).outgoing()
    assert second.startswith(first.removesuffix(b"]}"))


def test_an_answered_call_gets_occasios_own_result(talk: Any, wire: Any) -> None:
    stream = talk.stream(talk.call(0, TRUE_INPUT))
    agent = talk.answered(
        [stream], lambda exchange, call: exchange.answer(call.call, "12 lines", False), wire=wire
    ).agent
    upstream = json.loads(talk.open(echoed(talk, agent), wire).outgoing())
    assert upstream["messages"] == [
        talk.used("toolu_1", "Read", json.loads(TRUE_INPUT)),
        talk.result("toolu_1", "12 lines", is_error=False),
    ]


def test_an_answer_that_is_an_error_stays_one(talk: Any, wire: Any) -> None:
    stream = talk.stream(talk.call(0, TRUE_INPUT))
    agent = talk.answered(
        [stream], lambda exchange, call: exchange.answer(call.call, "no such file", True), wire=wire
    ).agent
    upstream = json.loads(talk.open(echoed(talk, agent), wire).outgoing())
    assert upstream["messages"][1]["content"][0]["is_error"] is True


def test_a_call_refused_in_a_document_is_restored_too(talk: Any, wire: Any) -> None:
    body = f'{{"content":[{{"type":"tool_use","id":"toolu_1","name":"Read","input":{TRUE_INPUT}}}]}}'.encode()
    talk.answered([body], refuse, kind="application/json", wire=wire)
    request = talk.request(talk.used("toolu_1", "occasio_refused__Read", {}), talk.result("toolu_1", NOISE))
    assert TRUE_INPUT.encode() in talk.open(request, wire).outgoing()


@pytest.mark.parametrize("name", ["invalid", "Read", "occasio_answered__Other"])
def test_a_call_is_known_by_its_id_whatever_the_agent_makes_of_its_name(
    talk: Any, wire: Any, refused: bytes, name: str
) -> None:
    request = talk.request(talk.used("toolu_1", name, {"x": 1}), talk.result("toolu_1", NOISE))
    upstream = json.loads(talk.open(request, wire).outgoing())
    assert upstream["messages"][0] == talk.used("toolu_1", "Read", json.loads(TRUE_INPUT))


def test_a_result_whose_call_was_forgotten_by_the_agent_is_restored(talk: Any, wire: Any, refused: bytes) -> None:
    upstream = json.loads(talk.open(talk.request(talk.result("toolu_1", NOISE)), wire).outgoing())
    assert upstream["messages"] == [talk.result("toolu_1", "denied: path", is_error=True)]


def test_an_input_that_could_not_be_read_is_restored_as_an_empty_one(talk: Any, wire: Any) -> None:
    agent = talk.answered([talk.stream(talk.call(0, '{"a":'))], refuse, wire=wire).agent
    upstream = json.loads(talk.open(echoed(talk, agent), wire).outgoing())
    assert upstream["messages"][0] == talk.used("toolu_1", "Read", {})


def test_calls_of_one_id_are_restored_each_for_itself(talk: Any, wire: Any) -> None:
    def decide(exchange: Exchange, call: ToolCall) -> bytes:
        return refuse(exchange, call) if call.problem else exchange.release(call.call)

    stream = talk.stream(talk.call(0, '{"a":1}'), talk.call(1, '{"a":2}'))
    first, second = talk.answered([talk.answered([stream], decide, wire=wire).agent]).calls
    assert (first.call, second.call) == ("toolu_1", "toolu_1_2")
    request = talk.request(
        talk.used("toolu_1", "Read", {"a": 1}),
        talk.used("toolu_1_2", second.tool, {}),
        talk.result("toolu_1", "ran"),
        talk.result("toolu_1_2", NOISE),
    )
    exchange = talk.open(request, wire)
    assert [result.texts for result in exchange.results()] == [("ran",)]
    assert json.loads(exchange.outgoing())["messages"] == [
        talk.used("toolu_1", "Read", {"a": 1}),
        talk.used("toolu_1_2", "Read", {"a": 2}),
        talk.result("toolu_1", "ran"),
        talk.result("toolu_1_2", "denied: path", is_error=True),
    ]


def test_a_lost_memory_restores_the_name_and_says_that_nothing_ran(talk: Any, refused: bytes) -> None:
    exchange = talk.open(echoed(talk, refused), talk.wire())
    call, result = json.loads(exchange.outgoing())["messages"]
    assert list(exchange.results()) == []
    assert call == talk.used("toolu_1", "Read", {})
    assert result["content"][0]["is_error"] is True
    assert "Nothing was run" in result["content"][0]["content"]


def test_a_lost_memory_says_the_same_in_every_request(talk: Any, refused: bytes) -> None:
    request = echoed(talk, refused)
    assert talk.open(request, talk.wire()).outgoing() == talk.open(request, talk.wire()).outgoing()


def test_a_count_of_tokens_gets_the_true_history_too(talk: Any, wire: Any, refused: bytes) -> None:
    request = echoed(talk, refused)
    counted = talk.open(request, wire, path="/v1/messages/count_tokens")
    assert counted.outgoing() == talk.open(request, wire).outgoing()


def test_another_run_knows_nothing_of_it(talk: Any, wire: Any, refused: bytes) -> None:
    request = talk.request(talk.used("toolu_1", "Read", {}), talk.result("toolu_1", "ran"))
    assert talk.open(request, talk.wire()).outgoing() == request


def test_exchanges_side_by_side_do_not_mix(talk: Any, wire: Any) -> None:
    one, two = talk.open(wire=wire), talk.open(wire=wire)
    for exchange in (one, two):
        exchange.begin(200, "text/event-stream")
    first, second = talk.call(0, '{"a":1}', "toolu_1"), talk.call(0, '{"a":2}', "toolu_2")
    for at in range(max(len(first), len(second))):
        one.receive(first[at : at + 1])
        two.receive(second[at : at + 1])
    assert (one.release(CallId("toolu_1")), two.release(CallId("toolu_2"))) == (first, second)


def test_a_call_that_is_not_held_cannot_be_decided(talk: Any) -> None:
    exchange = talk.open()
    exchange.begin(200, "text/event-stream")
    exchange.receive(talk.call(0, "{}"))
    exchange.release(CallId("toolu_1"))
    with pytest.raises(ValueError, match="no call `toolu_1` is held"):
        exchange.release(CallId("toolu_1"))


def test_an_exchange_says_who_asks_for_which_model(talk: Any) -> None:
    exchange = talk.open()
    assert (exchange.session, exchange.agent, exchange.model) == ("session-1", "claude-code", "claude-x")


def test_a_model_that_is_no_name_is_none(talk: Any) -> None:
    assert talk.open(b'{"model":7,"messages":[]}').model is None


@pytest.mark.parametrize(
    ("given", "limit"),
    [({"max_tokens": 5}, 5), ({}, 128_000), ({"max_tokens": -1}, 128_000), ({"max_tokens": True}, 128_000)],
)
def test_a_request_says_how_long_its_answer_may_be(talk: Any, wire: Any, given: dict[str, Any], limit: int) -> None:
    body = json.dumps({"messages": [], **given}).encode()
    assert talk.open(body, wire).output_limit == limit


def test_a_request_that_only_counts_makes_no_tokens(wire: Any) -> None:
    asked = HttpRequest(
        method="POST", path="/v1/messages/count_tokens", headers={}, body=b'{"messages": [], "max_tokens": 5}'
    )
    assert wire.exchange(asked, "/").output_limit is None
