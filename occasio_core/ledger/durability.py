"""When an append may return: one flush for everybody whose rows are in the file by then.

Rows are written under the log's lock and flushed after it is released.  Whoever holds the lock of the flush looks how
far whole rows reach, flushes, and writes down how far that was; those who waited find their rows covered and return.
So the one rule: an append returns only after a flush that began when its bytes were in the file.

What is written down is bound to this start of the machine, so that it is never believed after a power loss, and to
the file.  Where starts have no names (`disk`) only the threads of one process share flushes.
Knows how far, not what.
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
from occasio_core.ledger.lock import FileLock

_NOTE = Struct(">16sQQ")  # start of the machine, inode of the log, bytes of it that are durable; then CRC-32 over these


class Durability(Enum):
    """What a row survives once `append` has returned: everything, or the death of the process only."""

    EACH = "each"
    NONE = "none"


class GroupCommit:
    """Makes the rows of one log durable.  `written` tells how many bytes of it are whole rows, as far as is known."""

    def __init__(self, path: Path, log: int, written: Callable[[], int]) -> None:
        self._descriptor = open_private(path)
        self._lock = FileLock(self._descriptor)
        self._log = log
        self._written = written
        self._boot_id = boot_id()
        self._bound_to = self._boot_id, os.fstat(log).st_ino % 2**64
        self._durable = 0
        self._has_failed = False

    def close(self) -> None:
        os.close(self._descriptor)

    def check(self) -> None:
        """Raise `LedgerError` if a flush has ever failed."""
        if self._has_failed:
            raise LedgerError("the log's disk has failed; nothing more is recorded here", hint="check the disk")

    def wait(self, end: int) -> None:
        """Return once the first `end` bytes of the log are durable.

        Raises `LedgerError`, now and ever after, when a flush fails: the system marks what it could not write as
        clean, so a second flush that succeeds would prove nothing.  Raises `OSError` for the lock.
        """
        if self._covered() >= end:
            return
        with self._lock:
            self.check()
            if self._covered() < end:
                self._flush(end)

    def cut(self, end: int) -> None:
        """Note that the log has been found to end at `end`: what is durable of it can be no more."""
        with self._lock:
            if self._covered() > end:
                self._note(end)

    def _covered(self) -> int:
        note = read_at(self._descriptor, _NOTE.size + 4, 0)
        if self._boot_id and len(note) == _NOTE.size + 4 and zlib.crc32(note[:-4]) == int.from_bytes(note[-4:]):
            *bound_to, durable = _NOTE.unpack_from(note)
            if tuple(bound_to) == self._bound_to:
                return int(durable)
        return self._durable if not self._boot_id else 0

    def _flush(self, end: int) -> None:
        reached = max(end, self._written())
        try:
            flush(self._log)
        except OSError as error:
            self._has_failed = True
            raise LedgerError(f"the log could not be made durable: {error.strerror}", hint="check the disk") from error
        self._note(reached)

    def _note(self, durable: int) -> None:
        self._durable = durable
        note = _NOTE.pack(*self._bound_to, durable)
        write_at(self._descriptor, note + zlib.crc32(note).to_bytes(4), 0)
