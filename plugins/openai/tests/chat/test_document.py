"""Completions that come as one JSON document, as agents such as mini-swe-agent ask for them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from occasio_core import Exchange, ToolCall

JSON = "application/json"


def refuse(exchange: Exchange, call: ToolCall) -> bytes:
    return exchange.refuse(call.call, "not allowed")


def test_a_document_whose_calls_are_released_is_untouched(chat: Any) -> None:
    body = chat.document(chat.used(chat.tool_call("call_1"), chat.tool_call("call_2")), temperature=1.0)
    seen = chat.answered([body[:9], body[9:]], kind=JSON)
    assert [call.call for call in seen.calls] == ["call_1", "call_2"]
    assert seen.agent == body


def test_a_refused_call_is_all_that_changes(chat: Any) -> None:
    body = chat.document(chat.used(chat.tool_call("call_1", text='{"command":"cat .ssh"}'), chat.tool_call("call_2")))

    def decide(exchange: Exchange, call: ToolCall) -> bytes:
        return refuse(exchange, call) if call.call == "call_1" else exchange.release(call.call)

    expected = json.loads(body)
    expected["choices"][0]["message"]["tool_calls"][0]["function"] = {
        "name": "occasio_refused__bash",
        "arguments": "{}",
    }
    assert json.loads(chat.answered([body], decide, JSON).agent) == expected


def test_calls_of_every_choice_are_held(chat: Any) -> None:
    body = chat.document(chat.used(chat.tool_call("call_1")), chat.used(chat.tool_call("call_2")))
    assert [call.call for call in chat.answered([body], kind=JSON).calls] == ["call_1", "call_2"]


def test_a_function_call_of_the_old_form_is_held(chat: Any) -> None:
    message = {
        "role": "assistant",
        "content": None,
        "function_call": {"name": "bash", "arguments": '{"command":".ssh"}'},
    }
    seen = chat.answered([chat.document(message)], refuse, JSON)
    assert (seen.calls[0].tool, dict(seen.calls[0].input)) == ("bash", {"command": ".ssh"})
    assert b"occasio_refused__bash" in seen.agent
    assert b"ssh" not in seen.agent


@pytest.mark.parametrize(
    "message", [{"content": "hi"}, {"tool_calls": None, "function_call": None}, {"tool_calls": []}, None]
)
def test_a_message_without_calls_passes(chat: Any, message: Any) -> None:
    body = chat.document(message)
    assert chat.answered([body], kind=JSON).items == [body]


def test_tokens_are_counted(chat: Any) -> None:
    done = chat.answered([chat.document({"content": "hi"})], kind=JSON).done
    assert (done.model, done.input_tokens, done.output_tokens, done.complete) == ("gpt-x", 7, 2, True)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"choices":{}}',
        b'{"choices":["x"]}',
        b'{"choices":[{"message":"x"}]}',
        b'{"choices":[{"message":{"tool_calls":{}}}]}',
        b'{"choices":[{"message":{"tool_calls":["bash"]}}]}',
        b'{"choices":[{"message":{"tool_calls":[{"id":"a"}]}}]}',
        b'{"choices":[{"message":{"tool_calls":[{"function":{"name":"a","arguments":"{}"}}]}}]}',
        b'{"choices":[{"message":{"function_call":"x"}}]}',
        b'{"choices":[],"choices":[{"message":{}}]}',
    ],
)
def test_a_document_without_one_reading_is_the_providers_fault(chat: Any, body: bytes) -> None:
    seen = chat.answered([body], kind=JSON)
    assert seen.error
    assert not seen.agent
