"""A finding as people read it, in eighty columns.

Knows findings and terminals; it prints nothing.
"""

from __future__ import annotations

import textwrap

from occasio_core.detection.moment import shown
from occasio_core.detection.watcher import Found
from occasio_core.visible import printable

_WIDTH = 72  # behind the indent
_HASH_SHOWN = 12
_ROWS_SHOWN = 4


def lines(one: Found) -> list[str]:
    """Return a finding in lines, without anything that would move a terminal."""
    told = one.finding
    head = f"{told.severity.upper():<6}  {shown(one.at)}  {one.detector}  run {one.run_id[:8] or '-'}"
    more = " …" if len(told.rows) > _ROWS_SHOWN else ""
    rows = f"rows: {' '.join(row[:_HASH_SHOWN] for row in told.rows[:_ROWS_SHOWN])}{more}"
    texts = [told.message, *([f"hint: {told.hint}"] if told.hint else []), *([rows] if told.rows else [])]
    wrapped = [piece for text in texts for piece in textwrap.wrap(printable(text), _WIDTH)]
    return [printable(head), *(f"        {line}" for line in wrapped)]
