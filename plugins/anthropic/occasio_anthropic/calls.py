"""In which form the agent may see a call that it must not run."""

from __future__ import annotations

from occasio_core import Held, Json


def withdrawn_block(held: Held, prefix: str) -> dict[str, Json]:
    """Return the call as the agent may see it: a tool that no agent has, and none of the input."""
    return {**held.block, "id": held.shown_id, "name": prefix + held.call.tool, "input": {}}
