"""`occasio export`."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from occasio_core import Asked, Json, OccasioError, UsageError, __version__, printed, selection_options, whole_file
from occasio_exports.collector import HEADERS_VARIABLE, Collector, Encoding, Signal, headers_of
from occasio_exports.members import Fields
from occasio_exports.ocsf import ocsf_events
from occasio_exports.otlp import log_records, logs_data, traces_data
from occasio_exports.parquet import write_parquet
from occasio_exports.spans import spans

_PROGRESS_ROWS = 10_000
_PROGRESS_AFTER_SECONDS = 1.0

_Data = dict[str, Json]


@click.command("export")
@click.option("--format", "form", type=click.Choice(["ocsf", "otlp", "parquet"]), required=True, help="Which form.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it (default: stdout).")
@click.option(
    "--signal",
    type=click.Choice([signal.value for signal in Signal]),
    default=Signal.LOGS.value,
    help="For otlp: a record for each row, or a trace for each run (default: logs).",
)
@click.option("--endpoint", metavar="URL", help="For otlp: send it to a collector, such as http://127.0.0.1:4318.")
@click.option(
    "--protocol",
    type=click.Choice([encoding.value for encoding in Encoding]),
    default=Encoding.JSON.value,
    help="For --endpoint: how it is written (default: http/json).",
)
@selection_options
def export_command(form: str, out: Path | None, signal: str, endpoint: str | None, protocol: str, asked: Asked) -> None:
    """Write rows in the form of others' tools: OCSF 1.8.0 events, OpenTelemetry logs or traces, or a Parquet table.

    ocsf and otlp are JSON, an event or a batch a line. Headers for a collector come from OTEL_EXPORTER_OTLP_HEADERS.
    With --json, what was written is told as JSON. Exit codes: 0, 1 the log is damaged (what is before the damage was
    written) or a collector did not take everything, 2 wrong use.
    """
    _check(form, out, endpoint)
    with asked.reader() as (reader, selection):
        with _counted(row.fields for row in reader.rows(selection)) as (rows, count):
            if endpoint is not None:
                said = _sent(rows, Collector(endpoint, Signal(signal), Encoding(protocol), time.sleep, _headers()))
            else:
                said = _written(rows, form, Signal(signal), out)
        told: _Data = {"format": form, "rows": count(), **said, "log": reader.health.as_json()}
        if out is None and endpoint is None:
            return
        if asked.as_json:
            printed(told)
        else:
            click.echo(f"{count():,} rows: {said.get('out') or said.get('endpoint')}", err=True)


def _check(form: str, out: Path | None, endpoint: str | None) -> None:
    if endpoint is not None and form != "otlp":
        raise UsageError("only otlp is sent to an endpoint", hint="--format otlp")
    if endpoint is not None and out is not None:
        raise UsageError("either --out or --endpoint, not both")
    if form == "parquet" and out is None:
        raise UsageError("Parquet is no text for a terminal", hint="--out FILE.parquet")


def _headers() -> dict[str, str]:
    return headers_of(os.environ.get(HEADERS_VARIABLE, ""))


def _sent(rows: Iterable[Fields], collector: Collector) -> _Data:
    """Send everything, and return what came of it.  Raises `OccasioError` if not all of it was taken."""
    batches = 0
    for batch in _otlp(rows, collector.signal):
        collector.send(batch)
        batches += 1
    if collector.rejected:
        why = f": {' '.join(collector.said.split())}" if collector.said else ""
        raise OccasioError(f"{collector.url} rejected {collector.rejected:,} of what was sent{why}")
    return {"endpoint": collector.url, "batches": batches}


def _written(rows: Iterable[Fields], form: str, signal: Signal, out: Path | None) -> _Data:
    if out is None:
        _lines(_json(rows, form, signal), sys.stdout.buffer)
        return {}
    with whole_file(out) as file:
        if form == "parquet":
            write_parquet(rows, file, __version__)
        else:
            _lines(_json(rows, form, signal), file)
    return {"out": str(out), "bytes": out.stat().st_size}


def _json(rows: Iterable[Fields], form: str, signal: Signal) -> Iterator[_Data]:
    return ocsf_events(rows, __version__) if form == "ocsf" else _otlp(rows, signal)


def _otlp(rows: Iterable[Fields], signal: Signal) -> Iterator[_Data]:
    if signal is Signal.LOGS:
        return logs_data(log_records(rows), __version__)
    return traces_data(spans(rows), __version__)


def _lines(values: Iterable[Mapping[str, Json]], file: IO[bytes]) -> None:
    for value in values:
        file.write(json.dumps(value, separators=(",", ":")).encode() + b"\n")


@contextmanager
def _counted(rows: Iterable[Fields]) -> Iterator[tuple[Iterator[Fields], Callable[[], int]]]:
    """Provide the rows, and what says how many were taken; on a terminal, it is shown once that has taken a second."""
    began, taken, shown = time.monotonic(), 0, False

    def taking() -> Iterator[Fields]:
        nonlocal taken, shown
        for row in rows:
            taken += 1
            is_due = taken % _PROGRESS_ROWS == 0 and time.monotonic() - began > _PROGRESS_AFTER_SECONDS
            if is_due and sys.stderr.isatty():
                shown = True
                click.echo(f"\r{taken:,} rows", err=True, nl=False)
            yield row

    yield taking(), lambda: taken
    if shown:
        click.echo("\r\x1b[K", err=True, nl=False)
