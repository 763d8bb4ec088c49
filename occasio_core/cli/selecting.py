"""How every command that shows the log is asked for a part of it, reads it, and ends.

    @click.command()
    @selection_options
    def status(asked: Asked) -> None:
        with asked.reader() as (reader, selection):
            ...

Exit codes: 0; 1 where the log is damaged, after what is before the damage was shown; 2 wrong use, such as a run that is
not there.  A log that is empty, or not there, is told on stderr and is no error.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from occasio_core import home as places
from occasio_core.cli.output import talk
from occasio_core.cli.progress import reading

if TYPE_CHECKING:
    from occasio_core.reading import Health, Reader, Selection

DAMAGED = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person asked to see: a run by the first digits of its id, a span of time, as JSON or to be read."""

    run: str | None = None
    since: str | None = None
    until: str | None = None
    as_json: bool = False

    @contextmanager
    def reader(self) -> Iterator[tuple[Reader, Selection]]:
        """Provide the reader of this home's log and the selection; all answers within are of one moment.

        Afterwards the person is told if the log is damaged, and the command ends with `DAMAGED`.
        Raises `UsageError` for a run or a time that there is not, `OccasioError` if the log cannot be read.
        """
        with open_with_progress(places.home()) as reader, reader.held():
            _tell_of_nothing(reader)
            yield reader, self.selection(reader)
            health = reader.health
        end(health)

    def selection(self, reader: Reader) -> Selection:
        """Return the selection.  Raises `UsageError` for a run or a time that there is not."""
        from occasio_core.reading import Selection, moment

        now = time.time_ns() // 1_000_000
        return Selection(
            run_id=None if self.run is None else reader.run_id(self.run),
            since=None if self.since is None else moment(self.since, now),
            until=None if self.until is None else moment(self.until, now),
        )


def open_with_progress(place: Path) -> Reader:
    """Return the reader of a home's log; what takes longer than a second is shown on stderr.

    Raises `OccasioError` if the log cannot be read.  For a process that has no threads yet.
    """
    from occasio_core.reading import open_reader

    what = "reading the log for the first time, or what is new"
    with reading(places.log_path(place), what, also_elsewhere=True) as progress:
        return open_reader(place, jobs=processors(), progress=progress)


def selection_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command `--run`, `--since`, `--until` and `--json`, and hand them over as its argument `asked`."""

    @wraps(command)
    def asking(
        *args: object, run: str | None, since: str | None, until: str | None, as_json: bool, **others: object
    ) -> None:
        command(*args, asked=Asked(run, since, until, as_json), **others)

    for option in reversed(_OPTIONS):
        asking = option(asking)
    return asking


_OPTIONS = (
    click.option("--run", metavar="PREFIX", help="One run, by the first digits of its id (default: all)."),
    click.option("--since", metavar="TIME", help="From then on: 2h, 7d, or as RFC 3339 says it."),
    click.option("--until", metavar="TIME", help="Before then."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON."),
)


def end(health: Health) -> None:
    """Tell what is wrong with the log, if anything is, and end the command with `DAMAGED`."""
    if not health.warning:
        return
    talk(f"occasio: {health.warning}")
    talk("hint: occasio audit verify says more")
    click.get_current_context().exit(DAMAGED)


def _tell_of_nothing(reader: Reader) -> None:
    if reader.health.rows == 0 and reader.health.damage is None:
        talk(f"nothing is recorded yet: {'an empty' if reader.health.exists else 'no'} log at {reader.log}")
        talk("hint: start a run with `occasio claude` or `occasio run -- COMMAND`")


def processors() -> int:
    """Return how many processors there are to share a long log, within what the verifier takes."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, 256)
