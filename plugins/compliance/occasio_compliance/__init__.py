"""Adds `occasio compliance`: what the log shows for frameworks of compliance, and what it cannot show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from occasio_core import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def occasio_register_commands(home: Path) -> list[click.Command]:
    """Return the group `compliance`."""
    from occasio_compliance.commands import compliance_group  # click is slow to import

    return [compliance_group(home)]


__all__ = ["occasio_register_commands"]
