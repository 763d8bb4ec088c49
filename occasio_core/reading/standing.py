"""Where the index stands in the log: all that is asked where nothing has come since it was asked last.

Loads nothing that checks rows, walks or builds: that costs more time than the answer.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

Progress = Callable[[int], None]


def is_at(index: sqlite3.Connection, log: Path, end: int) -> bool:
    """Return whether the index has all rows of the log's first `end` bytes, and is of this log."""
    (size,) = index.execute("SELECT size FROM position").fetchone()
    return bool(size == end) and belongs(index, log, end)


def belongs(index: sqlite3.Connection, log: Path, end: int) -> bool:
    """Return whether the log still has the last row that the index knows, byte for byte, where it knows it."""
    known = index.execute("SELECT rows, size, last_line, last_offset FROM position").fetchone()
    rows, size, digest, offset = known
    if size > end:
        return False
    if rows == 0:
        return bool(size == 0)
    with log.open("rb") as file:
        file.seek(offset)
        return bool(sha256(file.read(size - offset)).digest() == digest)


def whole_lines(log: Path) -> tuple[int, int]:
    """Return where the whole lines of the log end, and its size.  Raises `OSError`."""
    with log.open("rb") as file:
        size = end = os.fstat(file.fileno()).st_size
        while end > 0:
            begin = max(0, end - (1 << 16))
            file.seek(begin)
            if (at := file.read(end - begin).rfind(b"\n")) >= 0:
                return begin + at + 1, size
            end = begin
        return 0, size
