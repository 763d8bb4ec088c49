"""`occasio bom export`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click

from occasio_bom.document import Making, bom
from occasio_bom.inventory import inventory
from occasio_core import Asked, __version__, selection_options, write_whole


def bom_group(_home: Path) -> click.Group:
    """Return the group `bom`."""
    return click.Group("bom", commands=[export], help="What runs of agents had a hand in, as a bill of materials.")


@click.command
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it (default: stdout).")
@selection_options
def export(out: Path | None, asked: Asked) -> None:
    """Write a bill of materials in CycloneDX 1.6: models, tools, programs, files, hosts, plugins, policies.

    It is JSON with and without --json. What was refused is counted and not listed. Exit codes: 0, 1 the log is damaged
    (what is before the damage is listed), 2 wrong use.
    """
    with asked.reader() as (reader, selection):
        found = inventory(row.fields for row in reader.rows(selection))
        health = reader.health
        making = Making(
            serial=uuid4(),
            timestamp=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            version=__version__,
            log=health.warning or f"{health.rows} rows, each verified",
            last_hash=health.last_hash,
            is_whole=health.is_sound,
        )
        text = json.dumps(bom(found, making), indent=2) + "\n"
        if out is None:
            click.echo(text, nl=False)
        else:
            write_whole(out, text.encode())
            click.echo(f"{out}: {len(found.runs)} runs, {len(found.things)} things", err=True)
