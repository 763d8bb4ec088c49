"""Requests: every text of every result is seen and can be replaced, the true history is told; nothing else is touched."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core import AgentProtocolError, CallId, Exchange, ToolCall, Wire, canonical

KEY = "sk-test-0000"
IMAGE = "data:image/png;base64,AAAA"

SHAPES: dict[str, dict[str, Any]] = {
    "a function's text": {"type": "function_call_output", "output": KEY},
    "a function's parts": {
        "type": "function_call_output",
        "output": [{"type": "input_image", "image_url": IMAGE}, {"type": "input_text", "text": KEY}],
    },
    "a custom tool's text": {"type": "custom_tool_call_output", "output": KEY},
    "a local shell's text": {"type": "local_shell_call_output", "output": KEY},
    "a shell's streams": {
        "type": "shell_call_output",
        "output": [{"stdout": "a", "stderr": KEY, "outcome": {"type": "exit", "exit_code": 0}}],
    },
    "a patch's text": {"type": "apply_patch_call_output", "output": KEY, "status": "failed"},
    "found tools": {"type": "tool_search_output", "tools": [{"type": "function", "description": KEY}]},
    "a kind that is not known": {"type": "hologram_call_output", "layers": [[{"voice": KEY}]]},
    "an address that is no file": {
        "type": "function_call_output",
        "output": [{"type": "input_image", "image_url": f"https://h.example/{KEY}"}],
    },
    "a text that looks like a file": {"type": "function_call_output", "output": f"data:image/png;base64,{KEY}"},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_text_of_a_result_can_be_replaced(responses: Any, shape: str) -> None:
    body = responses.request({**SHAPES[shape], "call_id": "call_1"})
    exchange = responses.open(body)
    texts = [text.replace(KEY, "[redacted]") for text in exchange.results()[0].texts]
    exchange.return_texts(CallId("call_1"), texts)
    assert exchange.outgoing() == body.replace(KEY.encode(), b"[redacted]")


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_is_left_of_a_withheld_result(responses: Any, shape: str) -> None:
    exchange = responses.open(responses.request({**SHAPES[shape], "call_id": "call_1"}))
    exchange.withhold(CallId("call_1"), "withheld: é")
    (item,) = json.loads(exchange.outgoing())["input"]
    assert KEY not in json.dumps(item)
    assert "withheld: é" in json.dumps(item, ensure_ascii=False)
    assert item["call_id"] == "call_1"


@pytest.mark.parametrize("shape", SHAPES)
def test_the_digest_of_what_the_model_gets_instead_can_be_told(responses: Any, shape: str) -> None:
    exchange = responses.open(responses.request({**SHAPES[shape], "call_id": "call_1"}))
    (result,) = exchange.results()
    texts = [text.replace(KEY, "[redacted]") for text in result.texts]
    told = hashlib.sha256(result.rewritten(texts)).hexdigest()
    exchange.return_texts(CallId("call_1"), texts)
    (sent,) = responses.open(exchange.outgoing()).results()
    assert told == sent.digest != result.digest


def test_encoded_files_and_ids_are_not_texts(responses: Any) -> None:
    body = responses.request({**SHAPES["a function's parts"], "call_id": "call_1", "id": "fco_1"})
    assert responses.open(body).results()[0].texts == (KEY,)


def test_a_result_says_everything_that_is_recorded(responses: Any) -> None:
    call = responses.item(text='{"cmd":"ls"}')
    (result,) = responses.open(responses.request(call, responses.result("call_1", "é"))).results()
    assert (result.session, result.agent, result.protocol) == ("session-1", "codex", "openai-responses")
    assert (result.call, result.tool, result.texts, dict(result.input)) == (
        "call_1",
        "exec_command",
        ("é",),
        {"cmd": "ls"},
    )
    assert (result.digest, result.size) == (hashlib.sha256(canonical("é")).hexdigest(), len(canonical("é")))


@pytest.mark.parametrize("given_input", ["hello", None])
def test_a_request_without_items_has_no_results(responses: Any, given_input: Any) -> None:
    body = json.dumps({"input": given_input}).encode()
    exchange = responses.open(body)
    assert (exchange.results(), exchange.outgoing()) == ([], body)


def test_a_persons_word_on_an_approval_is_no_result(responses: Any) -> None:
    approval = {"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": True, "reason": KEY}
    assert responses.open(responses.request(approval)).results() == []


ODD = b' { "temperature":1.0,\r\n"x":"\\u00e9\\/", "input":[{"type":"function_call_output","call_id":"a","output":"\\u0073k"}],"n":-0 }\n'


def test_a_request_in_which_nothing_changes_goes_out_as_it_came(responses: Any) -> None:
    exchange = responses.open(ODD)
    exchange.return_texts(CallId("a"), exchange.results()[0].texts)
    assert exchange.outgoing() is ODD


def withdrawn(responses: Any, wire: Wire, item: dict[str, Any], stream: bool = True) -> dict[str, Any]:
    """Return what the agent was shown of a call that was refused with `no: é`."""

    def refuse(exchange: Exchange, call: ToolCall) -> bytes:
        return exchange.refuse(call.call, "no: é")

    if not stream:
        agent = responses.answered([responses.document(item)], refuse, "application/json", wire=wire).agent
        return json.loads(agent)["output"][0]
    agent = responses.answered([responses.stream(responses.done(0, item), output=[item])], refuse, wire=wire).agent
    return json.loads(agent.rstrip().rpartition(b"data: ")[2])["response"]["output"][0]


TRUTHS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a function": (
        {"type": "function_call", "call_id": "call_1", "name": "exec_command", "arguments": '{ "cmd": "ls" }'},
        {"type": "function_call_output", "call_id": "call_1", "output": "no: é"},
    ),
    "a function of a namespace": (
        {"type": "function_call", "call_id": "call_1", "name": "echo", "namespace": "mcp__every", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "no: é"},
    ),
    "a function whose input is broken": (
        {"type": "function_call", "call_id": "call_1", "name": "exec_command", "arguments": '{"cmd"'},
        {"type": "function_call_output", "call_id": "call_1", "output": "no: é"},
    ),
    "a custom tool": (
        {"type": "custom_tool_call", "call_id": "call_1", "name": "apply_patch", "input": "*** Begin Patch"},
        {"type": "custom_tool_call_output", "call_id": "call_1", "output": "no: é"},
    ),
    "a local shell": (
        {"type": "local_shell_call", "id": "l_1", "call_id": "call_1", "status": "completed", "action": {"command": ["ls"]}},
        {"type": "local_shell_call_output", "call_id": "call_1", "output": "no: é"},
    ),
    "a shell": (
        {"type": "shell_call", "call_id": "call_1", "status": "completed", "action": {"commands": ["ls"]}},
        {
            "type": "shell_call_output",
            "call_id": "call_1",
            "output": [{"stdout": "", "stderr": "no: é", "outcome": {"type": "exit", "exit_code": 1}}],
        },
    ),
    "a patch": (
        {"type": "apply_patch_call", "call_id": "call_1", "status": "completed", "operation": {"type": "delete_file", "path": "a"}},
        {"type": "apply_patch_call_output", "call_id": "call_1", "status": "failed", "output": "no: é"},
    ),
    "an approval": (
        {"type": "mcp_approval_request", "id": "call_1", "name": "ask", "server_label": "wiki", "arguments": "{}"},
        {"type": "mcp_approval_response", "approval_request_id": "call_1", "approve": False, "reason": "no: é"},
    ),
    "a computer, whose results are pictures": (
        {"type": "function_call", "id": "cu_1", "call_id": "call_1", "name": "computer", "arguments": '{"action":{"type":"click"}}', "status": "completed"},
        {"type": "function_call_output", "call_id": "call_1", "output": "no: é"},
    ),
}  # fmt: skip


def made_by_the_model(case: str) -> dict[str, Any]:
    if case.startswith("a computer"):
        return {"type": "computer_call", "id": "cu_1", "call_id": "call_1", "action": {"type": "click"}}
    return TRUTHS[case][0]


def answered_by_the_agent(shown: dict[str, Any]) -> dict[str, Any]:
    return {"type": f"{shown['type']}_output", "call_id": shown["call_id"], "output": "unsupported call"}


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("case", TRUTHS)
def test_the_model_gets_its_own_call_and_the_refusal(responses: Any, case: str, stream: bool) -> None:
    wire = responses.wire()
    shown = withdrawn(responses, wire, made_by_the_model(case), stream)
    exchange = responses.open(responses.request(shown, answered_by_the_agent(shown)), wire)
    assert exchange.results() == []
    assert json.loads(exchange.outgoing())["input"] == [*TRUTHS[case]]


@pytest.mark.parametrize("case", TRUTHS)
def test_a_history_on_the_providers_side_needs_the_refusal_alone(responses: Any, case: str) -> None:
    wire = responses.wire()
    shown = withdrawn(responses, wire, made_by_the_model(case))
    body = responses.request(answered_by_the_agent(shown), previous_response_id="resp_1")
    assert json.loads(responses.open(body, wire).outgoing())["input"] == [TRUTHS[case][1]]


def test_a_persons_word_does_not_approve_what_was_refused(responses: Any) -> None:
    wire = responses.wire()
    withdrawn(responses, wire, made_by_the_model("an approval"))
    approval = {"type": "mcp_approval_response", "approval_request_id": "call_1", "approve": True}
    body = responses.request(approval, previous_response_id="resp_1")
    assert json.loads(responses.open(body, wire).outgoing())["input"] == [TRUTHS["an approval"][1]]


def test_the_restored_history_is_the_same_bytes_in_every_request(responses: Any) -> None:
    wire = responses.wire()
    shown = withdrawn(responses, wire, made_by_the_model("a function"))
    first = responses.open(responses.request(shown, answered_by_the_agent(shown)), wire).outgoing()
    more = responses.request(shown, answered_by_the_agent(shown), responses.message("more"))
    assert responses.open(more, wire).outgoing().startswith(first.removesuffix(b"]}"))


def test_what_the_agent_adds_to_items_stays(responses: Any) -> None:
    wire = responses.wire()
    shown = {**withdrawn(responses, wire, made_by_the_model("a function")), "metadata": {"turn": 1}}
    output = {**answered_by_the_agent(shown), "id": "fco_1"}
    call, result = json.loads(responses.open(responses.request(shown, output), wire).outgoing())["input"]
    assert (call["metadata"], result["id"]) == ({"turn": 1}, "fco_1")


def test_a_run_that_has_forgotten_tells_the_name_and_that_nothing_was_run(responses: Any) -> None:
    shown = responses.item(name="occasio_refused__exec_command")
    exchange = responses.open(responses.request(shown, responses.result("call_1", "unsupported call")))
    call, result = json.loads(exchange.outgoing())["input"]
    assert (call["name"], exchange.results()) == ("exec_command", [])
    assert "Nothing was run" in result["output"]


@pytest.mark.parametrize("path", ["/responses/compact", "/responses/input_tokens", "/v1/conversations/c/items"])
def test_a_history_that_goes_elsewhere_is_the_true_one_too(responses: Any, path: str) -> None:
    wire = responses.wire()
    shown = withdrawn(responses, wire, made_by_the_model("a function"))
    body = responses.request(shown, answered_by_the_agent(shown), responses.result("call_2", KEY))
    name = "items" if path.endswith("items") else "input"
    exchange = responses.open(body.replace(b'"input": [', f'"{name}": ['.encode()), wire, path)
    assert [result.texts for result in exchange.results()] == [(KEY,)]
    assert json.loads(exchange.outgoing())[name][:2] == [*TRUTHS["a function"]]


@pytest.mark.parametrize(
    ("path", "members", "limit"),
    [
        ("/responses", {"max_output_tokens": 5}, 5),
        ("/responses", {}, 128_000),
        ("/responses", {"max_output_tokens": True}, 128_000),
        ("/responses/compact", {}, 128_000),
        ("/responses/input_tokens", {}, None),
        ("/conversations", {}, None),
    ],
)
def test_a_request_says_how_much_may_come_of_it(responses: Any, path: str, members: dict[str, Any], limit: Any) -> None:
    assert responses.open(responses.request(**members), path=path).output_limit == limit


def test_what_is_fetched_later_is_held_too(responses: Any) -> None:
    exchange = responses.open(b"", path="/v1/responses/resp_1?stream=true", method="GET")
    assert (exchange.results(), exchange.outgoing(), exchange.output_limit) == ([], b"", None)
    exchange.begin(200, "text/event-stream")
    seen = responses.carried(exchange, [responses.stream(responses.call(0, "{}"))])
    assert [call.call for call in seen.calls] == ["call_1"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"input":{}}',
        b'{"input":["x"]}',
        b'{"input":[{"type":"function_call_output","output":"x"}]}',
        b'{"input":[{"type":"function_call_output","call_id":7,"output":"x"}]}',
        b'{"input":[{"type":"function_call","call_id":"a"}]}',
        b'{"input":[{"type":"function_call","name":"a","id":"x"}]}',
        b'{"input":[],"input":[{"type":"function_call_output"}]}',
        b'{"input":[],"n":NaN}',
        b"\xff",
    ],
)
def test_a_request_without_one_reading_is_the_agents_fault(responses: Any, body: bytes) -> None:
    with pytest.raises(AgentProtocolError):
        responses.open(body)


@given(st.binary(max_size=80).filter(lambda data: not data.strip().startswith(b"{")))
@settings(deadline=None, max_examples=200)
def test_garbage_is_the_agents_fault(responses: Any, garbage: bytes) -> None:
    with pytest.raises(AgentProtocolError):
        responses.open(garbage)


@pytest.mark.parametrize(
    "members",
    [
        {"instructions": KEY},
        {"input": KEY},
        {"tools": [{"type": "function", "name": "f", "description": KEY}]},
        {"input": [{"role": "user", "content": KEY}]},
        {"input": [{"type": "message", "role": "developer", "content": [{"type": "input_text", "text": KEY}]}]},
        {"input": [{"role": "user", "content": [{"type": "hologram", "layers": [[KEY]]}]}]},
    ],
)
def test_what_a_request_tells_besides_results_can_be_told_anew(responses: Any, members: Any) -> None:
    body = json.dumps({"model": "gpt-x", "input": [], **members}, indent=1).encode()
    exchange = responses.open(body)
    for number, texts in enumerate(exchange.told()):
        exchange.retell(number, [text.replace(KEY, "[gone]") for text in texts])
    assert exchange.outgoing() == body.replace(KEY.encode(), b"[gone]")


def test_the_models_own_words_and_results_are_not_told_again(responses: Any) -> None:
    items = [
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": KEY}]},
        {"type": "reasoning", "summary": [], "encrypted_content": KEY},
        responses.item(text=json.dumps({"cmd": KEY})),
        responses.result("call_1", KEY),
    ]
    assert not any(KEY in text for texts in responses.open(responses.request(*items)).told() for text in texts)
