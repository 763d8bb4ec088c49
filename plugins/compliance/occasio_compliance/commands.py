"""`occasio compliance export`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from occasio_compliance.assessment import assess, framework, framework_names
from occasio_compliance.claims import LogState, claims
from occasio_compliance.document import Export, as_json, as_markdown, summary
from occasio_compliance.facts import gather
from occasio_core import Asked, Json, Selection, __version__, selection_options, write_whole

if TYPE_CHECKING:
    from occasio_core import Reader, RunSummary

_DAY = 86_400_000  # milliseconds


def compliance_group(_home: Path) -> click.Group:
    """Return the group `compliance`."""
    return click.Group("compliance", commands=[export], help="What the log shows for frameworks of compliance.")


@click.command
@click.option("--framework", "name", type=click.Choice(framework_names()), required=True, help="Which one.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it (default: stdout).")
@selection_options
def export(name: str, out: Path | None, asked: Asked) -> None:
    """Say, control by control, what the rows show, which rows, and what no row can show.

    Markdown, or JSON with --json. Every run with a row in the selection is looked at whole. No status says that a
    control is met. Exit codes: 0, 1 the log is damaged (what is before the damage was looked at), 2 wrong use.
    """
    with asked.reader() as (reader, selection):
        found = _export(name, asked, reader, selection)
        text = json.dumps(as_json(found), indent=2) + "\n" if asked.as_json else as_markdown(found)
        if out is None:
            click.echo(text, nl=False)
        else:
            write_whole(out, text.encode())
            told = ", ".join(f"{count} {status}" for status, count in summary(found.controls).items() if count)
            click.echo(f"{out}: {told}", err=True)


def _export(name: str, asked: Asked, reader: Reader, selection: Selection) -> Export:
    told = framework(name)
    runs = sorted(reader.runs(selection), key=lambda run: run.first_seq)
    rows = (((run.run_id, _fields(reader, Selection(run_id=run.run_id)))) for run in runs)
    facts = gather(rows, _fields(reader, Selection(), "recovered"))
    log = _log_state(reader)
    found = claims(facts, log)
    return Export(
        framework=told,
        controls=assess(told.controls, found),
        claims=found,
        log=log,
        health=reader.health.as_json(),
        asked={"run": asked.run, "since": asked.since, "until": asked.until},
        runs=[_run(run) for run in runs],
        made_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        version=__version__,
    )


def _fields(reader: Reader, selection: Selection, *kinds: str) -> Iterator[Mapping[str, Json]]:
    return (row.fields for row in reader.rows(selection, kinds=kinds))


def _run(run: RunSummary) -> dict[str, Json]:
    names = ("run_id", "agent", "command", "started_at", "ended_at", "rows", "first_seq", "last_seq", "last_hash")
    told = run.as_json()
    return {name: told[name] for name in names}


def _log_state(reader: Reader) -> LogState:
    health = reader.health
    first = next(iter(reader.entries()), None)
    reach = 0 if first is None or health.at is None else max(0, health.at - first.at)
    return LogState(
        rows=health.rows,
        last_hash=health.last_hash,
        fault=health.warning,
        extends=health.compared == "extended",
        days=reach // _DAY,
    )
