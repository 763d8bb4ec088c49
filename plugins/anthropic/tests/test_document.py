"""Answers that come as one JSON document, and answers that are passed on unread."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from occasio_core import CallId, Exchange, RequestDone, ToolCall

JSON = "application/json"
TEXT = {"type": "text", "text": "é then"}
THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}


def block(call: str = "toolu_1", arguments: Any = None, name: str = "Read", **members: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": call, "name": name, "input": arguments or {"file_path": "/a"}, **members}


def refuse(exchange: Exchange, call: ToolCall) -> bytes:
    return exchange.refuse(call.call, "not allowed")


def test_every_call_comes_before_any_byte(talk: Any) -> None:
    body = talk.document(TEXT, block("toolu_1"), block("toolu_2", name="Bash"))
    exchange = talk.open()
    exchange.begin(200, JSON)
    assert exchange.receive(body) == []
    first, second, done = exchange.finish()
    assert [first.call, second.call] == ["toolu_1", "toolu_2"]
    assert isinstance(done, RequestDone)
    assert exchange.release(CallId("toolu_1")) == b""
    assert exchange.release(CallId("toolu_2")) == body


def test_a_call_says_everything_that_rules_judge(talk: Any) -> None:
    call = talk.answered([talk.document(block())], kind=JSON).calls[0]
    assert (call.tool, dict(call.input), call.cwd, call.problem) == ("Read", {"file_path": "/a"}, "/work", "")
    assert call.input_digest == hashlib.sha256(b'{"file_path":"/a"}').hexdigest()


def test_a_document_without_calls_is_passed_on(talk: Any) -> None:
    body = talk.document(TEXT)
    assert talk.answered([body[:9], body[9:]], kind=JSON).items == [body]


def test_a_document_whose_calls_are_released_is_untouched(talk: Any) -> None:
    body = talk.document(THOUGHT, block(), temperature=1.0)
    assert talk.answered([body], kind=JSON).agent == body


def test_a_refused_call_is_all_that_changes(talk: Any) -> None:
    body = talk.document(THOUGHT, block("toolu_1"), block("toolu_2", {"command": "ls"}), TEXT)

    def decide(exchange: Exchange, call: ToolCall) -> bytes:
        return refuse(exchange, call) if call.call == "toolu_1" else exchange.release(call.call)

    agent = json.loads(talk.answered([body], decide, kind=JSON).agent)
    expected = json.loads(body)
    expected["content"][1] |= {"name": "occasio_refused__Read", "input": {}}
    assert agent == expected


def test_bytes_around_a_refused_call_are_untouched(talk: Any) -> None:
    body = b'{ "content" : [ {"type":"tool_use","id":"a","name":"Read","input":{"ssh":1}} ] , "n":1.0 }'
    agent = talk.answered([body], refuse, kind=JSON).agent
    assert agent == (
        b'{ "content" : [ {"type":"tool_use","id":"a","name":"occasio_refused__Read","input":{}} ] , "n":1.0 }'
    )


def test_calls_may_be_decided_in_any_order(talk: Any) -> None:
    body = talk.document(block("toolu_1"), block("toolu_2"))
    exchange = talk.open()
    exchange.begin(200, JSON)
    exchange.receive(body)
    exchange.finish()
    assert exchange.release(CallId("toolu_2")) == b""
    assert b"occasio_refused__Read" in exchange.refuse(CallId("toolu_1"), "no")


@pytest.mark.parametrize("arguments", [[], 7, "x", None])
def test_an_input_that_is_no_object_is_a_problem(talk: Any, arguments: Any) -> None:
    broken = {**block(), "input": arguments}
    call = talk.answered([talk.document(broken)], kind=JSON).calls[0]
    assert (dict(call.input), call.problem) == ({}, "input is not an object")
    assert call.input_digest == hashlib.sha256(json.dumps(arguments, indent=1).encode()).hexdigest()


def test_a_missing_input_is_a_problem(talk: Any) -> None:
    broken = {name: member for name, member in block().items() if name != "input"}
    assert talk.answered([talk.document(broken)], kind=JSON).calls[0].problem


def test_an_id_that_comes_twice_is_a_problem(talk: Any) -> None:
    calls = talk.answered([talk.document(block(), block())], kind=JSON).calls
    assert [call.problem for call in calls] == ["", "duplicate call id"]


def test_a_nested_call_is_not_a_call(talk: Any) -> None:
    body = talk.document({"type": "new_kind", "content": [block()]})
    assert talk.answered([body], kind=JSON).items == [body]


def test_tokens_are_counted(talk: Any) -> None:
    done = talk.answered([talk.document(TEXT)], kind=JSON).done
    assert (done.model, done.status, done.input_tokens, done.output_tokens) == ("claude-x", 200, 7, 2)
    assert done.complete


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"<html>",
        b"[]",
        b'{"content":{}}',
        b'{"content":"tool_use"}',
        b'{"content":["tool_use"]}',
        b'{"content":[],"content":[{"type":"tool_use"}]}',
        b'{"content":[{"type":"text","type":"tool_use"}]}',
        b'{"content":[{"type":"tool_use","name":"Read","input":{}}]}',
        b'{"content":[{"type":"tool_use","id":"a","input":{}}]}',
        b'data: {"type":"content_block_start"}\n\n',
        b"\xef\xbb\xbf{}",
        b"\xff",
    ],
)
def test_a_document_without_one_reading_is_the_providers_fault(talk: Any, body: bytes) -> None:
    seen = talk.answered([body], kind=JSON)
    assert seen.error
    assert not seen.agent


def test_a_document_beyond_the_limit_is_given_up(talk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_core.wires.document.DOCUMENT_LIMIT", 10)
    assert "longer than 10 bytes" in talk.answered([b"{", b" " * 10], kind=JSON).error


@pytest.mark.parametrize("kind", ["", "text/plain", "text/html", "application/json; charset=utf-8"])
def test_whatever_is_no_stream_is_read_as_a_document(talk: Any, kind: str) -> None:
    assert len(talk.answered([talk.document(block())], kind=kind).calls) == 1


def test_an_empty_answer_is_passed_on(talk: Any) -> None:
    assert talk.answered([], kind=JSON).error == ""


@pytest.mark.parametrize("status", [400, 429, 500, 529])
@pytest.mark.parametrize("kind", [JSON, "text/event-stream"])
def test_an_error_is_passed_on_byte_for_byte(talk: Any, status: int, kind: str) -> None:
    exchange = talk.open()
    exchange.begin(status, kind)
    seen = talk.carried(exchange, [b'{"type":', b"garbage"])
    assert seen.agent == b'{"type":garbage'
    assert seen.done.status == status
    assert seen.done.model == "claude-x"


@pytest.mark.parametrize("body", [b'{"input_tokens": 5 }', b"garbage"])
def test_an_answer_to_a_count_is_passed_on_byte_for_byte(talk: Any, body: bytes) -> None:
    seen = talk.answered([body], kind=JSON, path="/v1/messages/count_tokens")
    assert seen.items == [body]
    assert seen.done.input_tokens == 0


@pytest.mark.parametrize("status", [200, 201, 299])
def test_every_success_is_read(talk: Any, status: int) -> None:
    exchange = talk.open()
    exchange.begin(status, JSON)
    assert len(talk.carried(exchange, [talk.document(block())]).calls) == 1


def test_an_integer_of_64_bits_beside_the_calls_passes_untouched(talk: Any) -> None:
    body = talk.document(TEXT, block(), container={"id": 2**63})
    assert talk.answered([body], kind=JSON).agent == body


def test_a_call_whose_input_has_an_integer_of_64_bits_is_one_to_refuse(talk: Any) -> None:
    call = talk.answered([talk.document(block(arguments={"offset": 2**63}))], kind=JSON).calls[0]
    assert "integer-range" in call.problem
