"""`occasio recap`: what a run did, as markdown to paste into the next prompt."""

from __future__ import annotations

from collections.abc import Iterator

import click

from occasio_core.cli.output import printed
from occasio_core.cli.selecting import Asked, selection_options
from occasio_core.cli.terminal import at, lasted, short
from occasio_core.reading import RunSummary, Selection
from occasio_core.views.recap import KINDS, Recap, as_json, as_markdown, recap_of


@click.command()
@selection_options
@click.option("--last", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="So many runs.")
def recap(asked: Asked, last: int) -> None:
    """Print what the newest run did, as markdown to paste: files, tools, what was refused, the last steps.

    Exit codes: 0, 1 the log is damaged (what is before the damage is shown), 2 wrong use.
    """
    with asked.reader() as (reader, selection):
        told = []
        for run in reversed(reader.runs(selection, limit=last)):
            within = Selection(run_id=run.run_id, since=selection.since, until=selection.until)
            told.append((run, recap_of(reader.rows(within, kinds=KINDS), run.cwd)))
        if asked.as_json:
            printed([{"run": run.as_json(), **as_json(one)} for run, one in told])
        elif told:
            click.echo("\n\n".join("\n".join(_markdown(run, one)) for run, one in told))


def _markdown(run: RunSummary, told: Recap) -> Iterator[str]:
    title = f"What {run.agent or run.command} did in run {short(run.run_id)}"
    return as_markdown(told, title, f"From {at(run.started_at)}, for {lasted(run.duration)}")
