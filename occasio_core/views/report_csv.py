"""A report as one CSV table (RFC 4180), safe to open in a spreadsheet.

A cell that a spreadsheet would take for a formula gets an apostrophe in front, as OWASP advises; no cell has a line
break or another control character.  Pure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from occasio_core.views.report import COLUMNS, Report
from occasio_core.visible import printable

HEADER = ("section", *COLUMNS, "count")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def as_csv(report: Report) -> Iterator[str]:
    """Yield the lines of the table: the numbers in sum, every event, everything that was touched."""
    yield _line(HEADER)
    facts = {"generated_at": report.generated_at, "since": report.since or "", "until": report.until or ""}
    facts["log"] = report.health.warning or "sound"
    for name, value in facts.items():
        yield _row("summary", kind=name, target=value)
    for name, count in report.summary().items():
        yield _row("summary", kind=name, count=str(count))
    for event in report.events:
        yield _row("event", **{name: str(getattr(event, name)) for name in COLUMNS}, count="1")
    for (effect, target), one in report.access.items():
        yield _row(
            "access", kind=effect, target=target, seq=str(one.last_seq), hash=one.last_hash, count=str(one.times)
        )
    if report.unlisted:
        yield _row("access", kind="unlisted", count=str(report.unlisted))


def cell(value: str) -> str:
    """Return a value as a cell may hold it."""
    shown = printable(value)
    # what stands before it does not help: some programs skip it
    return f"'{shown}" if shown.lstrip(" ?'\"").startswith(_FORMULA) else shown


def _row(section: str, **values: str) -> str:
    return _line([section, *(values.get(name, "") for name in HEADER[1:])])


def _line(values: list[str] | tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(map(cell, values))
    return out.getvalue()
