"""Whether the log extends the last checkpoint that was kept: asked once for each checkpoint, and then remembered."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from occasio_core.checkpoints import kept
from occasio_core.errors import LedgerError, OccasioError
from occasio_core.ledger import HashFile, first_row
from occasio_core.reading.health import (
    CHECKPOINT_CUT,
    CHECKPOINT_DIFFERS,
    CHECKPOINT_EXTENDED,
    CHECKPOINT_UNCHECKED,
    CHECKPOINT_UNREADABLE,
    Health,
)
from occasio_verify import Checkpoint, CompactRange, VerifyError, log_origin, parse_row

_HASH_BYTES = 32


def compare(health: Health, index: sqlite3.Connection, log: Path, place: Path) -> Health:
    """Return `health` with the checkpoint that the home `place` keeps, and what came of comparing the log with it."""
    try:
        noted = kept(place)
    except OccasioError:
        return replace(health, compared=CHECKPOINT_UNREADABLE)
    if noted is None:
        return health
    return replace(health, checkpoint=noted.tree, compared=_code(noted.tree, noted.note, health, index, log))


def _code(tree: Checkpoint, note: bytes, health: Health, index: sqlite3.Connection, log: Path) -> str:
    if tree.size > health.rows:
        return CHECKPOINT_CUT if health.damage is None else CHECKPOINT_UNCHECKED
    mark = sha256(note).digest()
    compared, peaks = index.execute("SELECT compared, peaks FROM position").fetchone()
    if compared == mark:
        return CHECKPOINT_EXTENDED
    try:
        if tree.size and tree.origin != log_origin(parse_row(first_row(log)).hash):
            return CHECKPOINT_DIFFERS
        root = _root(tree.size, health, peaks, log)
    except VerifyError:
        return CHECKPOINT_DIFFERS
    except LedgerError:
        return CHECKPOINT_DIFFERS  # the log is not what was verified a moment ago
    except OSError:  # the file of the tree's hashes may not be written
        return CHECKPOINT_UNCHECKED
    if root != tree.root:
        return CHECKPOINT_DIFFERS
    with suppress(sqlite3.OperationalError):  # read-only or busy: it is compared again the next time
        index.execute("UPDATE position SET compared = ?", (mark,))
    return CHECKPOINT_EXTENDED


def _root(size: int, health: Health, peaks: bytes, log: Path) -> bytes:
    """Return the root of the tree over the log's first `size` rows."""
    hashes = [peaks[at : at + _HASH_BYTES] for at in range(0, len(peaks), _HASH_BYTES)]
    whole = CompactRange.from_hashes(health.rows, hashes).root()
    if size == health.rows:
        return whole
    with HashFile(log) as tree:
        tree.reach(health.rows, health.size, whole)
        return tree.root(size)
