"""Adds `occasio harness`, `occasio selftest` and `occasio redteam`: attacks on the gate by the tool's own commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from occasio_core import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def occasio_register_commands(home: Path) -> list[click.Command]:
    """Return the three commands."""
    from occasio_harness.commands import commands

    return commands(home)


__all__ = ["occasio_register_commands"]
