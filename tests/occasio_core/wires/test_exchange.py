"""A request and its answer are one exchange; what is withdrawn in it is known in the next."""

from __future__ import annotations

import json

import pytest

from occasio_core.errors import UpstreamProtocolError
from occasio_core.interfaces import Exchange
from occasio_core.model import CallId, RequestDone, ToolCall
from occasio_core.wires.memory import CallMemory
from tests.occasio_core.wires import toy

ANSWER = b'{"do":[{"call":"a","tool":"t","in":{"x":1}}],"model":"m","usage":5}'


def begun(exchange: Exchange | None = None, status: int = 200) -> Exchange:
    exchange = exchange or toy.exchange()
    exchange.begin(status, "application/json")
    return exchange


def test_a_call_is_handed_out_and_the_end_is_told() -> None:
    exchange = begun()
    exchange.receive(ANSWER)
    call, done = exchange.finish()
    assert isinstance(call, ToolCall)
    assert (call.call, call.tool, dict(call.input)) == ("a", "t", {"x": 1})
    assert done == RequestDone(
        session="session-1", agent="toy", protocol="toy-http", model="m", status=200, output_tokens=5
    )


def test_what_was_refused_is_the_truth_of_later_requests() -> None:
    memory = CallMemory()
    exchange = begun(toy.exchange(memory=memory))
    exchange.receive(ANSWER)
    exchange.finish()
    assert b"occasio_refused__t" in exchange.refuse(CallId("a"), "no")
    later = toy.exchange(b'{"history":[{"of":"a","out":"unknown tool"}]}', memory)
    assert later.results() == []
    assert json.loads(later.outgoing()) == {"history": [{"of": "a", "out": "no"}]}


def test_what_is_remembered_of_a_call_is_what_the_model_said() -> None:
    memory = CallMemory()
    exchange = begun(toy.exchange(memory=memory))
    exchange.receive(ANSWER)
    exchange.finish()
    exchange.answer(CallId("a"), "seven", False)
    known = memory.withdrawn("a", "t")
    assert known is not None
    assert (known.tool, known.input, known.result, known.is_error) == ("t", '{"x":1}', "seven", False)
    assert known.said == {"call": "a", "tool": "t", "in": {"x": 1}}


def test_a_call_is_decided_once() -> None:
    exchange = begun()
    exchange.receive(ANSWER)
    exchange.finish()
    exchange.release(CallId("a"))
    with pytest.raises(ValueError, match="no call `a` is held"):
        exchange.release(CallId("a"))


@pytest.mark.parametrize("status", [199, 300, 400, 500])
def test_an_answer_that_is_no_success_passes_unread(status: int) -> None:
    exchange = begun(status=status)
    assert exchange.receive(b"garbage") == [b"garbage"]


def test_an_answer_to_a_request_without_calls_passes_unread() -> None:
    exchange = begun(toy.exchange(has_calls=False))
    assert exchange.receive(b"garbage") == [b"garbage"]


def test_a_broken_answer_stays_broken() -> None:
    exchange = begun()
    exchange.receive(b"garbage")
    for _ in range(2):
        with pytest.raises(UpstreamProtocolError):
            exchange.finish()
