"""`occasio boundary`: of what tools produced, how much went to the model, and what held the rest back."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import click

from occasio_core.cli.chosen import counting, newest_run
from occasio_core.cli.output import printed
from occasio_core.cli.selecting import Asked, selection_options
from occasio_core.cli.terminal import clipped_before, counted, line, padded
from occasio_core.reading.counters import BYTES_OF_A_TOKEN
from occasio_core.views.calls import Crossing, crossing_of, text
from occasio_core.views.exchanges import KINDS, Exchange, Outcome, exchanges
from occasio_verify import Json

_NUMBER = 11
_TOOL, _TARGET = 14, 31


@dataclass(slots=True)
class Totals:
    """Sums over results; `unknown` are those of which no row says how much went."""

    results: int = 0
    produced: int = 0
    reentered: int = 0
    prevented: int = 0
    unknown: int = 0
    refused: int = 0
    by: Counter[str] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)

    def add(self, one: Exchange) -> None:
        """Take up an exchange."""
        self.refused += sum(text(call, "action") == "BLOCK" for call in one.calls)
        for outcome in one.results:
            crossing = crossing_of(outcome.result)
            self.results += 1
            self.produced += crossing.produced
            self.reentered += crossing.reentered or 0
            self.prevented += crossing.prevented
            self.unknown += crossing.reentered is None
            if crossing.why:
                self.by[crossing.why] += crossing.prevented
                self.times[crossing.why] += 1


@click.command()
@selection_options
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="So many results.")
def boundary(asked: Asked, last: int) -> None:
    """Say of tools' results how much they produced, how much of it went to the model, and how much was prevented.

    Bytes of the results' canonical form; a token is four of them, about.  The totals are of all results of the newest
    run, or of what is asked for.  Exit codes: 0, 1 the log is damaged (what is before it is shown), 2 wrong use.
    """
    totals, shown = Totals(), deque[Outcome](maxlen=last)
    with asked.reader() as (reader, selection):
        for one in exchanges(counting(reader.rows(newest_run(reader, selection), kinds=KINDS))):
            totals.add(one)
            shown.extend(one.results)
        if asked.as_json:
            printed({"results": [outcome.as_json() for outcome in shown], "totals": _totals_json(totals)})
        elif reader.health.rows:
            click.echo("\n".join(_lines(shown, totals)))


def _lines(shown: deque[Outcome], totals: Totals) -> Iterator[str]:
    if shown:
        heading = (
            f"{'tool':{_TOOL}}{'about':{_TARGET}}{'produced':>{_NUMBER}}{'went on':>{_NUMBER}}{'prevented':>{_NUMBER}}"
        )
        yield click.style(heading, bold=True)
    for outcome in shown:
        yield from _result(outcome)
    if totals.results > len(shown):
        yield f"and {counted(totals.results - len(shown), 'result')} before; --last N shows more"
    yield line("produced", _amount(totals.produced, totals.results))
    yield line("went on", _amount(totals.reentered))
    yield line("prevented", _amount(totals.prevented), "green" if totals.prevented else None)
    for why, prevented in totals.by.most_common():
        yield line("", f"{prevented:,} B by {counted(totals.times[why], 'result')}: {why}")
    if totals.unknown:
        yield line("unknown", f"of {counted(totals.unknown, 'result')} no row says how much went on", "yellow")
    if totals.refused:
        yield line("refused", f"{counted(totals.refused, 'call')}, which produced nothing", "red")


def _result(outcome: Outcome) -> Iterator[str]:
    crossing = crossing_of(outcome.result)
    target = outcome.target
    told = padded(outcome.tool or "?", _TOOL - 1) + " " + padded(clipped_before(target, _TARGET - 1), _TARGET - 1) + " "
    reentered = "?" if crossing.reentered is None else f"{crossing.reentered:,}"
    yield f"{told}{crossing.produced:>{_NUMBER},}{reentered:>{_NUMBER}}{_prevented(crossing)}"
    if crossing.why:
        yield click.style(f"{'':{_TOOL}}{crossing.why}", dim=True)


def _prevented(crossing: Crossing) -> str:
    return click.style(f"{crossing.prevented:>{_NUMBER},}", fg="green" if crossing.prevented else None)


def _amount(size: int, results: int | None = None) -> str:
    of = "" if results is None else f" by {counted(results, 'result')}"
    return f"{size:,} B{of}, about {size // BYTES_OF_A_TOKEN:,} tokens"


def _totals_json(totals: Totals) -> dict[str, Json]:
    return {
        "results": totals.results,
        "produced_bytes": totals.produced,
        "reentered_bytes": totals.reentered,
        "prevented_bytes": totals.prevented,
        "prevented_by": dict(totals.by),
        "unknown_results": totals.unknown,
        "refused_calls": totals.refused,
    }
