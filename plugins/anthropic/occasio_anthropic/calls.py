"""In which form the agent may see a call that it must not run."""

from __future__ import annotations

from collections.abc import Mapping

from occasio_core import Held, Json

_TOOLSET = "toolset_name"


def withdrawn_block(held: Held, prefix: str) -> dict[str, Json]:
    """Return the call as the agent may see it: a tool that no agent has, and none of the input."""
    block = {name: value for name, value in held.block.items() if name != _TOOLSET}
    return {**block, "id": held.shown_id, "name": prefix + held.call.tool, "input": {}}


def tool_of(block: Mapping[str, Json]) -> Json:
    """Return the name that a call is judged by; an action of a toolset, such as `key`, says nothing without its set."""
    name, toolset = block.get("name"), block.get(_TOOLSET)
    return f"{toolset}.{name}" if isinstance(name, str) and isinstance(toolset, str) else name


def name_of(tool: str) -> dict[str, Json]:
    """Return the members of a block that name `tool`: its toolset too, if it has one; no other name has a dot."""
    toolset, dot, name = tool.partition(".")
    return {"name": name, _TOOLSET: toolset} if dot else {"name": tool}
