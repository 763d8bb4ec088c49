"""A file for each day in Occasio's home, for what is useful and no evidence: a JSON object on each line.

Written behind whoever has something to say, by a thread of its own; what cannot be written is as if it was never said,
and a decision never waits for it.  Several processes may write to one day's file.  A file is its owner's alone, a full
one is followed by another of the same day, and those of long ago are dropped.  Knows no rows, and not what is said.
"""

from __future__ import annotations

import os
import re
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, Full, Queue

from occasio_core.ledger.entry import timestamp
from occasio_verify import Json, MalformedError, canonical, parse_json

LOGS, DISTILLED = "logs", "distilled"  # folders of Occasio's home
KEPT_DAYS = 30
MAX_FILE_BYTES = 64 << 20
MAX_LINE_BYTES = 4 << 20

_WAITING = 4096  # what more is said while the disk is slow is lost
_FILE = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:\.(?P<part>[1-9][0-9]{0,3}))?\.jsonl")
_OPEN = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)

_Said = Mapping[str, Json]


class DayLog:
    """Writes into the folder of that name.  `clock` tells seconds since 1970."""

    def __init__(
        self, place: Path, folder: str, clock: Callable[[], float] = time.time, most: int = MAX_FILE_BYTES
    ) -> None:
        self._folder = place / folder
        self._clock = clock
        self._most = most
        self._waiting: Queue[tuple[datetime, _Said] | None] = Queue(_WAITING)
        self._writer: threading.Thread | None = None
        self._starting = threading.Lock()
        self._day = ""

    def note(self, said: _Said) -> None:
        """Take note of one thing, with the time.  Returns at once."""
        with self._starting:
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_all, name="occasio-daylog", daemon=True)
                self._writer.start()
        with suppress(Full):
            self._waiting.put_nowait((datetime.fromtimestamp(self._clock(), UTC), said))

    def close(self) -> None:
        """Return once everything is written."""
        if self._writer is not None:
            self._waiting.put(None)
            self._writer.join()

    def _write_all(self) -> None:
        item = self._waiting.get()
        while item is not None:
            batch = []
            with suppress(Empty):
                while item is not None:
                    batch.append(item)
                    item = self._waiting.get_nowait()
            with suppress(OSError):
                self._write(batch)
            if item is not None:
                item = self._waiting.get()

    def _write(self, batch: list[tuple[datetime, _Said]]) -> None:
        by_day: dict[str, list[bytes]] = {}
        for at, said in batch:
            if line := _line(at, said):
                by_day.setdefault(f"{at:%Y-%m-%d}", []).append(line)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for day, lines in by_day.items():
            if day != self._day:  # the first that is written, or another day: some may be too old now
                self._day = day
                forget(self._folder, datetime.fromisoformat(day) - timedelta(days=KEPT_DAYS))
            descriptor = _opened(self._folder, day, self._most)
            try:
                for line in lines:
                    os.write(descriptor, line)  # whole: lines of several processes do not mix
            finally:
                os.close(descriptor)


def files(folder: Path) -> list[Path]:
    """Return the files of a folder, oldest first; none where there is no such folder."""
    found = [(match["day"], int(match["part"] or 0), path) for path, match in _matching(folder)]
    return [path for _, _, path in sorted(found)]


def said_in(path: Path) -> Iterator[dict[str, Json]]:
    """Yield what a file says, line by line; lines that cannot be read are left out.  Raises `OSError`."""
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE_BYTES + 1):
            try:
                said = parse_json(line)
            except MalformedError:
                continue
            if isinstance(said, dict):
                yield said


def forget(folder: Path, before: datetime | None = None, only: datetime | None = None) -> list[Path]:
    """Drop the files of days before `before`, those of the day `only`, or all; return which.  Raises `OSError`."""
    dropped = []
    for path, match in list(_matching(folder)):
        is_old = before is None or match["day"] < f"{before:%Y-%m-%d}"
        if is_old and (only is None or match["day"] == f"{only:%Y-%m-%d}"):
            path.unlink(missing_ok=True)
            dropped.append(path)
    return sorted(dropped)


def _matching(folder: Path) -> Iterator[tuple[Path, re.Match[str]]]:
    for path in folder.iterdir() if folder.is_dir() else ():
        if match := _FILE.fullmatch(path.name):
            yield path, match


def _line(at: datetime, said: _Said) -> bytes:
    try:
        line = canonical({"ts": timestamp(at), **said}) + b"\n"
    except MalformedError:
        return b""
    return line if len(line) <= MAX_LINE_BYTES else b""


def _opened(folder: Path, day: str, most: int) -> int:
    """Return the day's file that is not full yet.  Raises `OSError`, also for what is no file of ours."""
    part = 0
    while True:
        path = folder / (f"{day}.{part}.jsonl" if part else f"{day}.jsonl")
        descriptor = os.open(path, _OPEN, 0o600)
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and found.st_size < most:
            if os.name == "posix" and found.st_mode & 0o077:
                os.fchmod(descriptor, 0o600)
            return descriptor
        os.close(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{path} is no file")
        part += 1
