"""A batch's requests and answers are those of both protocols, each read as if it came alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from occasio_core import AgentProtocolError, Exchange, ToolCall
from occasio_openai import ResponsesAdapter

FORM = {"content-type": "multipart/form-data; boundary=5fbc2d18f5ad74c330d2d779849a7914"}
CHAT = {"model": "gpt-5", "messages": [{"role": "user", "content": "hi"}]}
RESULT = {"type": "function_call_output", "call_id": "call_1", "output": "tea"}
RESPONSE = {
    "model": "gpt-5",
    "input": [{"type": "function_call", "call_id": "call_1", "name": "r", "arguments": "{}"}, RESULT],
}
VECTOR = {"model": "text-embedding-3", "input": ["tea at four"]}


def line(url: str, body: Any) -> bytes:
    return json.dumps({"custom_id": "one", "method": "POST", "url": url, "body": body}, separators=(",", ":")).encode()


def form(*lines: bytes) -> bytes:
    """Return the form as the openai 3.57.0 library for Python sent it."""
    edge = b"--5fbc2d18f5ad74c330d2d779849a7914"
    return (
        edge + b'\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n' + edge
        + b'\r\nContent-Disposition: form-data; name="file"; filename="batch.jsonl"\r\n'
        + b"Content-Type: application/octet-stream\r\n\r\n" + b"".join(one + b"\n" for one in lines) + b"\r\n"
        + edge + b"--\r\n"
    )  # fmt: skip


BATCH = form(line("/v1/chat/completions", CHAT), line("/v1/responses", RESPONSE), line("/v1/embeddings", VECTOR))


def test_the_requests_of_an_uploaded_batch_are_read_each_in_its_protocol(responses: Any) -> None:
    exchange = responses.open(BATCH, path="/v1/files", headers=FORM)
    chat, response, vector = (one for part in exchange.parts() for one in part.parts())
    assert (chat.model, chat.told()) == ("gpt-5", [("hi",)])
    assert [result.texts for result in response.results()] == [("tea",)]
    assert vector.told() == [("text-embedding-3", "tea at four")]
    assert exchange.outgoing() == BATCH


def test_only_what_changes_in_a_request_changes_in_the_file(responses: Any) -> None:
    exchange = responses.open(BATCH, path="/v1/files", headers=FORM)
    chat, response, _ = (one for part in exchange.parts() for one in part.parts())
    response.return_texts("call_1", ["milk"])
    chat.retell(0, ["ho"])
    assert exchange.outgoing() == BATCH.replace(b'"tea"', b'"milk"').replace(b'"hi"', b'"ho"')


def test_a_request_of_a_batch_that_is_none_is_the_agents_fault(responses: Any) -> None:
    with pytest.raises(AgentProtocolError):
        responses.open(form(line("/v1/chat/completions", {"messages": 7})), path="/v1/files", headers=FORM)


def test_any_other_file_is_told_as_a_whole(responses: Any) -> None:
    exchange = responses.open(form(b'{"text": "tea"}'), path="/v1/files", headers=FORM)
    assert (exchange.is_whole, exchange.told()[-1]) == (True, ('{"text": "tea"}\n',))
    assert list(exchange.parts()) == []


def test_an_order_of_a_batch_is_told(responses: Any) -> None:
    body = b'{"completion_window":"24h","endpoint":"/v1/chat/completions","input_file_id":"file_1"}'
    exchange = responses.open(body, path="/v1/batches")
    assert (exchange.told(), exchange.outgoing()) == ([("24h", "/v1/chat/completions", "file_1")], body)


def answer(body: Any) -> bytes:
    said = {"id": "b", "custom_id": "one", "response": {"status_code": 200, "body": body}, "error": None}
    return json.dumps(said).encode() + b"\n"


CALL = {"id": "call_2", "type": "function", "function": {"name": "read", "arguments": '{"path":"a"}'}}
ITEM = {"type": "function_call", "id": "fc_1", "call_id": "call_3", "name": "read", "arguments": "{}"}
DONE = {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "tea"}}


def test_the_calls_in_the_answers_of_a_batch_are_held_each_in_its_protocol(responses: Any) -> None:
    body = (
        answer({"id": "chatcmpl", "choices": [{"index": 0, "message": {"role": "assistant", "tool_calls": [CALL]}}]})
        + answer({"id": "resp", "object": "response", "output": [ITEM, DONE]})
        + answer({"object": "list", "data": []})
        + json.dumps({"custom_id": "x", "response": None, "error": {"code": "batch_expired"}}).encode()
    )
    opening = {"body": b"", "path": "/v1/files/file-1/content", "method": "GET", "kind": "application/octet-stream"}
    seen = responses.answered([body], **opening)
    told = [(call.call, call.tool, call.done_by_provider) for call in seen.calls]
    assert told == [("call_2", "read", False), ("call_3", "read", False), ("ws_1", "web_search", True)]
    assert seen.agent == body

    def refuse(exchange: Exchange, call: ToolCall) -> bytes:
        return exchange.release(call.call) if call.done_by_provider else exchange.refuse(call.call, "no")

    chat, response, *rest = responses.answered([body], refuse, **opening).agent.split(b"\n")
    shown = json.loads(chat)["response"]["body"]["choices"][0]["message"]["tool_calls"][0]
    assert shown == {**CALL, "function": {"name": "occasio_refused__read", "arguments": "{}"}}
    assert json.loads(response)["response"]["body"]["output"] == [{**ITEM, "name": "occasio_refused__read"}, DONE]
    assert rest == body.split(b"\n")[2:]


@pytest.mark.parametrize("body", [b"plain text\n{\n", b"\x89PNG\r\n\x1a\n", b'{"fine": "tuning"}\n{"x": 1}\n', b""])
def test_any_other_file_is_fetched_byte_for_byte(responses: Any, body: bytes) -> None:
    opening = {"body": b"", "path": "/v1/files/file-1/content", "method": "GET", "kind": "application/octet-stream"}
    assert responses.answered([body], **opening).agent == body


def test_the_adapter_claims_them() -> None:
    claims = ResponsesAdapter().claims
    assert claims("POST", "/v1/files")
    assert claims("POST", "/v1/batches")
    assert claims("GET", "/v1/files/file-1/content")
    assert not claims("GET", "/v1/files/file-1")
