"""The log on disk: rows go in, one after the other, and are durable before anybody is told so (SPEC section 6).

Threads and processes may share one log.  A row is made ready, placed and written under the log's lock, and flushed
together with those of others once the lock is free (`durability`).  Finding its place costs the same however long the
log is (`head`).  What a crash left is put in order, visibly, by whoever comes next (`recovery`).

Beside the log `NAME` are `NAME.head`, `NAME.sync`, `NAME.torn-SEQ` for each fragment that was cut off, and
`NAME.hashes`, which no append touches.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from occasio_core.errors import LedgerError
from occasio_core.ledger.durability import Durability, GroupCommit
from occasio_core.ledger.entry import Draft, Entry, Placed, draft, timestamp
from occasio_core.ledger.head import HeadDamagedError, HeadFile, Mark
from occasio_core.ledger.lock import FileLock
from occasio_core.ledger.logfile import LogFile
from occasio_core.ledger.recovery import Remembered, Survey, ends_with, holds_from, survey
from occasio_core.ledger.runs import Seat
from occasio_core.ledger.tail import MAX_OPEN_RUNS, Tail, next_place, run_after
from occasio_verify import Row


@dataclass(frozen=True, slots=True)
class LogHead:
    """Where a log ends: how many rows, the hash of the last, and the root of the Merkle tree over all (SPEC 7.1).

    `size` is what the rows take in bytes.
    """

    rows: int
    last_hash: str
    root: bytes
    size: int


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return os.urandom(10).hex()  # 80 random bits are enough within one log, and every row carries them


class Ledger:
    """The log at `path`, made if need be.  A context manager; raises `LedgerError` if the files cannot be opened.

    `clock` tells the time with its zone, `new_id` makes event ids (SPEC section 4.2).  An object belongs to the
    process that made it, and all its threads.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime] = _now,
        new_id: Callable[[], str] = _new_id,
        durability: Durability = Durability.EACH,
    ) -> None:
        self._path = path
        self._clock = clock
        self._new_id = new_id
        self._durability = durability
        self._process = os.getpid()
        self._agrees = False
        self._is_closed = False
        try:
            self._log = LogFile(path)
            self._lock = FileLock(self._log.descriptor)
            self._head = HeadFile(_beside(path, ".head"))
            self._commit = GroupCommit(_beside(path, ".sync"), self._log.descriptor, self._lock, self._head.mark)
        except OSError as error:
            raise _refusal(path, "opened", error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files; nothing can be appended any more.  Closing again does nothing."""
        if not self._is_closed:
            self._is_closed = True
            self._commit.close()
            self._head.close()
            self._log.close()

    def append(self, entry: Entry) -> Row:
        """Return the row that `entry` became, once it is durable.

        Raises `LedgerError` when it is not a row (SPEC section 4), its run is not open, or it cannot be made durable.
        """
        return self._append([draft(entry, self._new_id())])[0]

    def append_many(self, entries: Sequence[Entry]) -> list[Row]:
        """Return the rows that `entries` became, all of one run, or none, once all are durable.

        Raises `LedgerError` as `append` does; then none of them was written, or none may be relied on.
        """
        if len({entry.run_id for entry in entries}) > 1:
            raise LedgerError("rows that are appended together must be of one run")
        return self._append([draft(entry, self._new_id()) for entry in entries])

    @property
    def path(self) -> Path:
        """Where the log is."""
        return self._path

    def head(self) -> LogHead:
        """Return where the log ends, after putting it in order if need be.  Raises `LedgerError`."""
        self._check()
        try:
            with self._lock:
                tail = self._tail()
                found = LogHead(tail.rows, tail.last_hash, tail.root(), tail.size)
                mark = Mark(self._head.epoch, tail.size)
            self._settle(mark)
        except OSError as error:
            raise _refusal(self._path, "read", error) from error
        return found

    def repair(self) -> Row | None:
        """Put the log in order now, and return the `recovered` row that says what was done, if anything was lost.

        Raises `LedgerError` when a row with others behind it is bad: that is not for a program to mend.
        """
        self._check()
        try:
            with self._lock:
                tail, row = self._recover(self._log.size())
                mark = Mark(self._head.epoch, tail.size)
            self._settle(mark)
        except OSError as error:
            raise _refusal(self._path, "repaired", error) from error
        return row

    def _append(self, drafts: Sequence[Draft]) -> list[Row]:
        self._check()
        try:
            with self._lock:
                placed, mark = self._write(drafts)
            self._settle(mark)
        except OSError as error:
            raise _refusal(self._path, "written", error) from error
        return [each.row() for each in placed]

    def _check(self) -> None:
        if self._is_closed:
            raise LedgerError(f"the log `{self._path}` is closed")
        if os.getpid() != self._process:
            raise LedgerError("a forked process must open the log for itself")

    def _write(self, drafts: Sequence[Draft]) -> tuple[list[Placed], Mark]:
        """Return the rows, now in the file, and how far it is written."""
        self._commit.check()
        run_id = drafts[0].run_id if drafts else None
        tail, seat = self._joint(run_id)
        run = seat.tail if seat is not None else None
        epoch, start, rows = self._head.epoch, tail.size, []
        try:
            for each in drafts:
                place = next_place(tail, run, each.kind, run_id)
                row = each.at(place, timestamp(self._clock()))
                rows.append(row)
                tail.add(row.line, row.hash)
                run = run_after(place.run, each.kind, row.hash)
            self._log.append(b"".join([row.line + b"\n" for row in rows]), start, start)
            with suppress(OSError):  # the rows are in the file, and who finds the head behind will catch up
                self._head.write(tail, seat, run)
        except BaseException:
            self._head.forget()
            raise
        return rows, Mark(epoch, tail.size)

    def _joint(self, run_id: str | None) -> tuple[Tail, Seat | None]:
        """Return the end of the log, and the run's seat in the table, for a row to be joined on."""
        tail = self._tail()
        if run_id is None:
            return tail, None
        try:
            seat = self._head.seat(run_id)
        except HeadDamagedError:
            tail, _ = self._recover(self._log.size())
            seat = self._head.seat(run_id)
        if seat.tail is None and self._head.open_runs >= MAX_OPEN_RUNS:
            raise LedgerError(f"{MAX_OPEN_RUNS} runs are open, and no more can be")
        return tail, seat

    def _tail(self) -> Tail:
        """Return where the log ends; the first time the head is compared with the log's last row."""
        size = self._log.size()
        tail = self._head.read()
        if tail is None or tail.size != size or not (self._agrees or self._head_agrees(tail)):
            tail, _ = self._recover(size)
        if not self._agrees and self._commit.durable_before() is not None:
            self._commit.begin(self._head.epoch)
        self._agrees = True
        return tail

    def _head_agrees(self, tail: Tail) -> bool:
        if not (self._head.is_sound() and ends_with(self._log, tail)):
            return False
        durable = self._durable_before()
        return durable is None or holds_from(self._log, tail, durable)

    def _durable_before(self) -> int | None:
        """Return how far the log was durable at least when the power may have gone; None if it has not gone since."""
        mark = self._commit.durable_before()
        if mark is None:
            return None
        return mark.size if mark.epoch == self._head.epoch else 0

    def _recover(self, size: int) -> tuple[Tail, Row | None]:
        """Bring head and log into agreement; return where the log ends then, and the row that tells of a loss."""
        self._head.reopen()
        remembered = self._head.read()
        is_sound = remembered is not None and self._head.is_sound()
        known = Remembered(remembered, self._head.runs()) if remembered is not None and is_sound else None
        found = survey(self._log, size, known, self._durable_before())
        row = self._tell(found) if found.reason is not None else None
        self._head.replace(found.tail, found.runs)
        return found.tail, row

    def _tell(self, found: Survey) -> Row:
        """Write the `recovered` row over what is torn, which is kept elsewhere if it can be (SPEC section 6.4)."""
        tail = found.tail
        kept = self._log.fragment(tail.size, found.size, _beside(self._path, f".torn-{tail.rows}"))
        self._log.blank(tail.size, found.size)
        fields = {
            "reason": found.reason,
            "bytes": kept.size,
            "sha256": kept.sha256,
            "kept_in": kept.kept_in,
            **found.former,
        }
        entry = Entry(
            kind="recovered", agent="occasio", protocol="internal", run_id=None, session_id=None, fields=fields
        )
        place = next_place(tail, None, entry.kind, None)
        placed = draft(entry, self._new_id()).at(place, timestamp(self._clock()))
        self._log.append(placed.line + b"\n", tail.size, found.size)
        tail.add(placed.line, placed.hash)
        return placed.row()

    def _settle(self, mark: Mark) -> None:
        if self._durability is Durability.EACH:
            self._commit.wait(mark)


def _refusal(path: Path, what: str, error: OSError) -> LedgerError:
    return LedgerError(f"the log `{path}` cannot be {what}: {error.strerror or error}")


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
