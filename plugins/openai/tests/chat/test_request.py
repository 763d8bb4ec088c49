"""Requests: every text of every result is seen and can be replaced, the true history is told; nothing else is touched."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core import AgentProtocolError, CallId, Exchange, ToolCall, Wire

KEY = "sk-test-0000"
SHAPES: dict[str, Any] = {
    "a text": KEY,
    "a list of texts": [{"type": "text", "text": "a"}, {"type": "text", "text": KEY}],
    "a text beside a picture": [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "text", "text": KEY},
    ],
    "a kind that is not known": [{"type": "hologram", "layers": [[{"voice": KEY}]]}],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_text_of_a_result_can_be_replaced(chat: Any, shape: str) -> None:
    body = chat.request(chat.used(chat.tool_call()), chat.result("call_1", SHAPES[shape]))
    exchange = chat.open(body)
    (result,) = exchange.results()
    assert (result.call, result.tool, result.protocol) == ("call_1", "bash", "openai-chat")
    exchange.return_texts(CallId("call_1"), [text.replace(KEY, "[redacted]") for text in result.texts])
    assert exchange.outgoing() == body.replace(KEY.encode(), b"[redacted]")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_withheld_result_is_one_notice(chat: Any, shape: str) -> None:
    exchange = chat.open(chat.request(chat.result("call_1", SHAPES[shape])))
    exchange.withhold(CallId("call_1"), "withheld: é")
    assert json.loads(exchange.outgoing())["messages"] == [chat.result("call_1", "withheld: é")]


def test_encoded_files_are_not_texts(chat: Any) -> None:
    body = chat.request(chat.result("call_1", SHAPES["a text beside a picture"]))
    assert chat.open(body).results()[0].texts == (KEY,)


def test_a_request_in_which_nothing_changes_goes_out_as_it_came(chat: Any) -> None:
    body = b'{ "n":1.0,\r\n "messages":[{"role":"tool","tool_call_id":"a","content":"\\u0073k"}] }\n'
    exchange = chat.open(body)
    exchange.return_texts(CallId("a"), exchange.results()[0].texts)
    assert exchange.outgoing() is body


def withdrawn(chat: Any, wire: Wire, message: dict[str, Any]) -> dict[str, Any]:
    """Return what the agent was shown of a message whose calls were refused with `no: é`."""

    def refuse(exchange: Exchange, call: ToolCall) -> bytes:
        return exchange.refuse(call.call, "no: é")

    agent = chat.answered([chat.document(message)], refuse, "application/json", wire=wire).agent
    return json.loads(agent)["choices"][0]["message"]


CALLS: dict[str, dict[str, Any]] = {
    "a function": {
        "id": "call_1",
        "type": "function",
        "function": {"name": "bash", "arguments": '{ "command": "ls" }'},
    },
    "a broken input": {"id": "call_1", "type": "function", "function": {"name": "bash", "arguments": '{"command'}},
    "a custom tool": {"id": "call_1", "type": "custom", "custom": {"name": "apply_patch", "input": "*** Begin"}},
}


@pytest.mark.parametrize("case", CALLS)
def test_the_model_gets_its_own_call_and_the_refusal(chat: Any, case: str) -> None:
    wire = chat.wire()
    shown = withdrawn(chat, wire, chat.used(CALLS[case]))
    body = chat.request(shown, chat.result("call_1", "no such tool"))
    exchange = chat.open(body, wire)
    assert exchange.results() == []
    assert json.loads(exchange.outgoing())["messages"] == [chat.used(CALLS[case]), chat.result("call_1", "no: é")]
    more = chat.request(shown, chat.result("call_1", "no such tool"), {"role": "user", "content": "more"})
    assert chat.open(more, wire).outgoing().startswith(exchange.outgoing().removesuffix(b"]}"))


def test_an_agent_that_turns_a_custom_tool_into_a_function_gets_the_truth_told(chat: Any) -> None:
    wire = chat.wire()
    withdrawn(chat, wire, chat.used(CALLS["a custom tool"]))
    body = chat.request(chat.used(chat.tool_call(name="occasio_refused__apply_patch")))
    assert json.loads(chat.open(body, wire).outgoing())["messages"] == [chat.used(CALLS["a custom tool"])]


def test_a_function_call_of_the_old_form_is_restored_by_the_id_in_its_input(chat: Any) -> None:
    wire = chat.wire()
    message = {"role": "assistant", "content": None, "function_call": {"name": "bash", "arguments": '{"command":"ls"}'}}
    shown = withdrawn(chat, wire, message)
    result = {"role": "function", "name": "occasio_refused__bash", "content": "no such tool"}
    exchange = chat.open(chat.request(shown, result), wire)
    assert exchange.results() == []
    assert json.loads(exchange.outgoing())["messages"] == [message, {**result, "content": "no: é"}]


def test_a_result_of_the_old_form_is_seen(chat: Any) -> None:
    call = {"role": "assistant", "function_call": {"name": "bash", "arguments": "{}"}}
    exchange = chat.open(chat.request(call, {"role": "function", "name": "bash", "content": KEY}))
    (result,) = exchange.results()
    assert (result.call, result.tool, result.texts) == ("function_message_0", "bash", (KEY,))


def test_a_run_that_has_forgotten_tells_the_name_and_that_nothing_was_run(chat: Any) -> None:
    shown = chat.used(chat.tool_call(name="occasio_refused__bash"))
    exchange = chat.open(chat.request(shown, chat.result("call_1", "no such tool")))
    call, result = json.loads(exchange.outgoing())["messages"]
    assert call["tool_calls"][0] == chat.tool_call()
    assert "Nothing was run" in result["content"]


@pytest.mark.parametrize("options", [None, {}, {"include_usage": False}, {"x": 1}])
def test_a_stream_is_asked_what_it_costs(chat: Any, options: Any) -> None:
    members = {"stream": True, **({} if options is None else {"stream_options": options})}
    sent = json.loads(chat.open(chat.request(**members)).outgoing())
    assert sent["stream_options"] == {**(options or {}), "include_usage": True}
    assert sent["stream"] is True


@pytest.mark.parametrize(
    "members", [{}, {"stream": False}, {"stream": True, "stream_options": {"include_usage": True}}]
)
def test_an_agent_that_asks_or_does_not_stream_is_left_alone(chat: Any, members: dict[str, Any]) -> None:
    body = chat.request(**members)
    assert chat.open(body).outgoing() is body


@pytest.mark.parametrize(
    ("members", "limit"),
    [
        ({}, 128_000),
        ({"max_tokens": 5}, 5),
        ({"max_tokens": 5, "max_completion_tokens": 7}, 7),
        ({"max_tokens": 5, "n": 3}, 15),
        ({"max_tokens": True, "n": "x"}, 128_000),
    ],
)
def test_a_request_says_how_much_may_come_of_it(chat: Any, members: dict[str, Any], limit: int) -> None:
    assert chat.open(chat.request(**members)).output_limit == limit


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"messages":{}}',
        b'{"messages":["x"]}',
        b'{"messages":[{"role":"tool","content":"x"}]}',
        b'{"messages":[{"role":"tool","tool_call_id":7,"content":"x"}]}',
        b'{"messages":[{"role":"assistant","tool_calls":{}}]}',
        b'{"messages":[{"role":"assistant","tool_calls":["x"]}]}',
        b'{"messages":[{"role":"assistant","tool_calls":[{"id":"a"}]}]}',
        b'{"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"a"}}]}]}',
        b'{"messages":[{"role":"assistant","function_call":{}}]}',
        b'{"messages":[],"messages":[]}',
    ],
)
def test_a_request_without_one_reading_is_the_agents_fault(chat: Any, body: bytes) -> None:
    with pytest.raises(AgentProtocolError):
        chat.open(body)


@given(st.binary(max_size=80))
@settings(deadline=None, max_examples=100)
def test_garbage_is_the_agents_fault(chat: Any, garbage: bytes) -> None:
    with pytest.raises(AgentProtocolError):
        chat.open(garbage)


@pytest.mark.parametrize(
    "members",
    [
        {"messages": [{"role": "system", "content": KEY}]},
        {"messages": [{"role": "developer", "content": [{"type": "text", "text": KEY}]}]},
        {"messages": [{"role": "user", "content": [{"type": "hologram", "layers": [[KEY]]}]}]},
        {"tools": [{"type": "function", "function": {"name": "f", "description": KEY}}]},
        {"functions": [{"name": "f", "description": KEY}]},
    ],
)
def test_what_a_request_tells_besides_results_can_be_told_anew(chat: Any, members: Any) -> None:
    body = json.dumps({"model": "gpt-x", "messages": [], **members}, indent=1).encode()
    exchange = chat.open(body)
    for number, texts in enumerate(exchange.told()):
        exchange.retell(number, [text.replace(KEY, "[gone]") for text in texts])
    assert exchange.outgoing() == body.replace(KEY.encode(), b"[gone]")


def test_the_models_own_words_and_results_are_not_told_again(chat: Any) -> None:
    messages = [{"role": "assistant", "content": KEY}, chat.used(chat.tool_call()), chat.result("call_1", KEY)]
    assert not any(KEY in text for texts in chat.open(chat.request(*messages)).told() for text in texts)
