"""How far a long reading of the log has come, on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

_AFTER_SECONDS = 1.0


@contextmanager
def reading(
    log: Path, what: str = "reading the log", *, also_elsewhere: bool = False
) -> Iterator[Callable[[int], None]]:
    """Provide what is told of offsets in bytes, and shows them in percent once that has taken longer than a second.

    On a terminal they take each other's place and are gone at the end; elsewhere there are lines, if `also_elsewhere`.
    """
    size = log.stat().st_size if log.exists() else 0
    at_terminal = sys.stderr.isatty()
    began, shown = time.monotonic(), ""

    def tell(offset: int) -> None:
        nonlocal shown
        if time.monotonic() - began < _AFTER_SECONDS or not (at_terminal or also_elsewhere):
            return
        text = f"{what}: {min(offset * 100 // max(size, 1), 100)} %"
        if text != shown:
            shown = text
            click.echo(f"\r{text}" if at_terminal else text, err=True, nl=not at_terminal)

    try:
        yield tell
    finally:
        if shown and at_terminal:
            click.echo("\r\x1b[K", err=True, nl=False)
