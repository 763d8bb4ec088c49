"""How commands write for a person: 80 columns, nothing that a terminal would obey, colour only where it is wanted.

Pure: knows text, no rows and no terminal; `click.echo` takes colour out where there is none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import click

from occasio_core.reading.moments import timestamp
from occasio_core.visible import printable

WIDTH = 80
_LABEL = 11
_SHORT = 8  # digits of a run's id


def line(label: str, text: str, color: str | None = None) -> str:
    """Return a line with what it is about and what there is to say, clipped to the width."""
    return f"{click.style(label.ljust(_LABEL), bold=True)}{click.style(clipped(text, WIDTH - _LABEL), fg=color)}"


def clipped(text: str, width: int) -> str:
    """Return `text` on one line of `width` columns at most; what would move a cursor is shown as `?`."""
    shown = printable(text)
    if sum(map(_columns, shown)) <= width:
        return shown
    kept, left = [], width - 1
    for char in shown:
        left -= _columns(char)
        if left < 0:
            break
        kept.append(char)
    return f"{''.join(kept)}…"


def clipped_before(text: str, width: int) -> str:
    """As `clipped`, of the end of a text: of a path, the name is worth more than the root."""
    shown = clipped(text, len(text) * 2 + 1)
    if sum(map(_columns, shown)) <= width:
        return shown
    while shown and sum(map(_columns, shown)) > width - 1:
        shown = shown[1:]
    return f"…{shown}"


def padded(text: str, width: int) -> str:
    """Return `text` in exactly `width` columns."""
    shown = clipped(text, width)
    return shown + " " * (width - sum(map(_columns, shown)))


def counted(number: int, thing: str) -> str:
    """Return how many of a thing there are, in words."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def listed(*parts: tuple[int, str]) -> Iterator[str]:
    """Yield each part that is not 0."""
    return (f"{number:,} {word}" for number, word in parts if number)


def short(run_id: str) -> str:
    """Return the first digits of a run's id, by which commands take it."""
    return run_id[:_SHORT]


def at(time: int) -> str:
    """Return a time, to the second, in UTC."""
    return timestamp(time)[:19].replace("T", " ") + "Z"


def lasted(milliseconds: int) -> str:
    """Return how long something took, in two units at most."""
    seconds = milliseconds // 1000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    if seconds < 86_400:
        return f"{seconds // 3600} h {seconds // 60 % 60} min"
    return f"{seconds // 86_400} d {seconds // 3600 % 24} h"


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
