"""Which of a request's tools are the provider's own, where they go, and what is left when they are taken out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from occasio_anthropic.offers import offers_in
from occasio_core import CallId

OWN = {"name": "Read", "input_schema": {"type": "object"}}


def offers(**document: Any) -> list[tuple[object, ...]]:
    return [(one.tool, one.places, one.urls, one.is_open) for one in offers_in(document)]


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        ({"type": "web_search_20250305", "name": "web_search", "max_uses": 8}, ("web_search", (), True)),
        (
            {"type": "web_fetch_20250910", "name": "web_fetch", "allowed_domains": ["a.example", "b.example/x"]},
            ("web_fetch", ("https://a.example", "https://b.example/x"), True),
        ),
        ({"type": "code_execution_20250825", "name": "code_execution"}, ("code_execution", (), False)),
        (
            {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"},
            ("tool_search_tool_regex", (), False),
        ),
        ({"type": "dream_20300101"}, ("dream", (), False)),
    ],
)
def test_the_providers_own_tools_are_offers(tool: dict[str, Any], expected: tuple[object, ...]) -> None:
    name, urls, is_open = expected
    assert offers(tools=[OWN, tool]) == [(name, (("tools", 1),), urls, is_open)]


@pytest.mark.parametrize(
    "tool",
    [
        OWN,
        {**OWN, "type": "custom"},
        {"type": "bash_20250124", "name": "bash"},
        {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"},
        {"type": "computer_toolset_20260801"},
        {"type": "memory_20250818", "name": "memory"},
        {"type": 7},
        "odd",
    ],
)
def test_tools_whose_calls_come_to_the_client_are_none(tool: Any) -> None:
    assert offers(tools=[tool]) == []


@pytest.mark.parametrize("document", [{}, {"tools": None}, {"tools": {}, "mcp_servers": 7}, {"mcp_servers": ["odd"]}])
def test_what_is_no_list_of_tools_offers_nothing(document: dict[str, Any]) -> None:
    assert offers(**document) == []


def test_a_server_of_mcp_is_one_offer_with_its_sets_of_tools() -> None:
    servers = [{"type": "url", "url": "https://mcp.example.com", "name": "far"}]
    tools = [OWN, {"type": "mcp_toolset", "mcp_server_name": "far"}, {"type": "mcp_toolset", "mcp_server_name": "x"}]
    places = (("mcp_servers", 0), ("tools", 1))
    assert offers(tools=tools, mcp_servers=servers) == [("mcp__far", places, ("https://mcp.example.com",), True)]


def test_a_tool_that_the_model_must_use_is_chosen() -> None:
    tools = [{"type": "web_search_20250305", "name": "web_search"}, {"type": "code_execution_20250825"}]
    chosen = offers_in({"tools": tools, "tool_choice": {"type": "tool", "name": "web_search"}})
    assert [(one.tool, one.is_chosen) for one in chosen] == [("web_search", True), ("code_execution", False)]


def test_what_is_taken_out_is_all_that_changes(talk: Any) -> None:
    tools = [OWN, {"type": "web_search_20250305", "name": "web_search"}, {**OWN, "name": "Write"}]
    exchange = talk.open(talk.request(tools=tools, metadata={"n": 1}))
    assert [one.call.tool for one in exchange.offered()] == ["web_search"]
    exchange.take_out(CallId("offered:web_search"))
    assert json.loads(exchange.outgoing()) == json.loads(talk.request(tools=[OWN, tools[2]], metadata={"n": 1}))
