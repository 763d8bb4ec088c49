"""`occasio ledger`: requests to models, one a line, with what they cost; or what they come to by model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import click

from occasio_core.cli.chosen import counting
from occasio_core.cli.output import printed
from occasio_core.cli.selecting import Asked, selection_options
from occasio_core.cli.terminal import at, counted, padded, short
from occasio_core.money import dollars
from occasio_core.reading import Counters, Reader, Selection, milliseconds
from occasio_core.views.calls import number, text, tokens_in
from occasio_verify import Json, Row

_MODEL = 17
_AMOUNTS = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "cost_micro_usd")


@click.command()
@selection_options
@click.option(
    "--last", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="So many requests."
)
@click.option("--summary", "is_summary", is_flag=True, help="What all requests come to, by model.")
def ledger(asked: Asked, last: int, is_summary: bool) -> None:
    """List requests to models with their tokens and costs, and what all that were asked for come to.

    `cached` are tokens that the provider's own cache had; that is no doing of Occasio.  Exit codes: 0, 1 the log is
    damaged (what is before the damage is shown), 2 wrong use.
    """
    with asked.reader() as (reader, selection):
        total = reader.counters(selection)
        if is_summary:
            models = _by_model(reader, selection)
            shown: Json = [{"model": model or None, **counts} for model, counts in models]
            lines = _summary_lines(models)
        else:
            rows = list(reader.rows(selection, kinds=("request",), newest=last))
            shown, lines = [_json(row) for row in rows], _lines(rows)
        if asked.as_json:
            printed({"models" if is_summary else "requests": shown, "total": _total_json(total)})
        elif total.requests:
            click.echo("\n".join([*lines, _total(total)]))
        elif reader.health.rows:
            click.echo("no request was made to a model")


def _by_model(reader: Reader, selection: Selection) -> list[tuple[str, Counter[str]]]:
    found: dict[str, Counter[str]] = {}
    for row in counting(reader.rows(selection, kinds=("request",))):
        counts = found.setdefault(text(row, "model"), Counter())
        counts.update({"requests": 1, "unpriced": int("cost_micro_usd" not in row.fields)})
        counts.update({name: number(row, name) for name in _AMOUNTS})
    return sorted(found.items(), key=lambda one: (-one[1]["cost_micro_usd"], one[0]))


def _lines(rows: list[Row]) -> Iterator[str]:
    heading = f"{'when (UTC)':21}{'run':9}{'model':{_MODEL}}{'in':>9}{'cached':>9}{'out':>7}{'cost':>8}"
    yield click.style(heading, bold=True)
    for row in rows:
        when = at(milliseconds(text(row, "ts")))
        cost = number(row, "cost_micro_usd") if "cost_micro_usd" in row.fields else None
        color = None if 200 <= number(row, "status") < 300 else "yellow"
        amounts = f"{tokens_in(row):>9,}{number(row, 'cache_read_tokens'):>9,}{number(row, 'output_tokens'):>7,}"
        told = f"{when} {short(row.run_id or ''):9}{padded(text(row, 'model') or '?', _MODEL - 1)} "
        yield click.style(f"{told}{amounts}{_cost(cost):>8}", fg=color)


def _summary_lines(models: list[tuple[str, Counter[str]]]) -> Iterator[str]:
    heading = f"{'model':27}{'requests':>9}{'in':>13}{'cached':>12}{'out':>10}{'cost':>9}"
    yield click.style(heading, bold=True)
    for model, counts in models:
        told = counts["input_tokens"] + counts["cache_read_tokens"] + counts["cache_write_tokens"]
        amounts = f"{counts['requests']:>9,}{told:>13,}{counts['cache_read_tokens']:>12,}{counts['output_tokens']:>10,}"
        cost = None if counts["unpriced"] == counts["requests"] else counts["cost_micro_usd"]
        yield f"{padded(model or '?', 26)} {amounts}{_cost(cost):>9}"


def _total(total: Counters) -> str:
    cost = "at no known price" if total.unpriced == total.requests else dollars(total.cost_micro_usd)
    unpriced = f" and {total.unpriced:,} unpriced" if 0 < total.unpriced < total.requests else ""
    return (
        f"{counted(total.requests, 'request')}, {total.tokens_in:,} in, {total.output_tokens:,} out, {cost}{unpriced}"
    )


def _cost(micro_usd: int | None) -> str:
    return "?" if micro_usd is None else dollars(micro_usd)


def _json(row: Row) -> dict[str, Json]:
    names = ("seq", "run_id", "ts", "model", "status", *_AMOUNTS, "complete", "hash")
    return {name: row.fields[name] for name in names if name in row.fields}


def _total_json(total: Counters) -> dict[str, Json]:
    names = ("requests", "failed_requests", "unpriced", *_AMOUNTS)
    return {name: getattr(total, name) for name in names}
