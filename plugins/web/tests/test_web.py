"""Tools for the web connect to what their URLs name, in every reading."""

from __future__ import annotations

import pytest

from occasio_core import CallId, EffectKind, Json, SessionId, ToolCall, ToolHandler, frozen
from occasio_web import SEARCH, FetchesPages, ReadsResources, SearchesTheWeb, occasio_register_tool_handlers

READ, WRITE, DELETE = EffectKind.READ, EffectKind.WRITE, EffectKind.DELETE


def call(tool: str, **given: Json) -> ToolCall:
    return ToolCall(
        session=SessionId("s"),
        call=CallId("c"),
        agent="a",
        protocol="p",
        tool=tool,
        input=frozen(given),
        input_digest="0" * 64,
        cwd="/work",
    )


def told(handler: ToolHandler, tool: str, **given: Json) -> list[str]:
    return [f"{effect.kind} {effect.target}" for effect in handler.effects(call(tool, **given))]


def test_the_plugin_adds_handlers_that_claim_no_tool_twice() -> None:
    handlers = occasio_register_tool_handlers()
    assert all(isinstance(handler, ToolHandler) for handler in handlers)
    tools = [tool for handler in handlers for tool in handler.tools]
    assert len(tools) == len(set(tools))


@pytest.mark.parametrize(
    ("tool", "given", "effects"),
    [
        ("WebFetch", {"url": "https://Example.com/a?b", "prompt": "x"}, ["connect example.com"]),
        ("WebFetch", {"url": "example.com/a"}, ["connect example.com"]),
        ("WebFetch", {"url": "http:\\\\10.0.0.1\\x"}, ["connect 10.0.0.1\\x"]),
        (
            "WebFetch",
            {"url": "https://ada:pw@example.com:8443/"},
            ["connect ada:pw@example.com:8443"],
        ),
        ("WebFetch", {"url": "file:///etc/hosts"}, ["read /etc/hosts"]),
        ("webfetch", {"url": "http://a", "format": "text"}, ["connect a"]),
        (
            "fetch_web_content",
            {"requests": [{"url": "http://a", "prompt": "x"}, {"url": "http://b"}]},
            ["connect a", "connect b"],
        ),
        ("web_fetch", {"prompt": "sum up https://a.example/x and http://b"}, ["connect a.example", "connect b"]),
        ("web_fetch", {"urls": ["http://a", "http://b"]}, ["connect a", "connect b"]),
        (
            "browser_action",
            {"action": "launch", "url": "http://localhost:3000"},
            ["connect localhost:3000"],
        ),
        ("browser_action", {"action": "click", "coordinate": "1,2"}, []),
    ],
)
def test_a_fetch_connects_to_every_host_that_it_names(tool: str, given: dict[str, Json], effects: list[str]) -> None:
    assert told(FetchesPages(), tool, **given) == effects


@pytest.mark.parametrize(
    "given", [{}, {"prompt": "read the news"}, {"url": ""}, {"url": 1}, {"requests": []}, {"url": None}]
)
def test_a_fetch_without_a_url_cannot_be_told(given: dict[str, Json]) -> None:
    with pytest.raises(ValueError, match="URL"):
        FetchesPages().effects(call("WebFetch", **given))


def test_an_endless_input_cannot_be_told() -> None:
    deep: Json = {"url": "http://a"}
    for _ in range(20):
        deep = {"x": deep}
    with pytest.raises(ValueError, match="levels"):
        FetchesPages().effects(call("WebFetch", x=deep))


@pytest.mark.parametrize(
    ("given", "effects"),
    [
        ({"query": "x"}, [f"connect {SEARCH}"]),
        ({}, [f"connect {SEARCH}"]),
        ({"query": "x", "allowed_domains": []}, [f"connect {SEARCH}"]),
        ({"query": "x", "allowed_domains": [1]}, [f"connect {SEARCH}"]),
        ({"query": "x", "blocked_domains": ["a"]}, [f"connect {SEARCH}"]),
        ({"query": "x", "allowed_domains": ["a.example", "b"]}, ["connect a.example", "connect b"]),
    ],
)
def test_a_search_leads_where_it_is_bound_to(given: dict[str, Json], effects: list[str]) -> None:
    assert told(SearchesTheWeb(), "WebSearch", **given) == effects


@pytest.mark.parametrize(
    ("uri", "effects"),
    [
        ("file:///etc/hosts", ["read /etc/hosts"]),
        ("file:///etc/%68osts", ["read /etc/%68osts", "read /etc/hosts"]),
        ("https://example.com/x", ["connect example.com"]),
        ("memo://notes/1", []),
    ],
)
def test_a_resource_is_a_file_a_url_or_the_servers_own(uri: str, effects: list[str]) -> None:
    assert told(ReadsResources(), "ReadMcpResourceTool", server="s", uri=uri) == effects


def test_listing_resources_touches_nothing() -> None:
    assert told(ReadsResources(), "list_mcp_resources") == []


def test_a_resource_without_a_uri_cannot_be_told() -> None:
    with pytest.raises(ValueError, match="no URI"):
        ReadsResources().effects(call("read_mcp_resource", server="s"))


@pytest.mark.parametrize(
    ("handler", "tool", "given", "kept"),
    [
        (FetchesPages(), "WebFetch", {"url": "https://u:pw@a.example:1/x?token=y#z"}, {"url": "https://a.example:1/x"}),
        (FetchesPages(), "WebFetch", {"url": "http://[bad"}, {"url": ""}),
        (FetchesPages(), "web_fetch", {"prompt": "https://a?token=y"}, {}),
        (SearchesTheWeb(), "WebSearch", {"query": "secret"}, {}),
        (ReadsResources(), "ReadMcpResourceTool", {"uri": "x://a?k=v"}, {"uri": "x://a"}),
        (ReadsResources(), "list_mcp_resources", {}, {}),
    ],
)
def test_a_row_says_where_and_never_what(
    handler: ToolHandler, tool: str, given: dict[str, Json], kept: dict[str, Json]
) -> None:
    assert handler.normalised(call(tool, **given)) == kept
