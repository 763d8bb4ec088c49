"""Requests: every text of every result is seen and can be replaced, the true history is told; nothing else is touched."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from occasio_core import AgentProtocolError, CallId, Exchange, ToolCall, Wire

KEY = "sk-test-0000"
SHAPES: dict[str, dict[str, Any]] = {
    "an output": {"response": {"output": KEY}},
    "an error": {"response": {"error": KEY}},
    "any members, whatever they are called": {"response": {"a": [{"id": KEY, "name": KEY, "type": KEY}]}},
    "parts beside it": {"response": {"output": "x"}, "parts": [{"text": KEY}]},
}


def response(shape: str, key: str = "functionResponse") -> dict[str, Any]:
    return {key: {"id": "call_1", "name": "n", **SHAPES[shape]}}


@pytest.mark.parametrize("key", ["functionResponse", "function_response"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_text_of_a_result_can_be_replaced(talk: Any, shape: str, key: str) -> None:
    body = talk.request(response(shape, key))
    exchange = talk.open(body)
    (result,) = exchange.results()
    texts = [text.replace(KEY, "[redacted]") for text in result.texts]
    told = hashlib.sha256(result.rewritten(texts)).hexdigest()
    exchange.return_texts(CallId("call_1"), texts)
    assert exchange.outgoing() == body.replace(KEY.encode(), b"[redacted]")
    assert talk.open(exchange.outgoing()).results()[0].digest == told != result.digest


@pytest.mark.parametrize("shape", SHAPES)
def test_a_withheld_result_is_one_notice(talk: Any, shape: str) -> None:
    exchange = talk.open(talk.request(response(shape)))
    exchange.withhold(CallId("call_1"), "withheld: é")
    (message,) = json.loads(exchange.outgoing())["contents"]
    assert message["parts"] == [talk.result("call_1", {"error": "withheld: é"}, "n")]


def test_a_result_says_everything_that_is_recorded(talk: Any) -> None:
    (result,) = talk.open(talk.request(talk.part(args={"x": 1}), talk.result("call_1", {"output": "é"}))).results()
    assert (result.call, result.tool, result.texts, dict(result.input)) == (
        "call_1",
        "run_shell_command",
        ("é",),
        {"x": 1},
    )
    assert (result.agent, result.protocol) == ("gemini-cli", "gemini")


def test_results_without_ids_are_each_their_own(talk: Any) -> None:
    body = talk.request(talk.result(None, {"output": "a"}), talk.result(None, {"output": "b"}))
    assert [result.texts for result in talk.open(body).results()] == [("a",), ("b",)]


def test_a_request_in_which_nothing_changes_goes_out_as_it_came(talk: Any) -> None:
    body = b'{ "n":1.0,\r\n "contents":[{"parts":[{"functionResponse":{"id":"a","name":"n","response":{"x":"\\u0073"}}}]}] }\n'
    exchange = talk.open(body)
    exchange.return_texts(CallId("a"), exchange.results()[0].texts)
    assert exchange.outgoing() is body


def withdrawn(talk: Any, wire: Wire, part: dict[str, Any]) -> dict[str, Any]:
    """Return what the agent was shown of a call that was refused with `no: é`."""

    def refuse(exchange: Exchange, call: ToolCall) -> bytes:
        return exchange.refuse(call.call, "no: é")

    agent = talk.answered([json.dumps(talk.body(part)).encode()], refuse, "application/json", wire=wire).agent
    return json.loads(agent)["candidates"][0]["content"]["parts"][0]


@pytest.mark.parametrize("call", ["call_1", None])
def test_the_model_gets_its_own_call_and_the_refusal(talk: Any, call: str | None) -> None:
    wire, said = talk.wire(), talk.part(call, args={"command": "ls"}, thoughtSignature="c2ln")
    shown = withdrawn(talk, wire, said)
    answer = talk.result(shown["functionCall"]["id"], {"error": "no such tool"}, shown["functionCall"]["name"])
    exchange = talk.open(talk.request(shown, answer), wire)
    assert exchange.results() == []
    parts = [message["parts"][0] for message in json.loads(exchange.outgoing())["contents"]]
    assert parts == [said, talk.result(call, {"error": "no: é"})]
    more = talk.open(talk.request(shown, answer, {"text": "more"}), wire).outgoing()
    assert more.startswith(exchange.outgoing().removesuffix(b"]}"))


def test_a_run_that_has_forgotten_tells_the_name_and_that_nothing_was_run(talk: Any) -> None:
    name = "occasio_refused__run_shell_command"
    exchange = talk.open(talk.request(talk.part(name=name), talk.result("call_1", {"error": "no such tool"}, name)))
    call, result = [message["parts"][0] for message in json.loads(exchange.outgoing())["contents"]]
    assert call == talk.part()
    assert "Nothing was run" in result["functionResponse"]["response"]["error"]


@pytest.mark.parametrize("wrapper", ["request", "generateContentRequest"])
def test_a_request_in_a_request_is_read_too(talk: Any, wrapper: str) -> None:
    inner = json.loads(talk.request(response("an output")))
    exchange = talk.open(json.dumps({wrapper: inner}).encode())
    assert [result.texts for result in exchange.results()] == [(KEY,)]


@pytest.mark.parametrize("contents", ["hello", {"parts": [{"text": "x"}]}, None, [{"role": "user"}]])
def test_other_ways_to_say_a_message_have_no_results(talk: Any, contents: Any) -> None:
    assert talk.open(json.dumps({"contents": contents}).encode()).results() == []


@pytest.mark.parametrize(
    ("path", "settings", "limit"),
    [
        ("/v1beta/models/m:generateContent", {"maxOutputTokens": 5}, 5),
        ("/v1beta/models/m:generateContent", {"maxOutputTokens": 5, "candidateCount": 2}, 10),
        ("/v1beta/models/m:generateContent", None, 65_536),
        ("/v1beta/models/m:countTokens", None, None),
    ],
)
def test_a_request_says_the_model_and_how_much_may_come_of_it(talk: Any, path: str, settings: Any, limit: Any) -> None:
    exchange = talk.open(json.dumps({"contents": [], "generationConfig": settings}).encode(), path=path)
    assert (exchange.model, exchange.output_limit) == ("m", limit)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"contents":[7]}',
        b'{"contents":[{"parts":{}}]}',
        b'{"contents":[{"parts":["x"]}]}',
        b'{"contents":[{"parts":[{"functionCall":"x"}]}]}',
        b'{"contents":[{"parts":[{"functionCall":{"id":"a"}}]}]}',
        b'{"contents":[{"parts":[{"functionResponse":[]}]}]}',
        b'{"contents":[],"contents":[]}',
    ],
)
def test_a_request_without_one_reading_is_the_agents_fault(talk: Any, body: bytes) -> None:
    with pytest.raises(AgentProtocolError):
        talk.open(body)


@pytest.mark.parametrize(
    "body",
    [
        {"systemInstruction": {"parts": [{"text": "KEY"}]}, "contents": []},
        {"system_instruction": {"parts": [{"text": "KEY"}]}, "contents": []},
        {"tools": [{"functionDeclarations": [{"name": "f", "description": "KEY"}]}], "contents": []},
        {"contents": "KEY"},
        {"contents": {"role": "user", "parts": [{"text": "KEY"}]}},
        {"contents": [{"parts": [{"text": "KEY"}]}]},
        {"contents": [{"role": "user", "parts": [{"hologram": {"layers": ["KEY"]}}]}]},
        {"request": {"contents": [{"role": "user", "parts": [{"text": "KEY"}]}]}},
    ],
)
def test_what_a_request_tells_besides_results_can_be_told_anew(talk: Any, body: Any) -> None:
    came = json.dumps(body, indent=1).encode()
    exchange = talk.open(came)
    for number, texts in enumerate(exchange.told()):
        exchange.retell(number, [text.replace("KEY", "gone") for text in texts])
    assert exchange.outgoing() == came.replace(b"KEY", b"gone")


def test_the_models_own_words_and_encoded_files_and_results_are_not_told_again(talk: Any) -> None:
    contents = [
        {"role": "model", "parts": [{"text": "KEY", "thoughtSignature": "KEY"}]},
        {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "KEY"}}]},
        {"role": "user", "parts": [talk.result("call_1", {"output": "KEY"})]},
    ]
    assert talk.open(json.dumps({"contents": contents}).encode()).told() == []
