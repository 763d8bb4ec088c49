"""A report as one HTML page: nothing is loaded, nothing runs, everything from rows is escaped.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from occasio_core.views.report import Event, Report, kinds_of
from occasio_core.views.report_markdown import numbers, span, told_health, when
from occasio_core.visible import printable

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 0 0 2rem; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #8884; }
td { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.events td:nth-child(-n + 6), .events td:last-child { white-space: nowrap; }
.events td:nth-child(n + 7) { min-width: 9rem; }
caption { text-align: left; font-size: 1.2rem; font-weight: 600; padding: .5rem 0; }
.bad { color: #b3261e; font-weight: 600; }
@media (prefers-color-scheme: dark) { .bad { color: #ff8a80; } }
@media (max-width: 40rem) { table { display: block; overflow-x: auto; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def as_html(report: Report) -> Iterator[str]:
    """Yield the lines of the page."""
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">'
    yield f"<title>What agents did</title><style>{_STYLE}</style></head><body>"
    yield "<h1>What agents did</h1>"
    yield f"<p>{shown(span(report))}. Made at {shown(report.generated_at)}.</p>"
    mark = "" if report.health.is_sound else ' class="bad"'
    yield f"<p{mark}>The log: {shown(told_health(report))}.</p>"
    yield from _table("In sum", ("what", "number"), numbers(report))
    yield from _table("By kind", ("kind", "events"), [(kind, f"{count:,}") for kind, count in kinds_of(report)])
    yield from _table(
        "Events",
        ("row", "when (UTC)", "run", "agent", "kind", "tool", "target", "reason", "rule", "to do", "hash"),
        (
            (str(one.seq), when(one.ts), one.run_id[:8], one.agent, one.kind, *_about(one), one.hash[:16])
            for one in report.events
        ),
        "events",
    )
    yield from _table(
        "Touched",
        ("effect", "target", "times", "last row"),
        ((effect, target, f"{a.times:,}", str(a.last_seq)) for (effect, target), a in report.access.items()),
    )
    if report.unlisted:
        yield f"<p>And {report.unlisted:,} touches of more targets than are listed.</p>"
    yield "</body></html>"


def shown(value: str) -> str:
    """Return a text as it may stand in the page; what no reader would see is shown as `?`."""
    return escape(printable(value))


def _about(one: Event) -> tuple[str, ...]:
    return one.tool, one.target, one.reason, one.rule, one.remedy


def _table(title: str, heading: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "sum") -> Iterator[str]:
    begun = False
    for row in rows:
        if not begun:
            cells = "".join(f'<th scope="col">{shown(name)}</th>' for name in heading)
            yield f'<table class="{kind}"><caption>{shown(title)}</caption><thead><tr>{cells}</tr></thead><tbody>'
            begun = True
        yield f"<tr>{''.join(f'<td>{shown(value)}</td>' for value in row)}</tr>"
    if begun:
        yield "</tbody></table>"
