"""The table of open runs in the head file: for each, its next `run_seq` and the hash of its last row.

Finding, changing and dropping a run touches one record, however many runs are open.  A record is 64 bytes, and zeros
where none is; its checksum also tells, summed up over the table, whether the table belongs to what stands before it.
Knows records, not who may write them when.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from struct import Struct
from typing import NamedTuple
from uuid import UUID

from occasio_core.ledger.disk import read_at, write_at
from occasio_core.ledger.entry import RunTail

RECORD_BYTES = 64
FREE = bytes(RECORD_BYTES)

_RECORD = Struct(">16s32sQI")  # run id, last hash, next run_seq, 1; then CRC-32 over these
_CHUNK = RECORD_BYTES * 4096


class Census(NamedTuple):
    """How many runs are open, and the exclusive or of their records' checksums."""

    open_runs: int
    checksum: int

    def changed(self, before: bytes, after: bytes) -> Census:
        """Return the census once the record `before` has become `after`."""
        open_runs = self.open_runs - (before != FREE) + (after != FREE)
        return Census(open_runs, self.checksum ^ _checksum(before) ^ _checksum(after))


NO_RUNS = Census(0, 0)


def run_key(run_id: str) -> bytes:
    """Return the 16 bytes of a run's id."""
    return bytes.fromhex(run_id.replace("-", ""))


def encode_run(key: bytes, run: RunTail) -> bytes:
    """Return the record of an open run."""
    body = _RECORD.pack(key, bytes.fromhex(run.last_hash), run.next_seq, 1)
    return body + zlib.crc32(body).to_bytes(4)


def decode_run(record: bytes) -> RunTail:
    """Return the tail of the run whose whole record this is."""
    _, last_hash, next_seq, _ = _RECORD.unpack_from(record)
    return RunTail(next_seq, last_hash.hex())


class RunTable:
    """Records in the file behind `descriptor`, from `offset` on."""

    def __init__(self, descriptor: int, offset: int) -> None:
        self._descriptor = descriptor
        self._offset = offset
        self._known: dict[bytes, int] = {}  # where runs stood when last seen; always checked

    def read(self, index: int) -> bytes:
        """Return the record at `index`; behind the table's end all are free."""
        return read_at(self._descriptor, RECORD_BYTES, self._offset + RECORD_BYTES * index).ljust(RECORD_BYTES, b"\0")

    def write(self, index: int, record: bytes) -> None:
        """Put `record` at `index`.  Raises `OSError`."""
        if write_at(self._descriptor, record, self._offset + RECORD_BYTES * index) != len(record):
            raise OSError("short write")

    def find(self, key: bytes) -> tuple[int, bytes] | None:
        """Return where the run stands and its record, or None if it is not in the table."""
        if (index := self._known.get(key)) is not None:
            record = self.read(index)
            if record.startswith(key) and _is_whole(record):
                return index, record
            del self._known[key]
        for index, record in self._records():
            if record.startswith(key) and _is_whole(record):
                self._known[key] = index
                return index, record
        return None

    def free_index(self) -> int:
        """Return the first index where no record is."""
        index = -1
        for index, record in self._records():
            if record == FREE:
                return index
        return index + 1

    def census(self) -> Census | None:
        """Return the census of what is in the table, or None if a record is damaged."""
        census = NO_RUNS
        for _, record in self._records():
            if record != FREE:
                if not _is_whole(record):
                    return None
                census = census.changed(FREE, record)
        return census

    def all(self) -> Mapping[str, RunTail]:
        """Return every open run by its id."""
        records = (record for _, record in self._records() if _is_whole(record))
        return {str(UUID(bytes=record[:16])): decode_run(record) for record in records}

    def _records(self) -> Iterator[tuple[int, bytes]]:
        start = 0
        while chunk := read_at(self._descriptor, _CHUNK, self._offset + start):
            for at in range(0, len(chunk) - RECORD_BYTES + 1, RECORD_BYTES):
                yield (start + at) // RECORD_BYTES, chunk[at : at + RECORD_BYTES]
            start += _CHUNK


def _is_whole(record: bytes) -> bool:
    return record != FREE and zlib.crc32(record[: _RECORD.size]) == _checksum(record)


def _checksum(record: bytes) -> int:
    return int.from_bytes(record[_RECORD.size :])
