"""The table of open runs in the head file: for each, its next `run_seq` and the hash of its last row.

Finding, changing and dropping a run touches one record, however many runs are open.  A record is 64 bytes, and zeros
where none is; its checksum also tells, summed up over the table, whether the table belongs to what stands before it.
Knows records, not who may write them when.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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


NO_RUNS = Census(0, 0)


@dataclass(slots=True)
class Seat:
    """Where in the table a run is, and the record that was seen there last; `tail` is None while it is free."""

    index: int
    run_id: str
    key: bytes
    record: bytes = FREE
    tail: RunTail | None = None


class RunTable:
    """Records in the file behind `descriptor`, from `offset` on."""

    def __init__(self, descriptor: int, offset: int) -> None:
        self._descriptor = descriptor
        self._offset = offset
        self._seats: dict[str, Seat] = {}  # as last seen; looked at again before use

    def read(self, index: int) -> bytes:
        """Return the record at `index`, fewer bytes at the table's end."""
        return read_at(self._descriptor, RECORD_BYTES, self._offset + RECORD_BYTES * index)

    def write(self, index: int, record: bytes) -> None:
        """Put `record` at `index`.  Raises `OSError`."""
        if write_at(self._descriptor, record, self._offset + RECORD_BYTES * index) != RECORD_BYTES:
            raise OSError("short write")

    def seat(self, run_id: str) -> Seat | None:
        """Return where the run is now, or None if it is not in the table."""
        if (seat := self._seats.get(run_id)) is not None:
            record = self.read(seat.index)
            if record == seat.record:
                return seat
            if record.startswith(seat.key) and _is_whole(record):
                seat.record, seat.tail = record, _tail_in(record)
                return seat
            del self._seats[run_id]
        return self._found(run_id)

    def free_seat(self, run_id: str) -> Seat:
        """Return the first free seat, for this run."""
        index = -1
        for index, record in self._records():
            if record == FREE:
                return Seat(index, run_id, _key(run_id))
        return Seat(index + 1, run_id, _key(run_id))

    def take(self, seat: Seat, tail: RunTail | None, census: Census) -> Census:
        """Put the run's tail into its seat, None to leave it, but not yet into the file; return the new census."""
        open_runs, checksum = census
        if seat.tail is not None:
            open_runs, checksum = open_runs - 1, checksum ^ _checksum(seat.record)
        seat.tail = tail
        if tail is None:
            seat.record = FREE
            self._seats.pop(seat.run_id, None)
            return Census(open_runs, checksum)
        seat.record = _record(seat.key, tail)
        self._seats[seat.run_id] = seat
        return Census(open_runs + 1, checksum ^ _checksum(seat.record))

    def replace(self, runs: Mapping[str, RunTail]) -> Census:
        """Put these runs, and no others, into an empty file; return their census.  Raises `OSError`."""
        self._seats.clear()
        census = NO_RUNS
        for index, (run_id, tail) in enumerate(runs.items()):
            seat = Seat(index, run_id, _key(run_id))
            census = self.take(seat, tail, census)
            self.write(index, seat.record)
        return census

    def census(self) -> Census | None:
        """Return the census of what is in the file, or None if a record is damaged."""
        open_runs, checksum = NO_RUNS
        for _, record in self._records():
            if record != FREE:
                if not _is_whole(record):
                    return None
                open_runs, checksum = open_runs + 1, checksum ^ _checksum(record)
        return Census(open_runs, checksum)

    def all(self) -> Mapping[str, RunTail]:
        """Return every open run by its id."""
        records = (record for _, record in self._records() if _is_whole(record))
        return {str(UUID(bytes=record[:16])): _tail_in(record) for record in records}

    def _found(self, run_id: str) -> Seat | None:
        key = _key(run_id)
        for index, record in self._records():
            if record.startswith(key) and _is_whole(record):
                seat = self._seats[run_id] = Seat(index, run_id, key, record, _tail_in(record))
                return seat
        return None

    def _records(self) -> Iterator[tuple[int, bytes]]:
        start = 0
        while chunk := read_at(self._descriptor, _CHUNK, self._offset + start):
            for at in range(0, len(chunk) - RECORD_BYTES + 1, RECORD_BYTES):
                yield (start + at) // RECORD_BYTES, chunk[at : at + RECORD_BYTES]
            start += _CHUNK


def _key(run_id: str) -> bytes:
    return bytes.fromhex(run_id.replace("-", ""))


def _record(key: bytes, tail: RunTail) -> bytes:
    body = _RECORD.pack(key, bytes.fromhex(tail.last_hash), tail.next_seq, 1)
    return body + zlib.crc32(body).to_bytes(4)


def _tail_in(record: bytes) -> RunTail:
    _, last_hash, next_seq, _ = _RECORD.unpack_from(record)
    return RunTail(next_seq, last_hash.hex())


def _is_whole(record: bytes) -> bool:
    return record != FREE and zlib.crc32(record[: _RECORD.size]) == _checksum(record)


def _checksum(record: bytes) -> int:
    return int.from_bytes(record[_RECORD.size :])
