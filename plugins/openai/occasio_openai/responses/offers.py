"""Which of a request's tools the provider runs on its own side, and where they go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from occasio_core import Json, Offer

# Whose calls come to the client, and are held there.
_OF_CLIENTS = frozenset(
    {"apply_patch", "computer", "computer_use_preview", "custom", "function", "local_shell", "namespace", "tool_search"}
)
_SEARCH = "web_search"
_MCP = "mcp"


def offers_in(document: Mapping[str, Json]) -> Iterator[Offer]:
    """Yield what the request offers the model of the provider's own tools, and of servers of MCP that it asks.

    A kind that is not known may be the provider's too: it goes by its name.
    """
    tools = document.get("tools")
    chosen = {_tool_of(tool) for tool in _chosen(document.get("tool_choice"))}
    for number, tool in enumerate(tools if isinstance(tools, list) else ()):
        if isinstance(tool, dict) and _is_of_provider(tool):
            name = _tool_of(tool)
            yield Offer(
                tool=name,
                places=(("tools", number),),
                urls=_urls(tool),
                is_open=name == _SEARCH or tool.get("type") == _MCP,
                is_chosen=name in chosen,
                asks_first=tool.get("type") == _MCP and tool.get("require_approval", "always") == "always",
            )


def _is_of_provider(tool: Mapping[str, Json]) -> bool:
    kind = tool.get("type")
    if kind == "shell":
        place = tool.get("environment")
        return isinstance(place, dict) and place.get("type") != "local"  # a container on the provider's side
    return isinstance(kind, str) and kind not in _OF_CLIENTS


def _tool_of(tool: Mapping[str, Json]) -> str:
    kind = str(tool.get("type"))
    if kind == _MCP:
        return f"mcp__{tool.get('server_label')}"
    return _SEARCH if kind.startswith(_SEARCH) else kind


def _chosen(choice: Json) -> list[Mapping[str, Json]]:
    """Return the tools that the model is held to."""
    if not isinstance(choice, dict):
        return []
    among = choice.get("tools")
    return [one for one in among if isinstance(one, dict)] if isinstance(among, list) else [choice]


def _urls(tool: Mapping[str, Json]) -> tuple[str, ...]:
    if isinstance(url := tool.get("server_url"), str):
        return (url,)
    filters = tool.get("filters")
    domains = filters.get("allowed_domains") if isinstance(filters, dict) else None
    return tuple(f"https://{one}" for one in domains if isinstance(one, str)) if isinstance(domains, list) else ()
