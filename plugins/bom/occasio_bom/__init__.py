"""Adds `occasio bom`: what runs of agents had a hand in, as a bill of materials in CycloneDX 1.6."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from occasio_core import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def occasio_register_commands(home: Path) -> list[click.Command]:
    """Return the group `bom`."""
    from occasio_bom.commands import bom_group  # click is slow to import

    return [bom_group(home)]


__all__ = ["occasio_register_commands"]
