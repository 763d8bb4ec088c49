"""Adds `occasio mcp`: a gateway before servers of the Model Context Protocol, and a server of Occasio's tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from occasio_core import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def occasio_register_commands(home: Path) -> list[click.Command]:
    """Return the group `mcp`."""
    from occasio_mcp.commands import mcp_group  # click is slow to import, and no run needs it

    return [mcp_group(home)]


__all__ = ["occasio_register_commands"]
