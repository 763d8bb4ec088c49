"""When an append may return: one flush for everybody whose rows are in the file by then.

Rows are written under the log's lock and flushed after it is released.  Whoever gets the lock of the flush lets those
write who stand in line, looks how far whole rows reach, flushes, and writes a note of how far that was; the others look
for that note.  So the one rule: an append returns only after a flush that began when its bytes were in the file.

They look again and again instead of waiting for the lock: a lock is handed from one to the next, and those whose rows
are durable would stand behind one who flushes already.  Of the threads of a process one looks, and the others wait for
that one.

A note holds for one epoch of the head, so it says nothing of a log that was cut or replaced, and for one start of the
machine.  Of an earlier start it still says how far the log was durable at least, and that all behind that may be lost:
whoever opens the log first then looks (`recovery`).  Where starts have no names (`disk`) notes are not shared, each
process flushes for its own threads, and all who open the log look.  Knows how far, not what.
"""

from __future__ import annotations

import os
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path
from struct import Struct

from occasio_core.errors import LedgerError
from occasio_core.ledger.disk import boot_id, flush, give_way, open_private, read_at, write_at
from occasio_core.ledger.head import NOTHING, Mark
from occasio_core.ledger.lock import FileLock

_NOTE = Struct(">16s8sQ")  # start of the machine, mark of what is durable; then CRC-32 over these
_NOTE_BYTES = _NOTE.size + 4
_TURNS = 5  # times to let others go first; more of them take the processors from those who make rows ready
_PAUSES = tuple(0.00005 * 1.4**turn for turn in range(12))  # seconds, up to 2 ms; together 10 ms


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
        self._start = self._boot_id.ljust(16, b"\0")
        self._last_note = b""
        self._threads = threading.Condition()
        self._is_one_looking = False
        self._has_failed = False

    def close(self) -> None:
        os.close(self._descriptor)

    def check(self) -> None:
        """Raise `LedgerError` if a flush has ever failed."""
        if self._has_failed:
            raise LedgerError("the log's disk has failed; nothing more is recorded here", hint="check the disk")

    def durable_before(self) -> Mark | None:
        """Return how far the log was durable at least when the power may have gone; None if it has not gone since.

        The log's lock must be held.
        """
        note = read_at(self._descriptor, _NOTE_BYTES, 0)
        if not _is_whole(note):
            return NOTHING
        start, *reached = _NOTE.unpack_from(note)
        return None if self._boot_id and start == self._start else Mark(*reached)

    def begin(self, epoch: bytes) -> None:
        """Note that the log is in order in this start of the machine; nothing is said to be durable yet."""
        with suppress(OSError):  # whoever comes next looks again
            write_at(self._descriptor, self._noted(Mark(epoch, 0)), 0)

    def wait(self, mark: Mark) -> None:
        """Return once the log is durable up to `mark`; the log's lock must be free.

        Raises `LedgerError`, now and ever after, when a flush fails: the system marks what it could not write as
        clean, so a second flush that succeeds would prove nothing.  Raises `OSError` for a lock.
        """
        with self._threads:
            while self._is_one_looking and not self._covers(self._last_note, mark):
                self._threads.wait()
            if self._covers(self._last_note, mark):
                return
            self._is_one_looking = True
        try:
            while not (self._flushes(mark) or self._sees_flush(mark)):
                pass
        finally:
            with self._threads:
                self._is_one_looking = False
                self._threads.notify_all()

    def _flushes(self, mark: Mark) -> bool:
        """Make the log durable up to `mark`, unless somebody else is about to flush; return whether it is."""
        if not self._lock.try_acquire():
            return False
        try:
            if not self._covers(self._note(), mark):
                self.check()
                self._flush()
        finally:
            self._lock.release()
        return True

    def _sees_flush(self, mark: Mark) -> bool:
        """Wait for the flush that is under way, though not for ever; return whether it covered `mark`."""
        before = self._note()
        if self._covers(before, mark):
            return True
        for turn in range(_TURNS + len(_PAUSES)):
            if turn < _TURNS:
                give_way()
            else:
                time.sleep(_PAUSES[turn - _TURNS])
            if (note := self._note()) != before:
                return self._covers(note, mark)
        return False

    def _note(self) -> bytes:
        """Return the note on the last flush, as far as this process may rely on it."""
        if self._boot_id:
            self._last_note = read_at(self._descriptor, _NOTE_BYTES, 0)
        return self._last_note

    def _covers(self, note: bytes, mark: Mark) -> bool:
        if len(note) < _NOTE_BYTES or int.from_bytes(note[24:32]) < mark.size:
            return False
        start, epoch, _ = _NOTE.unpack_from(note)
        return (start, epoch) == (self._start, mark.epoch) and _is_whole(note)

    def _noted(self, mark: Mark) -> bytes:
        note = _NOTE.pack(self._boot_id, *mark)
        return note + zlib.crc32(note).to_bytes(4)

    def _flush(self) -> None:
        with self._queue:
            reached = self._mark()
        try:
            flush(self._log)
        except OSError as error:
            self._has_failed = True
            raise LedgerError(f"the log could not be made durable: {error.strerror}", hint="check the disk") from error
        self._last_note = self._noted(reached)
        write_at(self._descriptor, self._last_note, 0)


def _is_whole(note: bytes) -> bool:
    return len(note) == _NOTE_BYTES and zlib.crc32(note[: _NOTE.size]) == int.from_bytes(note[_NOTE.size :])
