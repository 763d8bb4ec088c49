"""Comparing the log with a checkpoint that was kept: with the tree over the rows that were verified."""

from __future__ import annotations

from pathlib import Path

from occasio_core.errors import LedgerError
from occasio_core.ledger import HashFile, first_row
from occasio_core.reading.health import (
    CHECKPOINT_CUT,
    CHECKPOINT_DIFFERS,
    CHECKPOINT_EXTENDED,
    CHECKPOINT_UNCHECKED,
    Health,
    Seen,
)
from occasio_verify import CompactRange, VerifyError, log_origin, parse_checkpoint, parse_note, parse_row

_HASH_BYTES = 32


def read_checkpoint(note: bytes) -> Seen | None:
    """Return what the checkpoint saw, None if it is none."""
    try:
        tree = parse_checkpoint(parse_note(note).text)
    except VerifyError:
        return None
    return Seen(tree.size, tree.root)


def extends(note: bytes, health: Health, peaks: bytes, log: Path) -> str:
    """Return what comes of comparing the log with the checkpoint, which is one: a code of `health`.

    `peaks` are the roots of the tree over the rows that `health` tells of.
    """
    tree = parse_checkpoint(parse_note(note).text)
    if tree.size > health.rows:
        return CHECKPOINT_CUT if health.damage is None else CHECKPOINT_UNCHECKED
    try:
        if tree.size and tree.origin != log_origin(parse_row(first_row(log)).hash):
            return CHECKPOINT_DIFFERS
        root = _root(tree.size, health, peaks, log)
    except (VerifyError, LedgerError):  # the log is not what was verified a moment ago
        return CHECKPOINT_DIFFERS
    except OSError:  # the file of the tree's hashes may not be written
        return CHECKPOINT_UNCHECKED
    return CHECKPOINT_EXTENDED if root == tree.root else CHECKPOINT_DIFFERS


def _root(size: int, health: Health, peaks: bytes, log: Path) -> bytes:
    """Return the root of the tree over the log's first `size` rows."""
    hashes = [peaks[at : at + _HASH_BYTES] for at in range(0, len(peaks), _HASH_BYTES)]
    whole = CompactRange.from_hashes(health.rows, hashes).root()
    if size == health.rows:
        return whole
    with HashFile(log) as tree:
        tree.reach(health.rows, health.size, whole)
        return tree.root(size)
