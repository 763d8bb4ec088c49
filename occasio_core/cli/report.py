"""`occasio report`: what happened in a span of time, for who has to answer for it, as JSON, CSV, markdown or HTML."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import click

from occasio_core.cli.chosen import counting
from occasio_core.cli.output import talk
from occasio_core.cli.selecting import Asked, selection_options
from occasio_core.cli.status import counter_lines, health_line, told_runs
from occasio_core.cli.terminal import clipped, clipped_before, line, padded
from occasio_core.errors import UsageError
from occasio_core.files import write_whole
from occasio_core.reading import timestamp
from occasio_core.views.report import KINDS, Report, kinds_of, take_up
from occasio_core.views.report_csv import as_csv
from occasio_core.views.report_html import as_html
from occasio_core.views.report_markdown import as_markdown, span

_DAY = 24 * 3600 * 1000
_DAYS = 30
_MOST_EVENTS, _MOST_TOUCHED = 40, 20


def as_text(report: Report) -> Iterator[str]:
    """Yield the report for a terminal: the numbers, the last events, what was touched most."""
    yield health_line(report.health)
    yield line("span", span(report))
    yield line("runs", told_runs(report.counters))
    yield from counter_lines(report.counters)
    for kind, count in kinds_of(report):
        yield f"  {count:>6,}  {kind}"
    yield from _events(report)
    yield from _touched(report)


def _events(report: Report) -> Iterator[str]:
    shown = report.events[-_MOST_EVENTS:]
    if shown:
        yield ""
        yield click.style(f"{'row':>7} {'when (UTC)':15} {'what':21} about", bold=True)
    for event in shown:
        about = " ".join(part for part in (event.tool, event.target) if part)
        why = f" ({event.reason})" if event.reason else ""
        told = clipped(f"{clipped_before(about, max(8, 34 - len(why)))}{why}".strip(), 34)
        yield f"{event.seq:>7} {event.ts[5:19].replace('T', ' '):15} {padded(event.kind, 21)} {told}".rstrip()
    if len(report.events) > len(shown):
        yield f"        and {len(report.events) - len(shown):,} before; --format json, csv or html has all"


def _touched(report: Report) -> Iterator[str]:
    most = sorted(report.access.items(), key=lambda one: (-one[1].times, one[0]))[:_MOST_TOUCHED]
    if most:
        yield ""
        yield click.style(f"{'times':>7} touched", bold=True)
    for (effect, target), one in most:
        yield f"{one.times:>7,} {padded(effect, 8)}{clipped_before(target, 64)}"
    if len(report.access) > len(most):
        yield f"        and {len(report.access) - len(most):,} other targets"


def _as_json(report: Report) -> Iterator[str]:
    yield json.dumps(report.as_json(), indent=2, ensure_ascii=True)


_FORMATS: dict[str, Callable[[Report], Iterator[str]]] = {
    "text": as_text,
    "json": _as_json,
    "csv": as_csv,
    "md": as_markdown,
    "html": as_html,
}


@click.command()
@selection_options
@click.option("--days", type=click.IntRange(min=1, max=36500), metavar="N", help="The last N days (default 30).")
@click.option("--format", "form", type=click.Choice(list(_FORMATS)), help="How it is written (default text).")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it (default: stdout).")
def report(asked: Asked, days: int | None, form: str | None, out: Path | None) -> None:
    """Write what there is to answer for: refusals of every kind, results withheld, secrets, findings, what was touched.

    Every event names its row.  In CSV nothing is a formula, in HTML nothing runs.  Exit codes: 0, 1 the log is damaged
    (what is before the damage is in the report, and it says so), 2 wrong use.
    """
    form = _form(asked, form)
    if days is not None and (asked.since or asked.until):
        raise UsageError("--days is a span of time, and so are --since and --until", hint="give one of them")
    with asked.reader() as (reader, selection):
        now = time.time_ns() // 1_000_000
        if days is not None or not (selection.is_bounded or selection.run_id):
            selection = replace(selection, since=now - (days or _DAYS) * _DAY)
        made = Report(
            generated_at=timestamp(now),
            since=None if selection.since is None else timestamp(selection.since),
            until=None if selection.until is None else timestamp(selection.until),
            counters=reader.counters(selection),
            health=reader.health,
        )
        take_up(made, counting(reader.rows(selection, kinds=KINDS)))
        lines = _FORMATS[form](made)
        if out is None:
            for shown in lines:
                click.echo(shown)
        else:
            write_whole(out, "".join(f"{click.unstyle(shown)}\n" for shown in lines).encode(), 0o600)
            talk(f"report of {len(made.events):,} events: {out}")


def _form(asked: Asked, form: str | None) -> str:
    if asked.as_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form} are two formats", hint="give one of them")
    return "json" if asked.as_json else form or "text"
