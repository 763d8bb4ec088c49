"""Adds `occasio export`: rows as OCSF events, as OpenTelemetry logs and traces, and as a Parquet table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from occasio_core import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def occasio_register_commands(home: Path) -> list[click.Command]:
    """Return the command `export`."""
    from occasio_exports.commands import export_command  # click is slow to import

    return [export_command]


__all__ = ["occasio_register_commands"]
