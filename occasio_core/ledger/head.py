"""The head file: where the log ends, so that the next row costs the same however long the log is.

Everything in it can be had from the log again; it is believed only as far as its checksums go.

    offset   bytes
    0        2048    one slot: epoch, where the log ends, the census of the open runs, the last change of their table
    2048     2048    the other slot
    4096     64 n    the table of open runs, see `runs`

Slots are written in turn, so that a writer who dies while writing one leaves the other, which is one append older.
The table is changed after the slot that tells the change; the next writer makes the change again if another process
wrote that slot.  An epoch is the time from one reading of the log itself to the next; within it the log only grows.
Whoever uses an object of this module holds the log's lock; only `mark` is free.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import NamedTuple

from occasio_core.ledger.disk import open_private, read_at, write_at
from occasio_core.ledger.entry import RunTail
from occasio_core.ledger.runs import FREE, Census, RunTable, Seat
from occasio_core.ledger.tail import Tail

SLOT_BYTES = 2048
TABLE_OFFSET = 2 * SLOT_BYTES

_MAGIC = b"occhead1"
_SLOT = Struct(">8sQ8sQQ32sIIi64s")  # magic, generation, epoch, size, rows, last hash, census, index, record
# Then the peaks of the tree, one for each 1 in `rows`, and CRC-32 over everything before.
_CRC = Struct(">I")
_NO_CHANGE = -1


class Mark(NamedTuple):
    """How many bytes of the log are whole rows, in an epoch."""

    epoch: bytes
    size: int

    def covers(self, other: Mark) -> bool:
        """Return whether what `other` marks is a part of what this does."""
        return self.epoch == other.epoch and self.size >= other.size


NOTHING = Mark(b"", 0)


@dataclass(slots=True)
class Head:
    """What one slot says."""

    generation: int
    epoch: bytes
    tail: Tail
    census: Census
    index: int = _NO_CHANGE
    record: bytes = FREE


class HeadDamagedError(Exception):
    """Raised when the table is not what the slot says; the log must be read again."""


class HeadFile:
    """The head of one log."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = open_private(path)
        self._table = RunTable(self._descriptor, TABLE_OFFSET)
        self._head: Head | None = None
        self._slot = b""

    def close(self) -> None:
        os.close(self._descriptor)

    def reopen(self) -> None:
        """Go on with the file that has the path now: somebody may have removed the one that was open."""
        descriptor = open_private(self._path)
        try:
            os.dup2(descriptor, self._descriptor, inheritable=False)  # `mark` may be reading it
        finally:
            os.close(descriptor)
        self._head = None

    def read(self) -> Tail | None:
        """Return where the log ended at the last append of any process, or None if no slot says so.

        The tail is the caller's to change, and must then be written; read again to see it.  Raises `OSError`.
        """
        for slot in self._newest_first():
            if self._head is not None and slot.startswith(self._slot):
                return self._head.tail
            if (head := decode_head(slot)) is not None:
                if head.index != _NO_CHANGE and self._table.read(head.index) != head.record:
                    self._table.write(head.index, head.record)
                self._head, self._slot = head, encode_head(head)
                return head.tail
        self._head = None
        return None

    def forget(self) -> None:
        """Have the next `read` look at the file, whatever was changed in memory."""
        self._head = None

    def is_sound(self) -> bool:
        """Return whether the table is the one that the slot last read belongs to."""
        return self._head is not None and self._table.census() == self._head.census

    def seat(self, run_id: str) -> Seat:
        """Return where in the table the run is, or could be.  Raises `HeadDamagedError`."""
        if (seat := self._table.seat(run_id)) is not None:
            return seat
        if not self.is_sound():
            raise HeadDamagedError
        return self._table.free_seat(run_id)

    def runs(self) -> Mapping[str, RunTail]:
        """Return all open runs."""
        return self._table.all()

    @property
    def open_runs(self) -> int:
        """How many runs are open."""
        return self._head.census.open_runs if self._head is not None else 0

    @property
    def epoch(self) -> bytes:
        """The epoch of the tail that was read or written last."""
        return self._head.epoch if self._head is not None else b""

    def write(self, tail: Tail, seat: Seat | None, run: RunTail | None) -> None:
        """Note that the log ends at `tail`, and the run in `seat`, if any, at `run`: None if it is over.

        Raises `OSError`, and `HeadDamagedError` where no tail was read before.
        """
        head, self._head = self._head, None  # should this be cut short, the file decides
        if head is None:
            raise HeadDamagedError
        head.generation, head.tail, head.index = head.generation + 1, tail, _NO_CHANGE
        if seat is not None:
            head.census = self._table.take(seat, run, head.census)
            head.index, head.record = seat.index, seat.record
        self._store(head)

    def replace(self, tail: Tail, runs: Mapping[str, RunTail]) -> None:
        """Note that the log ends at `tail`, with these runs open, whatever was noted before.  Raises `OSError`."""
        self._head = None
        os.ftruncate(self._descriptor, 0)  # no slot may speak of a table that is half replaced
        self._store(Head(1, os.urandom(8), tail, self._table.replace(runs)))

    def mark(self) -> Mark:
        """Return how far the log was written when last heard of; this needs no lock."""
        for slot in self._newest_first():
            if (head := decode_head(slot)) is not None:
                return Mark(head.epoch, head.tail.size)
        return NOTHING

    def _newest_first(self) -> tuple[bytes, bytes]:
        page = read_at(self._descriptor, TABLE_OFFSET, 0)
        one, other = page[:SLOT_BYTES], page[SLOT_BYTES:]
        return (one, other) if one[8:16] > other[8:16] else (other, one)  # their generations

    def _store(self, head: Head) -> None:
        slot = encode_head(head)
        if write_at(self._descriptor, slot, SLOT_BYTES * (head.generation % 2)) != len(slot):
            raise OSError("short write")
        if head.index != _NO_CHANGE:
            self._table.write(head.index, head.record)
        self._head, self._slot = head, slot


def encode_head(head: Head) -> bytes:
    """Return the slot that says `head`."""
    tail = head.tail
    fixed = _SLOT.pack(
        _MAGIC,
        head.generation,
        head.epoch,
        tail.size,
        tail.rows,
        bytes.fromhex(tail.last_hash),
        *head.census,
        head.index,
        head.record,
    )
    return b"%b%b%b" % (fixed, tail.peaks, _CRC.pack(zlib.crc32(tail.peaks, zlib.crc32(fixed))))


def decode_head(slot: bytes) -> Head | None:
    """Return what a slot says, or None if it was not written from end to end."""
    if len(slot) < _SLOT.size:
        return None
    magic, generation, epoch, size, rows, last_hash, open_runs, checksum, index, record = _SLOT.unpack_from(slot)
    end = _SLOT.size + 32 * rows.bit_count()
    if magic != _MAGIC or slot[end : end + 4] != _CRC.pack(zlib.crc32(slot[:end])):
        return None
    tail = Tail(size, rows, last_hash.hex(), slot[_SLOT.size : end])
    return Head(generation, epoch, tail, Census(open_runs, checksum), index, record)
