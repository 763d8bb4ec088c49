"""Which blocks are calls, by which name each is judged, and how the agent may see one that it must not run."""

from __future__ import annotations

from collections.abc import Mapping

from occasio_core import Held, Json

CALL = "tool_use"
_TOOLSET = "toolset_name"
_OF_PROVIDER = "_tool_use"  # `server_tool_use`, `mcp_tool_use`, and what may come
_USABLE = 256  # characters of an id or a name


def withdrawn_block(held: Held, prefix: str) -> dict[str, Json]:
    """Return the call as the agent may see it: a tool that no agent has, and none of the input."""
    block = {name: value for name, value in held.block.items() if name != _TOOLSET}
    return {**block, "id": held.shown_id, "name": prefix + held.call.tool, "input": {}}


def is_done_by_provider(block: Mapping[str, Json]) -> bool:
    """Return whether a block tells of a call that the provider carries out itself."""
    kind = block.get("type")
    return isinstance(kind, str) and kind.endswith(_OF_PROVIDER)


def done_id(block: Mapping[str, Json], index: int) -> str:
    """Return the id of a call that the provider carries out; one that cannot be used is no reason to break off."""
    return _usable(block.get("id")) or f"block_{index}"


def done_tool(block: Mapping[str, Json]) -> str:
    """Return the name that such a call is judged by: a tool of a server of MCP goes by the name that agents give it."""
    name = _usable(block.get("name")) or "unknown"
    if block.get("type") != "mcp_tool_use":
        return name
    return _usable(f"mcp__{block.get('server_name')}__{name}") or "unknown"


def tool_of(block: Mapping[str, Json]) -> Json:
    """Return the name that a call is judged by; an action of a toolset, such as `key`, says nothing without its set."""
    name, toolset = block.get("name"), block.get(_TOOLSET)
    return f"{toolset}.{name}" if isinstance(name, str) and isinstance(toolset, str) else name


def name_of(tool: str) -> dict[str, Json]:
    """Return the members of a block that name `tool`: its toolset too, if it has one; no other name has a dot."""
    toolset, dot, name = tool.partition(".")
    return {"name": name, _TOOLSET: toolset} if dot else {"name": tool}


def _usable(name: Json) -> str:
    return name if isinstance(name, str) and len(name) <= _USABLE else ""
