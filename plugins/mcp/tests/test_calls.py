"""Calls have the name that agents give them and the id of their model; a model may read every string but pictures."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from occasio_core import SessionId, ToolCall, canonical
from occasio_mcp.calls import agent_of, call_of, hints, name_of, places_of_texts, refused
from occasio_mcp.frames import Request, frame


def request(method: str = "tools/call", **params: Any) -> Request:
    data = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    said = frame(data)
    assert isinstance(said, Request)
    return said


def call(asked: Request, **more: Any) -> ToolCall:
    return call_of(asked, server="fs", session=SessionId("s"), agent="a", cwd="/w", **more)


def test_a_call_has_its_name_its_input_and_its_digest() -> None:
    made = call(request(name="read", arguments={"path": "a"}), annotations={"readOnlyHint": True, "title": "x"})
    assert (made.tool, made.input["path"], made.protocol, made.problem) == ("mcp__fs__read", "a", "mcp", "")
    assert made.input_digest == hashlib.sha256(canonical({"path": "a"})).hexdigest()
    assert dict(made.annotations) == {"readOnlyHint": True}


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({"claudecode/toolUseId": "toolu_1"}, "toolu_1"),
        ({"callId": "call_1"}, "call_1"),
        ({"claudecode/toolUseId": 7, "callId": "call_2"}, "call_2"),
    ],
)
def test_the_id_is_that_of_the_agents_model(meta: dict[str, Any], expected: str) -> None:
    assert call(request(name="read", _meta=meta)).call == expected


@pytest.mark.parametrize("meta", [{}, {"callId": ""}, {"callId": "x" * 257}, {"progressToken": 1}])
def test_a_call_without_an_id_has_one_of_its_own(meta: dict[str, Any]) -> None:
    asked = request(name="read", _meta=meta)
    assert call(asked).call != call(asked).call


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"name": ""},
        {"name": 7},
        {"name": "read", "arguments": []},
        {"name": "read", "arguments": None},
        {"name": "read", "arguments": {"n": 2**60}},
    ],
)
def test_what_has_no_one_reading_is_a_problem(params: dict[str, Any]) -> None:
    made = call(request(**params))
    assert made.problem
    assert dict(made.input) == {}


def test_reading_a_resource_is_a_call_that_only_reads() -> None:
    made = call(request("resources/read", uri="file:///etc/passwd"))
    assert (made.tool, made.input["uri"]) == ("mcp__fs__resources_read", "file:///etc/passwd")
    assert dict(made.annotations) == {"readOnlyHint": True}


def test_names_are_those_that_agents_use() -> None:
    assert name_of("my.server", "dir/read file") == "mcp__my_server__dir_read_file"


@pytest.mark.parametrize(
    ("client", "agent"),
    [
        ({"name": "claude-code"}, "claude-code"),
        ({"name": "codex-mcp-client"}, "codex"),
        ({"name": "Visual Studio Code"}, "visual-studio-code"),
        ({"name": "--"}, "mcp"),
        ({"name": 7}, "mcp"),
        (None, "mcp"),
    ],
)
def test_an_agent_is_called_as_rows_call_it(client: Any, agent: str) -> None:
    assert agent_of(client) == agent


def test_only_what_says_what_a_tool_does_is_taken_from_its_annotations() -> None:
    assert hints({"readOnlyHint": "yes", "destructiveHint": True, "title": "x"}) == {"destructiveHint": True}
    assert hints(None) == {}


def test_a_model_may_read_every_string_but_pictures_and_what_is_opaque() -> None:
    content = {
        "content": [
            {"type": "text", "text": "a"},
            {"type": "image", "mimeType": "image/png", "data": "aGk0" * 300},
            {"mimeType": "image/png", "data": "ghp_not_base64"},
            {"type": "resource", "resource": {"uri": "file:///b", "mimeType": "text/plain", "blob": "aGk="}},
        ],
        "structuredContent": {"deep": [{"type": "x", "more": "c"}]},
        "requestState": "opaque",
    }
    assert [path for path in places_of_texts(content) if path[-1] not in {"type", "mimeType"}] == [
        ("content", 0, "text"),
        ("content", 2, "data"),
        ("content", 3, "resource", "uri"),
        ("content", 3, "resource", "blob"),
        ("structuredContent", "deep", 0, "more"),
    ]
    assert ("structuredContent", "deep", 0, "type") in places_of_texts(content)


def test_a_refusal_is_a_result_that_the_model_reads() -> None:
    said = json.loads(refused(request(name="read"), "no"))
    assert said == {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": "no"}], "isError": True}}


def test_a_refusal_of_a_resource_is_an_error() -> None:
    assert json.loads(refused(request("resources/read", uri="x"), "no"))["error"]["message"] == "no"


def test_a_stateless_refusal_says_that_it_is_complete() -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    assert json.loads(refused(request(name="read", _meta=meta), "no"))["result"]["resultType"] == "complete"
