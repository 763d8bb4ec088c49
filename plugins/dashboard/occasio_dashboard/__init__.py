"""Adds `occasio dashboard`: what agents do, live in a browser on this machine, and approvals answered there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from occasio_core import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def occasio_register_commands(home: Path) -> list[click.Command]:
    """Return the command `dashboard`."""
    from occasio_dashboard.commands import dashboard_command  # click is slow to import, and no run needs it

    return [dashboard_command(home)]


__all__ = ["occasio_register_commands"]
