"""`occasio distill`: results that were shortened before the model saw them, and the whole of one where it was kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from occasio_core import home as places
from occasio_core.cli.chosen import counting, newest_run
from occasio_core.cli.output import printed, talk
from occasio_core.cli.selecting import Asked, selection_options
from occasio_core.cli.terminal import clipped, clipped_before, padded
from occasio_core.daylog import DISTILLED, files, said_in
from occasio_core.errors import OccasioError, UsageError
from occasio_core.reading import Reader, Selection
from occasio_core.views.calls import crossing_of, text
from occasio_core.views.exchanges import KINDS, Outcome, exchanges
from occasio_core.visible import printable
from occasio_verify import Row

_REDACT = "redact-secrets"


@click.command()
@selection_options
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="So many at most.")
@click.option("--entry", type=click.IntRange(min=0), metavar="ROW", help="Print the whole of the result of that row.")
def distill(asked: Asked, last: int, entry: int | None) -> None:
    """List results of the newest run that were shortened, or print the whole of one.

    The whole is kept only where the policy says `keep_shortened_results: true`, without secrets, for 30 days; it is no
    evidence.  Exit codes: 0, 1 the log is damaged, or the whole was not kept, 2 wrong use.
    """
    with asked.reader() as (reader, selection):
        if entry is not None:
            _print_whole(_of_row(reader, selection, entry), entry, asked.as_json)
            return
        found = []
        for one in exchanges(counting(reader.rows(newest_run(reader, selection), kinds=KINDS))):
            found += [outcome for outcome in one.results if is_shortened(outcome.result)]
        if asked.as_json:
            printed([outcome.as_json() for outcome in found[-last:]])
        elif found:
            click.echo("\n".join(_lines(found[-last:])))
        elif reader.health.rows:
            click.echo("no result was shortened")


def is_shortened(result: Row) -> bool:
    """Return whether a result was changed by more than taking secrets out."""
    shaped = result.fields.get("shaped_by")
    return isinstance(shaped, list | tuple) and bool({*map(str, shaped)} - {_REDACT})


def _of_row(reader: Reader, selection: Selection, entry: int) -> Outcome | None:
    """Return the shortened result at that position of the log, whatever run it is of, with its call."""
    row = next(reader.rows(selection, kinds=("tool_result",), after=entry - 1), None)
    if row is None or row.seq != entry or not is_shortened(row):
        return None
    calls = reader.rows(Selection(run_id=row.run_id), kinds=("tool_call",))
    return Outcome(next((call for call in calls if text(call, "call_id") == text(row, "call_id")), None), row)


def _lines(found: list[Outcome]) -> Iterator[str]:
    heading = f"{'row':>7}  {'tool':14}{'about':25}{'whole':>9}{'kept':>8}  by"
    yield click.style(heading, bold=True)
    for outcome in found:
        crossing = crossing_of(outcome.result)
        target = outcome.target
        told = f"{outcome.result.seq:>7}  {padded(outcome.tool or '?', 13)} {padded(clipped_before(target, 24), 24)} "
        kept = "?" if crossing.reentered is None else f"{crossing.reentered:,}"
        yield f"{told}{crossing.produced:>9,}{kept:>8}  {clipped(_by(outcome.result), 14)}"


def _by(result: Row) -> str:
    """Return what shortened a result, besides taking secrets out."""
    shaped = result.fields.get("shaped_by")
    return "+".join(str(one) for one in shaped if one != _REDACT) if isinstance(shaped, list | tuple) else ""


def _print_whole(outcome: Outcome | None, entry: int, as_json: bool) -> None:
    if outcome is None:
        raise UsageError(f"row {entry} is no result that was shortened", hint="`occasio distill` lists those that are")
    texts = whole_of(places.home() / DISTILLED, outcome.result)
    if texts is None:
        raise OccasioError(
            f"the whole of row {entry} was not kept, or not any more",
            hint="`keep_shortened_results: true` in policy.yml keeps what comes from then on",
        )
    if as_json:
        printed({**outcome.as_json(), "texts": texts})
        return
    talk("occasio: kept beside the log, without secrets; no evidence")
    click.echo("\n".join(printable(text, beside="\n\t") for text in texts))


def whole_of(folder: Path, result: Row) -> list[str] | None:
    """Return the texts that were kept of a result, newest file first; None if there are none."""
    wanted = (result.run_id, text(result, "call_id"), text(result, "content_digest"))
    for path in reversed(files(folder)):
        for said in said_in(path):
            if (said.get("run_id"), said.get("call_id"), said.get("content_digest")) == wanted:
                texts = said.get("texts")
                return [str(one) for one in texts] if isinstance(texts, list) else None
    return None
