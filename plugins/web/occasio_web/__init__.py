"""Knows where the agents' tools for the web connect to.

* `fetch`: opens the URLs that it is given, wherever they stand in its input.
* `search`: asks a search engine, which opens pages itself; only the domains that it is bound to are known here.
* `resource`: reads a resource of a server of MCP; its URI may be a file or a URL, and is the server's own otherwise.

Judged is the URL of the call.  Where a server redirects to is the agent's business and not seen here, nor what a page
makes a browser load.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import urlsplit

from occasio_core import (
    Effect,
    EffectKind,
    Json,
    ToolCall,
    ToolHandler,
    effects_of_unknown,
    effects_of_url,
    hookimpl,
)

SEARCH = "a web search"
_SHOWN = 512  # characters of a URL in a row

# Claude Code and the tools of Anthropic; Cline, Gemini, Copilot and Qwen; Cline; opencode.
_FETCH = {
    "WebFetch": "web_fetch",
    "web_fetch": "web_fetch",
    "fetch_web_content": "web_fetch",
    "browser_action": "browser",
    "webfetch": "web_fetch",
}
_SEARCH = {
    "WebSearch": "web_search",
    "web_search": "web_search",
    "google_web_search": "web_search",
    "websearch": "web_search",
    "codesearch": "web_search",
}
_RESOURCE = {
    "ListMcpResourcesTool": "list_resources",
    "ReadMcpResourceTool": "read_resource",
    "ReadMcpResourceDirTool": "read_resource",
    "access_mcp_resource": "read_resource",
    "list_mcp_resources": "list_resources",
    "list_mcp_resource_templates": "list_resources",
    "read_mcp_resource": "read_resource",
}
_READ_ABOVE = frozenset({"url", "urls", "requests"})
_OWN_SCHEME = re.compile(r"(?!(?:file|https?|wss?|ftp):)[a-z][a-z0-9+.-]*:", re.IGNORECASE)


class FetchesPages:
    """Opens URLs; a prompt may hold them too."""

    name = "fetch"
    tools: Mapping[str, str] = MappingProxyType(_FETCH)

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return a connection to each host that `call` names.  Raises `ValueError` when there is none."""
        effects = tuple(effect for url in _urls(call.input) for effect in effects_of_url(url))
        others = replace(call, input={name: value for name, value in call.input.items() if name not in _READ_ABOVE})
        in_texts = tuple(effect for effect in effects_of_unknown(others) if effect.kind is EffectKind.CONNECT)
        if not effects and not in_texts and call.tool != "browser_action":  # which may click where it is
            raise ValueError("no URL")
        return tuple(dict.fromkeys((*effects, *in_texts)))

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return the first URL without what may be a secret in it: user, query and fragment."""
        return next(({"url": _bare(url)[:_SHOWN]} for url in _urls(call.input)), {})


class SearchesTheWeb:
    """Asks a search engine."""

    name = "search"
    tools: Mapping[str, str] = MappingProxyType(_SEARCH)

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return a connection to each domain that the search is bound to, or to wherever a search leads."""
        domains = call.input.get("allowed_domains") or call.input.get("domains")
        if not isinstance(domains, list | tuple) or not all(isinstance(domain, str) for domain in domains):
            return (Effect(EffectKind.CONNECT, SEARCH),)
        return tuple(effect for domain in domains for effect in effects_of_url(str(domain)))

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return nothing: what is looked for may be a secret."""
        return {}


class ReadsResources:
    """Asks a server of MCP for a resource."""

    name = "resource"
    tools: Mapping[str, str] = MappingProxyType(_RESOURCE)

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return what the URI leads to, as far as it is not the server's own."""
        uri = call.input.get("uri")
        if uri is None and _RESOURCE[call.tool] == "list_resources":
            return ()
        if not isinstance(uri, str):
            raise ValueError("no URI")
        return () if _OWN_SCHEME.match(uri.strip()) else effects_of_url(uri)

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return the URI without user, query and fragment."""
        uri = call.input.get("uri")
        return {"uri": _bare(uri)[:_SHOWN]} if isinstance(uri, str) else {}


def _urls(value: Json, depth: int = 0) -> Iterator[str]:
    """Yield every text in a member `url` or `urls`, at any depth that is bearable."""
    if depth > 8:
        raise ValueError("an input of too many levels")
    match value:
        case Mapping():
            for name, member in value.items():
                if name.lower() in {"url", "urls"}:
                    yield from _texts(member)
                else:
                    yield from _urls(member, depth + 1)
        case list() | tuple():
            for item in value:
                yield from _urls(item, depth + 1)


def _texts(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list() | tuple():
            for item in value:
                yield from _texts(item) if isinstance(item, str) else _urls(item)
        case Mapping():
            yield from _urls(value)
        case None:
            return
        case _:
            raise ValueError("a URL is no text")


def _bare(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


@hookimpl
def occasio_register_tool_handlers() -> list[ToolHandler]:
    """Return the three handlers."""
    return [FetchesPages(), SearchesTheWeb(), ReadsResources()]


__all__ = ["SEARCH", "FetchesPages", "ReadsResources", "SearchesTheWeb", "occasio_register_tool_handlers"]
