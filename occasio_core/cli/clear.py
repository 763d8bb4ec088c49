"""The command that drops what is kept beside the log: clear.  The log itself is evidence, and no command drops that."""

from __future__ import annotations

from pathlib import Path

import click

from occasio_core.cli.output import printed


@click.command()
@click.option("--history", "is_all", is_flag=True, help="Drop those of all days, not of today alone.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def clear(is_all: bool, as_json: bool) -> None:
    """Drop today's details of requests, and today's whole results that were kept of shortened ones.

    With --history those of all days, and what `occasio baseline` learned.  Details and results are dropped by
    themselves after 30 days.  The log, its checkpoints and policies, keys and the state of runs are never touched.
    Exit codes: 0 done, 2 a file cannot be removed.
    """
    from datetime import UTC, datetime

    from occasio_core import home as places
    from occasio_core.baselines import drop_all
    from occasio_core.daylog import DISTILLED, LOGS, forget

    day = None if is_all else datetime.now(UTC)
    place = places.home()
    dropped: list[Path] = []
    for folder in (LOGS, DISTILLED):
        dropped += forget(place / folder, only=day)
    if is_all:
        dropped += drop_all(place)
    if as_json:
        printed({"dropped": [str(path) for path in dropped]})
    else:
        click.echo(f"{len(dropped)} file{'s'[: len(dropped) != 1]} dropped; the log is as it was")
