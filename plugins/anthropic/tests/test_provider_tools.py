"""Tools that the provider runs: what the answer says passes byte for byte, and each call is told before its end passes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from occasio_core import Exchange, ToolCall

QUERY = {"query": "when does tea open"}
FOUND = {"type": "web_search_result", "url": "https://example.com/", "title": "Tea", "encrypted_content": "Eq8F"}
SEARCH = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": QUERY}
RESULT = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [FOUND]}
RUNS = {"type": "server_tool_use", "id": "srvtoolu_2", "name": "bash_code_execution", "input": {"command": "ls"}}
RAN = {
    "type": "bash_code_execution_tool_result",
    "tool_use_id": "srvtoolu_2",
    "content": {"type": "bash_code_execution_result", "stdout": "a", "stderr": "", "return_code": 0, "content": []},
}
ECHO = {"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "echo", "server_name": "far", "input": {"text": "hi"}}
ECHOED = {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "is_error": False, "content": []}
OWN = {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {"file_path": "a"}}
BLOCKS: list[dict[str, Any]] = [SEARCH, RESULT, RUNS, RAN, ECHO, ECHOED, OWN]
TOLD = [
    ("srvtoolu_1", "web_search", QUERY, True),
    ("srvtoolu_2", "bash_code_execution", {"command": "ls"}, True),
    ("mcptoolu_1", "mcp__far__echo", {"text": "hi"}, True),
    ("toolu_1", "Read", {"file_path": "a"}, False),
]


def streamed(talk: Any, *blocks: dict[str, Any], chunk: int = 4) -> bytes:
    """Return the answer as the provider streams it: inputs in pieces, results whole in their beginning."""
    events = b""
    for index, block in enumerate(blocks):
        shown = {**block, "input": {}} if "input" in block else block
        events += talk.event("content_block_start", index=index, content_block=shown)
        text = json.dumps(block["input"]) if "input" in block else ""
        for at in range(0, len(text), chunk):
            events += talk.delta(index, text[at : at + chunk])
        events += talk.stop(index)
    return talk.stream(events)  # type: ignore[no-any-return]


def told(calls: list[ToolCall]) -> list[tuple[object, ...]]:
    return [(call.call, call.tool, dict(call.input), call.done_by_provider) for call in calls]


def test_each_call_is_told_and_every_byte_passes(talk: Any) -> None:
    stream = streamed(talk, *BLOCKS)
    seen = talk.answered([stream])
    assert (told(seen.calls), seen.agent) == (TOLD, stream)


def test_a_cut_at_any_byte_changes_nothing(talk: Any) -> None:
    stream = streamed(talk, *BLOCKS)
    whole = talk.answered([stream]).items
    for at in range(len(stream)):
        assert talk.answered([stream[:at], stream[at:]]).items == whole


def test_the_end_of_a_call_waits_until_it_is_told(talk: Any) -> None:
    stream = streamed(talk, SEARCH, RESULT)
    exchange = talk.open()
    exchange.begin(200, "text/event-stream")
    before, call, behind = exchange.receive(stream)
    end = talk.stop(0)
    assert (before, exchange.release(call.call), behind) == (*stream.partition(end)[:2], stream.partition(end)[2])


def test_a_document_tells_the_same(talk: Any) -> None:
    body = talk.document(*BLOCKS)
    seen = talk.answered([body], kind="application/json")
    assert (told(seen.calls), seen.agent) == (TOLD, body)


def test_what_is_refused_beside_them_is_all_that_changes(talk: Any) -> None:
    def decide(exchange: Exchange, call: ToolCall) -> bytes:
        return exchange.release(call.call) if call.done_by_provider else exchange.refuse(call.call, "no")

    stream = streamed(talk, *BLOCKS)
    start, end = (
        stream.index(talk.event("content_block_start", index=6, content_block={**OWN, "input": {}})),
        talk.stop(6),
    )
    seen = talk.answered([stream], decide)
    assert seen.agent.startswith(stream[:start])
    assert seen.agent.endswith(stream.partition(end)[2])
    assert b"occasio_refused__Read" in seen.agent[start:]


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        ({"id": 7, "name": "web_search", "input": {}}, ("block_0", "web_search")),
        ({"id": "x" * 300, "input": {}}, ("block_0", "unknown")),
        ({"id": "a", "name": "x" * 300, "input": {}}, ("a", "unknown")),
    ],
)
def test_an_odd_id_or_name_breaks_nothing_off(talk: Any, odd: dict[str, Any], expected: object) -> None:
    for body, kind in (
        (streamed(talk, {"type": "server_tool_use", **odd}), "text/event-stream"),
        (talk.document({"type": "server_tool_use", **odd}), "application/json"),
    ):
        seen = talk.answered([body], kind=kind)
        assert ([(call.call, call.tool) for call in seen.calls], seen.agent) == ([expected], body)


def test_a_call_whose_end_never_comes_is_told_at_the_end(talk: Any) -> None:
    stream = talk.event("content_block_start", index=0, content_block={**SEARCH, "input": {}}) + talk.delta(0, '{"q')
    seen = talk.answered([stream])
    assert seen.agent == stream
    assert [(call.call, bool(call.problem)) for call in seen.calls] == [("srvtoolu_1", True)]


def test_a_call_of_endless_pieces_is_given_up(talk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_anthropic.stream.HELD_LIMIT", 100)
    assert "more than 100 bytes" in talk.answered([streamed(talk, {**SEARCH, "input": {"q": "x" * 200}})]).error
