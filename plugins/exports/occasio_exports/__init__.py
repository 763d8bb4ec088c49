"""Adds `occasio export`: rows as OCSF events, as OpenTelemetry logs and traces, and as a Parquet table.

And the sink `otlp`, to which findings go while a run goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from occasio_core import Json, Sink, hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def occasio_register_commands(home: Path) -> list[click.Command]:
    """Return the command `export`."""
    from occasio_exports.commands import export_command  # click is slow to import

    return [export_command]


@hookimpl
def occasio_register_sinks(wanted: Mapping[str, Mapping[str, Json]]) -> list[Sink]:
    """Return the sink `otlp` if the policy names it.  Raises `PluginError` for settings that cannot be meant."""
    if "otlp" not in wanted:
        return []
    from occasio_exports.sink import OtlpSink  # most runs have none

    return [OtlpSink(wanted["otlp"])]


__all__ = ["occasio_register_commands", "occasio_register_sinks"]
