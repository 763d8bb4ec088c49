"""Adds `occasio sigma`: rules in Sigma's format, run over the verified rows of the log.

Needs the extra `sigma`: `pip install 'occasio[sigma]'`.  The commands are there without it, and say so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from occasio_core import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def occasio_register_commands(home: Path) -> list[click.Command]:
    """Return the command `sigma`, which finds a person's own rules below `home`."""
    from occasio_sigma.commands import commands_for  # click is slow to import

    return [commands_for(home)]


__all__ = ["occasio_register_commands"]
