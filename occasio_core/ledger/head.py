"""The head file: where the log ends, so that the next row costs the same however long the log is.

Everything in it can be had from the log again; it is believed only as far as its checksums go.

    offset   bytes
    0        2048    one slot: magic, generation, tail of the log, census of the open runs, the last change of the table
    2048     2048    the other slot
    4096     64 n    the table of open runs, see `runs`

Slots are written in turn, so that a writer who dies while writing one leaves the other, which is one append older.
The table is changed after the slot that tells the change; the next writer makes the change again if another process
wrote that slot.  Whoever uses an object of this module holds the log's lock; only `written` is free.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from struct import Struct

from occasio_core.ledger.disk import open_private, read_at, write_at
from occasio_core.ledger.runs import FREE, Census, RunTable, decode_run, encode_run, run_key
from occasio_core.ledger.tail import RunTail, Tail
from occasio_verify import CompactRange

SLOT_BYTES = 2048
TABLE_OFFSET = 2 * SLOT_BYTES

_MAGIC = b"occhead1"
_SLOT = Struct(">8s8sQQ32sIIi64s")  # magic, generation, size, rows, last hash, census, index and record of the change
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Change:
    """One record of the table, as it is to be."""

    index: int = -1
    record: bytes = FREE


@dataclass(frozen=True, slots=True)
class Head:
    """What one slot says."""

    generation: int
    tail: Tail
    census: Census = field(default_factory=Census)
    change: Change = field(default_factory=Change)


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
            os.dup2(descriptor, self._descriptor, inheritable=False)  # `written` may be reading it
        finally:
            os.close(descriptor)
        self._head = None

    def read(self) -> Tail | None:
        """Return where the log ended at the last append of any process, or None if no slot says so.

        The tail is the caller's to change, and must then be written; read again to see it.  Raises `OSError`.
        """
        newest_first = sorted(self._slots(), key=_generation, reverse=True)
        for slot in newest_first:
            if self._head is not None and slot == self._slot:
                return self._head.tail
            if (head := decode_head(slot)) is not None:
                if head.change.index >= 0 and self._table.read(head.change.index) != head.change.record:
                    self._table.write(head.change.index, head.change.record)
                self._head, self._slot = head, slot
                return head.tail
        self._head = None
        return None

    def forget(self) -> None:
        """Have the next `read` look at the file, whatever was changed in memory."""
        self._head = None

    def is_sound(self) -> bool:
        """Return whether the table is the one that the slot last read belongs to."""
        return self._head is not None and self._table.census() == self._head.census

    def run(self, run_id: str) -> RunTail | None:
        """Return the tail of an open run, or None if it is not open.  Raises `HeadDamagedError`."""
        if (found := self._table.find(run_key(run_id))) is not None:
            return decode_run(found[1])
        if not self.is_sound():
            raise HeadDamagedError
        return None

    def open_runs(self) -> int:
        """Return how many runs are open."""
        return self._head.census.count if self._head is not None else 0

    def write(self, tail: Tail, run_id: str | None, run: RunTail | None) -> None:
        """Note that the log ends at `tail`, and the run at `run`: None if it is over.

        Raises `OSError`, and `HeadDamagedError` where no tail was read before.
        """
        before, self._head = self._head, None  # should this be cut short, the file decides
        if before is None:
            raise HeadDamagedError
        change, census = Change(), before.census
        if run_id is not None:
            key = run_key(run_id)
            index, old = self._table.find(key) or (self._table.free_index(), FREE)
            change = Change(index, encode_run(key, run) if run is not None else FREE)
            census = census.changed(old, change.record)
        self._store(Head(before.generation + 1, tail, census, change))

    def replace(self, tail: Tail, runs: Mapping[str, RunTail]) -> None:
        """Note that the log ends at `tail`, with these runs open, whatever was noted before.  Raises `OSError`."""
        self._head = None
        os.ftruncate(self._descriptor, 0)  # no slot may speak of a table that is half replaced
        census = Census()
        for index, record in enumerate(encode_run(run_key(run_id), run) for run_id, run in runs.items()):
            self._table.write(index, record)
            census = census.changed(FREE, record)
        self._store(Head(1, tail, census))

    def runs(self) -> Mapping[str, RunTail]:
        """Return all open runs."""
        return self._table.all()

    def written(self) -> int:
        """Return a number of bytes of the log that are whole rows, as many as is known without the lock."""
        return max(_SLOT.unpack_from(slot)[2] if _is_whole(slot) else 0 for slot in self._slots())

    def _slots(self) -> tuple[bytes, bytes]:
        page = read_at(self._descriptor, TABLE_OFFSET, 0)
        return page[:SLOT_BYTES], page[SLOT_BYTES:]

    def _store(self, head: Head) -> None:
        slot = encode_head(head)
        if write_at(self._descriptor, slot, SLOT_BYTES * (head.generation % 2)) != SLOT_BYTES:
            raise OSError("short write")
        if head.change.index >= 0:
            self._table.write(head.change.index, head.change.record)
        self._head, self._slot = head, slot


def encode_head(head: Head) -> bytes:
    """Return the slot that says `head`."""
    tail, census, change = head.tail, head.census, head.change
    generation, last_hash = head.generation.to_bytes(8), bytes.fromhex(tail.last_hash)
    fixed = _SLOT.pack(
        _MAGIC, generation, tail.size, tail.rows, last_hash, census.count, census.checksum, change.index, change.record
    )
    body = (fixed + b"".join(tail.tree.hashes)).ljust(SLOT_BYTES - 4, b"\0")
    return body + zlib.crc32(body).to_bytes(4)


def decode_head(slot: bytes) -> Head | None:
    """Return what a slot says, or None if it was not written from end to end."""
    if not _is_whole(slot):
        return None
    _, generation, size, rows, last_hash, count, checksum, index, record = _SLOT.unpack_from(slot)
    ends = range(_SLOT.size, _SLOT.size + _HASH_BYTES * rows.bit_count(), _HASH_BYTES)
    tree = CompactRange.from_hashes(rows, [slot[at : at + _HASH_BYTES] for at in ends])
    tail = Tail(size, last_hash.hex(), tree)
    return Head(int.from_bytes(generation), tail, Census(count, checksum), Change(index, record))


def _is_whole(slot: bytes) -> bool:
    return slot.startswith(_MAGIC) and int.from_bytes(slot[-4:]) == zlib.crc32(slot[:-4])


def _generation(slot: bytes) -> bytes:
    return slot[8:16]
