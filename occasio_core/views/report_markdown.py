"""A report as markdown; what rows took from agents is code, and can end no cell.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from occasio_core.money import dollars
from occasio_core.views.recap import quoted
from occasio_core.views.report import Report, kinds_of

MOST_EVENTS, MOST_ACCESSES = 100, 50


def as_markdown(report: Report) -> Iterator[str]:
    """Yield the lines; of long lists the last entries, and how many there are."""
    yield "# What agents did"
    yield ""
    yield f"{span(report)}. Made at {report.generated_at}."
    yield ""
    yield f"The log: {told_health(report)}."
    yield from _table("In sum", ("what", "number"), list(numbers(report)))
    yield from _table("By kind", ("kind", "events"), [(kind, f"{count:,}") for kind, count in kinds_of(report)])
    events = [
        (str(event.seq), when(event.ts), event.kind, *map(_code, (event.tool, event.target, event.reason, event.rule)))
        for event in report.events[-MOST_EVENTS:]
    ]
    title = "Events" + _of(len(report.events), MOST_EVENTS)
    yield from _table(title, ("row", "when", "kind", "tool", "target", "reason", "rule"), events)
    access = sorted(report.access.items(), key=lambda one: (-one[1].times, one[0]))
    shown = [(effect, _code(target), f"{one.times:,}", str(one.last_seq)) for (effect, target), one in access]
    title = "Touched" + _of(len(access), MOST_ACCESSES)
    yield from _table(title, ("effect", "target", "times", "last row"), shown[:MOST_ACCESSES])
    if report.unlisted:
        yield ""
        yield f"and {report.unlisted:,} touches of more targets than are listed"


def numbers(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the numbers of the summary that are not 0, as people read them."""
    for name, value in report.summary().items():
        if isinstance(value, int) and value:
            is_money = name == "cost_micro_usd"
            yield "cost" if is_money else name.replace("_", " "), dollars(value) if is_money else f"{value:,}"


def when(ts: str) -> str:
    """Return a row's time to the second, in UTC."""
    return f"{ts[:10]} {ts[11:19]}"


def span(report: Report) -> str:
    """Return which time the report is of."""
    return f"From {report.since or 'the first row'} to {report.until or 'the last row'}"


def told_health(report: Report) -> str:
    """Return how far the log can be believed."""
    return report.health.warning or f"{report.health.rows:,} rows, each verified"


def _of(count: int, most: int) -> str:
    return f" ({most:,} of {count:,})" if count > most else ""


def _table(title: str, heading: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield f"## {title}"
    yield ""
    yield f"| {' | '.join(heading)} |"
    yield f"|{'---|' * len(heading)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _code(value: str) -> str:
    # in a table a bar ends the cell even within code, unless it is escaped (GFM, tables)
    return quoted(value).replace("|", "\\|") if value else ""
