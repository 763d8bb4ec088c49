"""When an append may return: one flush for everybody whose rows are in the file by then.

Rows are written under the log's lock and flushed after it is released.  Whoever holds the lock of the flush lets those
write who stand in line, looks how far whole rows reach, flushes, and writes a note of how far that was; those who
waited find their rows covered and return.  So the one rule: an append returns only after a flush that began when its
bytes were in the file.

A note holds for one epoch of the head, so it says nothing of a log that was cut or replaced, and for one start of the
machine, so it is never believed after a power loss.  Where starts have no names (`disk`) notes are not shared, and each
process flushes for its own threads.  Knows how far, not what.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from struct import Struct

from occasio_core.errors import LedgerError
from occasio_core.ledger.disk import boot_id, flush, open_private, read_at, write_at
from occasio_core.ledger.head import NOTHING, Mark
from occasio_core.ledger.lock import FileLock

_NOTE = Struct(">16s8sQ")  # start of the machine, mark of what is durable; then CRC-32 over these
_NOTE_BYTES = _NOTE.size + 4


class Durability(Enum):
    """What a row survives once `append` has returned: everything, or the death of the process only."""

    EACH = "each"
    NONE = "none"


class GroupCommit:
    """Makes the rows of one log durable.  `mark` tells, without a lock, how far the log is written."""

    def __init__(self, path: Path, log: int, queue: FileLock, mark: Callable[[], Mark]) -> None:
        self._descriptor = open_private(path)
        self._lock = FileLock(self._descriptor)
        self._log = log
        self._queue = queue
        self._mark = mark
        self._boot_id = boot_id()
        self._durable = NOTHING
        self._has_failed = False

    def close(self) -> None:
        os.close(self._descriptor)

    def check(self) -> None:
        """Raise `LedgerError` if a flush has ever failed."""
        if self._has_failed:
            raise LedgerError("the log's disk has failed; nothing more is recorded here", hint="check the disk")

    def wait(self, mark: Mark) -> None:
        """Return once the log is durable up to `mark`; the log's lock must be free.

        Raises `LedgerError`, now and ever after, when a flush fails: the system marks what it could not write as
        clean, so a second flush that succeeds would prove nothing.  Raises `OSError` for a lock.
        """
        if self._covers(mark):
            return
        with self._lock:
            self.check()
            if not self._covers(mark):
                with self._queue:
                    reached = self._mark()
                self._flush()
                self._note(reached)

    def _covers(self, mark: Mark) -> bool:
        durable = self._read_note() if self._boot_id else self._durable
        return durable.epoch == mark.epoch and durable.size >= mark.size

    def _flush(self) -> None:
        try:
            flush(self._log)
        except OSError as error:
            self._has_failed = True
            raise LedgerError(f"the log could not be made durable: {error.strerror}", hint="check the disk") from error

    def _read_note(self) -> Mark:
        note = read_at(self._descriptor, _NOTE_BYTES, 0)
        if len(note) < _NOTE_BYTES or zlib.crc32(note[:-4]) != int.from_bytes(note[-4:]):
            return NOTHING
        boot_id, epoch, size = _NOTE.unpack_from(note)
        return Mark(epoch, size) if boot_id == self._boot_id else NOTHING

    def _note(self, durable: Mark) -> None:
        self._durable = durable
        note = _NOTE.pack(self._boot_id, *durable)
        write_at(self._descriptor, note + zlib.crc32(note).to_bytes(4), 0)
