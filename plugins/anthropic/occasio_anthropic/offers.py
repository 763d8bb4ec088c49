"""Which of a request's tools the provider runs on its own side, and where they go."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from occasio_core import Json, JsonPath, Offer

_OF_CLIENTS = ("bash_", "computer_", "memory_", "text_editor_")  # whose calls come to the client, and are held there
_SEARCHES = ("web_fetch_", "web_search_")
_TOOLSET = "mcp_toolset"
_DATE = re.compile(r"_[0-9]{8}\Z")


def offers_in(document: Mapping[str, Json]) -> Iterator[Offer]:
    """Yield what the request offers the model of the provider's own tools, and of servers of MCP that it asks.

    A kind that is not known may be the provider's too: it goes by its name.
    """
    chosen = _member(document.get("tool_choice"), "name")
    tools = _objects(document, "tools")
    for place, tool in tools:
        kind = tool.get("type")
        if isinstance(kind, str) and kind not in ("custom", _TOOLSET) and not kind.startswith(_OF_CLIENTS):
            name = tool.get("name")
            name = name if isinstance(name, str) and name else _DATE.sub("", kind)
            searches = kind.startswith(_SEARCHES)
            urls = _urls(tool.get("allowed_domains")) if searches else ()
            yield Offer(tool=name, places=(place,), urls=urls, is_open=searches, is_chosen=name == chosen)
    yield from _servers(document, tools)


def _servers(document: Mapping[str, Json], tools: list[tuple[JsonPath, Mapping[str, Json]]]) -> Iterator[Offer]:
    for place, server in _objects(document, "mcp_servers"):
        name, url = server.get("name"), server.get("url")
        sets = [where for where, tool in tools if tool.get("type") == _TOOLSET and tool.get("mcp_server_name") == name]
        urls = (url,) if isinstance(url, str) else ()
        yield Offer(tool=f"mcp__{name}", places=(place, *sets), urls=urls, is_open=True)


def _objects(document: Mapping[str, Json], name: str) -> list[tuple[JsonPath, Mapping[str, Json]]]:
    """Return the objects of a list, each with its place; a list that is none has none."""
    values = document.get(name)
    each = enumerate(values) if isinstance(values, list) else ()
    return [((name, at), value) for at, value in each if isinstance(value, dict)]


def _urls(domains: Json) -> tuple[str, ...]:
    return tuple(f"https://{one}" for one in domains if isinstance(one, str)) if isinstance(domains, list) else ()


def _member(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, dict) else None
