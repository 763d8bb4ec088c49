"""Requests: every text of every result is seen and can be replaced; nothing else is touched."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core import AgentProtocolError, CallId, canonical

KEY = "sk-test-0000"

SHAPES: dict[str, Any] = {
    "a text": KEY,
    "a list of texts": [{"type": "text", "text": "a"}, {"type": "text", "text": KEY}],
    "a text beside an image": [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
        {"type": "text", "text": KEY, "cache_control": {"type": "ephemeral", "ttl": "5m"}},
    ],
    "a document of text": [
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": KEY}, "title": "t"}
    ],
    "a document of blocks": [
        {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": KEY}]}}
    ],
    "a document's title": [
        {"type": "document", "title": KEY, "source": {"type": "base64", "media_type": "application/pdf", "data": "AA"}}
    ],
    "a document's context": [{"type": "document", "context": KEY, "source": {"type": "url", "url": "https://e.org"}}],
    "a search result": [
        {"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": KEY}]}
    ],
    "a reference to a tool": [{"type": "tool_reference", "tool_name": KEY}],
    "JSON in a text": json.dumps({"key": KEY}),
    "a kind that is not known": [{"type": "hologram", "layers": [[{"voice": KEY}]]}],
    "an object": {"type": "text", "text": KEY},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_text_of_a_result_can_be_replaced(talk: Any, shape: str) -> None:
    body = talk.request(talk.used("toolu_1", "Read", {}), talk.result("toolu_1", SHAPES[shape]))
    exchange = talk.open(body)
    texts = [text.replace(KEY, "[redacted]") for text in exchange.results()[0].texts]
    exchange.return_texts(CallId("toolu_1"), texts)
    assert exchange.outgoing() == body.replace(KEY.encode(), b"[redacted]")


@pytest.mark.parametrize("shape", SHAPES)
def test_the_digest_of_what_the_model_gets_instead_can_be_told(talk: Any, shape: str) -> None:
    exchange = talk.open(talk.request(talk.result("toolu_1", SHAPES[shape])))
    (result,) = exchange.results()
    texts = [text.replace(KEY, "[redacted]") for text in result.texts]
    told = hashlib.sha256(result.rewritten(texts)).hexdigest()
    exchange.return_texts(CallId("toolu_1"), texts)
    (sent,) = talk.open(exchange.outgoing()).results()
    assert told == sent.digest != result.digest


def test_a_result_has_the_input_of_its_call(talk: Any) -> None:
    body = talk.request(talk.used("toolu_1", "Bash", {"command": "ls"}), talk.result("toolu_1", "a"))
    assert talk.open(body).results()[0].input == {"command": "ls"}
    assert talk.open(talk.request(talk.result("toolu_9", "x"))).results()[0].input == {}


def test_encoded_files_are_not_texts(talk: Any) -> None:
    body = talk.request(talk.result("toolu_1", SHAPES["a text beside an image"]))
    assert talk.open(body).results()[0].texts == (KEY,)


@pytest.mark.parametrize("role", ["user", "assistant", "system"])
def test_a_result_is_found_in_any_role(talk: Any, role: str) -> None:
    body = talk.request({**talk.result("toolu_1", KEY), "role": role})
    assert [result.texts for result in talk.open(body).results()] == [(KEY,)]


def test_a_result_says_everything_that_is_recorded(talk: Any) -> None:
    content = [{"type": "text", "text": "é"}]
    body = talk.request(talk.used("toolu_1", "Read", {}), talk.result("toolu_1", content, is_error=True))
    (result,) = talk.open(body).results()
    assert (result.session, result.agent, result.protocol) == ("session-1", "claude-code", "anthropic-http")
    assert (result.call, result.tool, result.texts, result.is_error) == ("toolu_1", "Read", ("é",), True)
    assert result.digest == hashlib.sha256(canonical(content)).hexdigest()
    assert result.size == len(canonical(content))


def test_a_result_of_an_unknown_call_has_no_tool(talk: Any) -> None:
    assert talk.open(talk.request(talk.result("toolu_9", "x"))).results()[0].tool == ""


def test_a_result_without_content_has_no_texts(talk: Any) -> None:
    body = talk.request({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1"}]})
    (result,) = talk.open(body).results()
    assert (result.texts, result.size) == ((), len("null"))


def test_results_come_in_order_in_every_request(talk: Any) -> None:
    wire = talk.wire()
    body = talk.request(talk.result("toolu_2", "b"), talk.result("toolu_1", "a"))
    for _ in range(2):
        assert [result.call for result in talk.open(body, wire).results()] == ["toolu_2", "toolu_1"]


def test_two_results_of_one_call_are_one(talk: Any) -> None:
    body = talk.request(talk.result("toolu_1", "a"), talk.result("toolu_1", [{"type": "text", "text": KEY}]))
    exchange = talk.open(body)
    assert [result.texts for result in exchange.results()] == [("a", KEY)]
    exchange.return_texts(CallId("toolu_1"), ["a", "b"])
    assert KEY.encode() not in exchange.outgoing()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_withheld_result_is_one_notice(talk: Any, shape: str) -> None:
    body = talk.request(talk.result("toolu_1", SHAPES[shape], cache_control={"type": "ephemeral"}))
    exchange = talk.open(body)
    exchange.withhold(CallId("toolu_1"), "withheld: é")
    assert json.loads(exchange.outgoing()) == {
        **json.loads(body),
        "messages": [talk.result("toolu_1", "withheld: é", cache_control={"type": "ephemeral"}, is_error=True)],
    }


def test_withholding_wins_over_new_texts(talk: Any) -> None:
    exchange = talk.open(talk.request(talk.result("toolu_1", [{"type": "text", "text": KEY}])))
    exchange.return_texts(CallId("toolu_1"), ["x"])
    exchange.withhold(CallId("toolu_1"), "withheld")
    assert json.loads(exchange.outgoing())["messages"] == [talk.result("toolu_1", "withheld", is_error=True)]


def test_texts_of_another_number_are_a_mistake(talk: Any) -> None:
    exchange = talk.open(talk.request(talk.result("toolu_1", KEY)))
    with pytest.raises(ValueError, match="has 1 texts, not 2"):
        exchange.return_texts(CallId("toolu_1"), ["a", "b"])


ODD = (
    b' { "temperature":1.0, "top_p" : 1e-3,\r\n"x":"\\u00e9\\/", "messages":[{"role":"user","content":'
    b'[{"type":"tool_result","tool_use_id":"a","content":"\\u0073k"}]}],"n":-0 }\n'
)


def test_a_request_in_which_nothing_changes_goes_out_as_it_came(talk: Any) -> None:
    exchange = talk.open(ODD)
    exchange.return_texts(CallId("a"), exchange.results()[0].texts)
    assert exchange.outgoing() is ODD


def test_everything_around_a_new_text_keeps_its_spelling(talk: Any) -> None:
    exchange = talk.open(ODD)
    exchange.return_texts(CallId("a"), ["é"])
    assert exchange.outgoing() == ODD.replace(b'"\\u0073k"', '"é"'.encode())


CONTENTS = st.recursive(
    st.text(max_size=6) | st.booleans() | st.integers(-9, 9) | st.floats(-1, 1),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "content", "source", "data", "title", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.lists(CONTENTS, min_size=1, max_size=4), st.sampled_from([None, 1]))
@settings(deadline=None, max_examples=200)
def test_new_texts_are_all_that_changes(talk: Any, contents: list[Any], indent: int | None) -> None:
    messages = [talk.result(f"toolu_{number}", content) for number, content in enumerate(contents)]
    body = json.dumps({"messages": messages, "temperature": 1.0}, indent=indent).encode()
    exchange = talk.open(body)
    for result in exchange.results():
        exchange.return_texts(result.call, [f"<{text}>" for text in result.texts])
    expected = {"messages": [talk.result(f"toolu_{n}", marked(c)) for n, c in enumerate(contents)], "temperature": 1.0}
    assert json.loads(exchange.outgoing()) == expected


def marked(value: Any) -> Any:
    """Return `value` with every string marked, done the slow way."""
    match value:
        case str():
            return f"<{value}>"
        case list():
            return [marked(element) for element in value]
        case dict():
            return {name: marked(member) for name, member in value.items()}
        case _:
            return value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"messages":{}}',
        b'{"messages":["x"]}',
        b'{"messages":[{"role":"user"}]}',
        b'{"messages":[{"role":"user","content":{}}]}',
        b'{"messages":[{"role":"user","content":["x"]}]}',
        b'{"messages":[{"role":"user","content":[{"type":"tool_result","content":"x"}]}]}',
        b'{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":7,"content":"x"}]}]}',
        b'{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a"}]}]}',
        b'{"messages":[],"messages":[{"role":"user","content":"x"}]}',
        b'{"messages":[],"n":NaN}',
        b"\xff",
    ],
)
def test_a_request_without_one_reading_is_the_agents_fault(talk: Any, body: bytes) -> None:
    with pytest.raises(AgentProtocolError):
        talk.open(body)


@given(st.binary(max_size=80))
@settings(deadline=None, max_examples=200)
def test_garbage_is_the_agents_fault(talk: Any, garbage: bytes) -> None:
    with pytest.raises(AgentProtocolError):
        talk.open(garbage)


def test_a_tool_whose_schema_has_integers_of_64_bits_passes_untouched(talk: Any) -> None:
    properties = {"id": {"type": "integer", "minimum": -(2**63), "maximum": 2**64 - 1}}
    tools = [{"name": "mcp__db__find", "input_schema": {"type": "object", "properties": properties}}]
    body = talk.request(talk.result("toolu_1", KEY), tools=tools)
    exchange = talk.open(body)
    assert exchange.outgoing() == body
    exchange.return_texts(CallId("toolu_1"), ["[redacted]"])
    assert exchange.outgoing() == body.replace(KEY.encode(), b"[redacted]")


TOLD: dict[str, dict[str, Any]] = {
    "the system prompt": {"system": KEY},
    "a block of the system prompt": {"system": [{"type": "text", "text": KEY, "cache_control": {"type": "ephemeral"}}]},
    "a tool's description": {"tools": [{"name": "Read", "description": KEY, "input_schema": {"type": "object"}}]},
    "a person's words": {"messages": [{"role": "user", "content": KEY}]},
    "a block of a person's words": {"messages": [{"role": "user", "content": [{"type": "text", "text": KEY}]}]},
    "a message of the system in the middle": {"messages": [{"role": "system", "content": KEY}]},
    "a document": {
        "messages": [
            {
                "role": "user",
                "content": [
                    {
                        "type": "document",
                        "title": "plans",
                        "source": {"type": "text", "media_type": "text/plain", "data": KEY},
                    }
                ],
            }
        ]
    },
    "a block that nobody knows": {"messages": [{"role": "user", "content": [{"type": "hologram", "layers": [[KEY]]}]}]},
    "JSON in a text": {"messages": [{"role": "user", "content": [{"type": "text", "text": f'{{"a":"{KEY}"}}'}]}]},
}


@pytest.mark.parametrize("shape", TOLD)
def test_what_a_request_tells_besides_results_can_be_told_anew(talk: Any, shape: str) -> None:
    body = json.dumps({"model": "claude-x", "messages": [], **TOLD[shape]}, indent=1).encode()
    exchange = talk.open(body)
    assert KEY in "".join(text for texts in exchange.told() for text in texts)
    for number, texts in enumerate(exchange.told()):
        exchange.retell(number, [text.replace(KEY, "[gone]") for text in texts])
    assert exchange.outgoing() == body.replace(KEY.encode(), b"[gone]")


@pytest.mark.parametrize(
    "message",
    [
        {"role": "assistant", "content": [{"type": "text", "text": KEY}]},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": KEY, "signature": KEY}]},
        {"role": "assistant", "content": KEY},
        {"role": "user", "content": [{"type": "image", "source": {"type": "base64", "data": KEY}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": KEY}]},
    ],
)
def test_the_models_own_words_and_encoded_files_and_results_are_not_told_again(talk: Any, message: Any) -> None:
    exchange = talk.open(talk.request(message))
    assert not any(KEY in text for texts in exchange.told() for text in texts)


def test_blocks_of_one_message_are_read_together(talk: Any) -> None:
    texts = [{"type": "text", "text": text} for text in ("sk-", "told")]
    assert talk.open(talk.request({"role": "user", "content": texts})).told() == [("sk-", "told")]
