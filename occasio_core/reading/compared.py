"""Whether the log extends the last checkpoint that was kept: asked once for each checkpoint, and then remembered."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from occasio_core import home as places
from occasio_core.reading.health import CHECKPOINT_EXTENDED, CHECKPOINT_UNREADABLE, Health, Seen

_QUERY = "SELECT compared, compared_size, compared_root, peaks FROM position"
_REMEMBER = "UPDATE position SET compared = ?, compared_size = ?, compared_root = ?"


def compare(health: Health, index: sqlite3.Connection, log: Path, place: Path) -> Health:
    """Return `health` with the checkpoint that the home `place` keeps, and what came of comparing the log with it."""
    try:
        note = places.checkpoint_path(place).read_bytes()
    except FileNotFoundError:
        return health
    except OSError:
        return replace(health, compared=CHECKPOINT_UNREADABLE)
    mark = sha256(note).digest()
    compared, size, root, peaks = index.execute(_QUERY).fetchone()
    if compared == mark and size <= health.rows:
        return replace(health, checkpoint=Seen(size, root), compared=CHECKPOINT_EXTENDED)
    return _for_the_first_time(note, mark, health, index, peaks, log)


def _for_the_first_time(
    note: bytes, mark: bytes, health: Health, index: sqlite3.Connection, peaks: bytes, log: Path
) -> Health:
    from occasio_core.reading.extends import extends, read_checkpoint  # slow to import, and seldom needed

    seen = read_checkpoint(note)
    if seen is None:
        return replace(health, compared=CHECKPOINT_UNREADABLE)
    code = extends(note, health, peaks, log)
    if code == CHECKPOINT_EXTENDED:
        with suppress(sqlite3.OperationalError):  # read-only or busy: it is compared again the next time
            index.execute(_REMEMBER, (mark, seen.size, seen.root))
    return replace(health, checkpoint=seen, compared=code)
