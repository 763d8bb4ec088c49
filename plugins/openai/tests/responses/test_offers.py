"""Which of a request's tools are the provider's own, where they go, and what is left when they are taken out."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_openai.responses.offers import offers_in

FUNCTION = {"type": "function", "name": "read", "parameters": {}}
FAR = {"type": "mcp", "server_label": "far", "server_url": "https://mcp.example.com"}


def offers(*tools: Any, **document: Any) -> list[tuple[object, ...]]:
    found = offers_in({"tools": list(tools), **document})
    return [(one.tool, one.places, one.urls, one.is_open, one.asks_first) for one in found]


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        ({"type": "web_search"}, ("web_search", (), True, False)),
        ({"type": "web_search_preview_2025_03_11"}, ("web_search", (), True, False)),
        (
            {"type": "web_search", "filters": {"allowed_domains": ["a.example"]}},
            ("web_search", ("https://a.example",), True, False),
        ),
        ({"type": "file_search", "vector_store_ids": ["v"]}, ("file_search", (), False, False)),
        ({"type": "code_interpreter", "container": {"type": "auto"}}, ("code_interpreter", (), False, False)),
        ({"type": "image_generation"}, ("image_generation", (), False, False)),
        ({"type": "shell", "environment": {"type": "container_auto"}}, ("shell", (), False, False)),
        (FAR, ("mcp__far", ("https://mcp.example.com",), True, True)),
        ({**FAR, "require_approval": "never"}, ("mcp__far", ("https://mcp.example.com",), True, False)),
        (
            {**FAR, "require_approval": {"never": {"tool_names": ["x"]}}},
            ("mcp__far", ("https://mcp.example.com",), True, False),
        ),
        ({"type": "mcp", "server_label": "mail", "connector_id": "c"}, ("mcp__mail", (), True, True)),
        ({"type": "dream"}, ("dream", (), False, False)),
    ],
)
def test_the_providers_own_tools_are_offers(tool: dict[str, Any], expected: tuple[object, ...]) -> None:
    name, *rest = expected
    assert offers(FUNCTION, tool) == [(name, (("tools", 1),), *rest)]


@pytest.mark.parametrize(
    "tool",
    [
        FUNCTION,
        {"type": "custom", "name": "apply_patch"},
        {"type": "namespace", "name": "mcp__every", "tools": []},
        {"type": "local_shell"},
        {"type": "shell"},
        {"type": "shell", "environment": {"type": "local"}},
        {"type": "apply_patch"},
        {"type": "computer"},
        {"type": 7},
        "odd",
    ],
)
def test_tools_whose_calls_come_to_the_client_are_none(tool: Any) -> None:
    assert offers(tool) == []


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", False),
        ({"type": "function", "name": "read"}, False),
        ({"type": "web_search_preview"}, True),
        ({"type": "allowed_tools", "mode": "auto", "tools": [{"type": "web_search"}]}, True),
        ({"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "read"}]}, False),
    ],
)
def test_a_tool_that_the_model_is_held_to_is_chosen(choice: Any, expected: bool) -> None:
    (offer,) = offers_in({"tools": [{"type": "web_search"}], "tool_choice": choice})
    assert offer.is_chosen is expected


@pytest.mark.parametrize("tools", [None, {}, "odd"])
def test_what_is_no_list_of_tools_offers_nothing(tools: Any) -> None:
    assert list(offers_in({"tools": tools})) == []
