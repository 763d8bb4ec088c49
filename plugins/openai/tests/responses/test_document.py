"""Answers that come as one JSON document, and answers that are passed on unread."""

from __future__ import annotations

import json
from typing import Any

import pytest

from occasio_core import CallId, Exchange, RequestDone, ToolCall

JSON = "application/json"


def refuse(exchange: Exchange, call: ToolCall) -> bytes:
    return exchange.refuse(call.call, "not allowed")


def test_every_call_comes_before_any_byte(responses: Any) -> None:
    body = responses.document(responses.message("é"), responses.item("call_1"), responses.custom("call_2"))
    exchange = responses.open()
    exchange.begin(200, JSON)
    assert exchange.receive(body) == []
    first, second, done = exchange.finish()
    assert [first.call, second.call] == ["call_1", "call_2"]
    assert isinstance(done, RequestDone)
    assert exchange.release(CallId("call_1")) == b""
    assert exchange.release(CallId("call_2")) == body


def test_a_refused_call_is_all_that_changes(responses: Any) -> None:
    body = responses.document(responses.message("é"), responses.item(text='{"cmd":"cat .ssh"}'), temperature=1.0)
    agent = json.loads(responses.answered([body], refuse, JSON).agent)
    expected = json.loads(body)
    expected["output"][1] |= {"name": "occasio_refused__exec_command", "arguments": "{}"}
    assert agent == expected


def test_tokens_are_counted(responses: Any) -> None:
    done = responses.answered([responses.document()], kind=JSON).done
    assert (done.model, done.input_tokens, done.cache_read_tokens, done.output_tokens) == ("gpt-x", 7, 3, 5)


@pytest.mark.parametrize("output", [None, []])
def test_a_response_without_output_has_no_calls(responses: Any, output: Any) -> None:
    body = json.dumps({"status": "queued", "output": output}).encode()
    assert responses.answered([body], kind=JSON).items == [body]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"output":{}}',
        b'{"output":"x"}',
        b'{"output":["function_call"]}',
        b'{"output":[],"output":[{"type":"function_call"}]}',
        b'{"output":[{"type":"function_call","name":"a","arguments":"{}"}]}',
        b'{"output":[{"type":"function_call","call_id":"a","arguments":"{}"}]}',
        b"\xff",
    ],
)
def test_a_document_without_one_reading_is_the_providers_fault(responses: Any, body: bytes) -> None:
    seen = responses.answered([body], kind=JSON)
    assert seen.error
    assert not seen.agent


def test_calls_in_a_shortened_history_are_not_calls(responses: Any) -> None:
    body = responses.document(responses.item())
    seen = responses.answered([body], kind=JSON, path="/v1/responses/compact")
    assert (seen.items, seen.done.output_tokens) == ([body], 5)


def test_an_answer_to_a_count_is_passed_on_byte_for_byte(responses: Any) -> None:
    assert responses.answered([b"garbage"], kind=JSON, path="/v1/responses/input_tokens").items == [b"garbage"]


def test_what_the_provider_has_carried_out_is_told_and_the_document_passes_untouched(responses: Any) -> None:
    body = responses.document({"type": "web_search_call", "id": "ws_1", "action": {"query": "q"}}, responses.item())
    seen = responses.answered([body], kind=JSON)
    assert [(call.call, call.done_by_provider) for call in seen.calls] == [("ws_1", True), ("call_1", False)]
    assert seen.agent == body
