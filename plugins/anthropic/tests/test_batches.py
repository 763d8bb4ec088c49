"""Each request of a batch is read as if it were sent alone, and each answer's calls are held; files are told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from occasio_core import AgentProtocolError, Exchange, ToolCall

BATCHES, RESULTS = "/v1/messages/batches", "/v1/messages/batches/msgbatch_1/results"
# As the anthropic 2.14.0 library for Python sent it.
SENT = (
    b'{"requests":[{"custom_id":"one","params":{"model":"claude-sonnet-4-5","max_tokens":10,'
    b'"messages":[{"role":"user","content":"hi"}]}}]}'
)


def batch(*params: Any) -> bytes:
    return json.dumps({"requests": [{"custom_id": str(at), "params": one} for at, one in enumerate(params)]}).encode()


def answered(call: str, name: str = "Read", **given: Any) -> bytes:
    block = {"type": "tool_use", "id": call, "name": name, "input": given}
    message = {"type": "message", "model": "claude-x", "content": [{"type": "text", "text": "t"}, block]}
    return json.dumps({"custom_id": call, "result": {"type": "succeeded", "message": message}}).encode() + b"\n"


def test_a_batch_goes_out_as_it_came_and_each_part_says_what_it_would_alone(talk: Any) -> None:
    exchange = talk.open(SENT, path=BATCHES)
    (part,) = exchange.parts()
    assert (part.model, part.output_limit, part.told()) == ("claude-sonnet-4-5", 10, [("hi",)])
    assert (exchange.outgoing(), exchange.output_limit) == (SENT, None)


def test_a_result_in_one_request_is_replaced_there_alone(talk: Any) -> None:
    alone = [json.loads(talk.request(talk.used("toolu_1", "Read", {}), talk.result("toolu_1", text))) for text in "ab"]
    exchange = talk.open(batch(*alone), path=BATCHES)
    first, second = exchange.parts()
    assert [part.results()[0].texts for part in (first, second)] == [("a",), ("b",)]
    second.return_texts("toolu_1", ["c"])
    alone[1]["messages"][1]["content"][0]["content"] = "c"
    assert json.loads(exchange.outgoing()) == json.loads(batch(*alone))


def test_a_call_that_was_withdrawn_is_true_again_in_a_batch(talk: Any) -> None:
    wire = talk.wire()

    def refuse(exchange: Exchange, call: ToolCall) -> bytes:
        return exchange.refuse(call.call, "not for you")

    talk.answered([talk.stream(talk.call(0, '{"file_path":"x"}'))], refuse, wire=wire)
    history = [talk.used("toolu_1", "occasio_refused__Read", {}), talk.result("toolu_1", "no such tool")]
    out = talk.open(batch(json.loads(talk.request(*history))), wire, path=BATCHES)
    out.parts()
    assert b'"name": "Read"' in out.outgoing() or b'"name":"Read"' in out.outgoing()
    assert b"not for you" in out.outgoing()


@pytest.mark.parametrize(
    "body", [b"{}", b'{"requests": 7}', b'{"requests": [7]}', b'{"requests": [{"params": {"messages": 7}}]}', b"x"]
)
def test_a_batch_that_cannot_be_read_is_the_agents_fault(talk: Any, body: bytes) -> None:
    with pytest.raises(AgentProtocolError):
        talk.open(body, path=BATCHES)


def test_the_calls_in_the_answers_of_a_batch_are_held_line_by_line(talk: Any) -> None:
    body = answered("toolu_1", file_path="a") + b'{"custom_id":"x","result":{"type":"expired"}}\n' + answered("toolu_2")

    def decide(exchange: Exchange, call: ToolCall) -> bytes:
        return exchange.refuse(call.call, "no") if call.call == "toolu_1" else exchange.release(call.call)

    opening = {"body": b"", "path": RESULTS, "method": "GET", "kind": "application/x-jsonl"}
    seen = talk.answered([body], decide, **opening)
    first, rest = seen.agent.split(b"\n", 1)
    assert rest == body.split(b"\n", 1)[1]
    said = json.loads(first)["result"]["message"]["content"]
    assert said == [
        {"type": "text", "text": "t"},
        {"type": "tool_use", "id": "toolu_1", "name": "occasio_refused__Read", "input": {}},
    ]
    assert [call.call for call in talk.answered([body], **opening).calls] == ["toolu_1", "toolu_2"]


def test_a_fetch_goes_out_without_a_body(talk: Any) -> None:
    assert talk.open(b"", path=RESULTS, method="GET").outgoing() == b""


def test_a_file_is_told_as_a_whole(talk: Any) -> None:
    kind = "multipart/form-data; boundary=X"
    form = b'--X\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ntea\r\n--X--\r\n'
    exchange = talk.open(form, path="/v1/files", headers={"content-type": kind})
    assert (exchange.told(), exchange.is_whole, exchange.outgoing()) == ([("a",), ("tea",)], True, form)


def test_what_is_posted_to_files_otherwise_is_read_as_json(talk: Any) -> None:
    assert talk.open(b'{"a": "tea"}', path="/v1/files").told() == [("tea",)]
    with pytest.raises(AgentProtocolError):
        talk.open(b"tea", path="/v1/files")
