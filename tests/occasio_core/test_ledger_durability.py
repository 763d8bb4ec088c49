from __future__ import annotations

import errno
import os
import resource
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from occasio_core.errors import LedgerError
from occasio_core.ledger import Durability, Ledger
from occasio_core.ledger.disk import flush
from tests.occasio_core.logs import checked, noted, run_id, started

FLUSH = "occasio_core.ledger.durability.flush"


class Disk:
    """Counts flushes and knows how much of a log is durable; the first flush may be made to wait."""

    def __init__(self) -> None:
        self.durable = self.flushes = 0
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.has_begun = threading.Event()

    def flush(self, descriptor: int) -> None:
        size = os.fstat(descriptor).st_size
        self.has_begun.set()
        assert self.may_go_on.wait(30)
        flush(descriptor)
        self.durable = max(self.durable, size)
        self.flushes += 1


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr(FLUSH, disk.flush)
    return disk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.jsonl"


def test_a_row_is_durable_when_append_returns(path: Path, disk: Disk) -> None:
    with Ledger(path) as ledger:
        for entry in (started(run_id()), noted(run_id()), noted(run_id())):
            ledger.append(entry)
            assert disk.durable == path.stat().st_size


def test_every_row_of_many_threads_and_ledgers_is_durable_when_append_returns(path: Path, disk: Disk) -> None:
    ledgers = [Ledger(path) for _ in range(2)]

    def write(number: int) -> list[tuple[bytes, int]]:
        ledger, run = ledgers[number % 2], run_id(number)
        return [(ledger.append(entry).line, disk.durable) for entry in [started(run), *(noted(run) for _ in range(15))]]

    with ThreadPoolExecutor(8) as threads:
        seen = [each for rows in threads.map(write, range(8)) for each in rows]
    data = path.read_bytes()
    assert all(data.index(line) + len(line) < durable for line, durable in seen)
    for ledger in ledgers:
        ledger.close()


def test_rows_written_during_a_flush_share_the_next(path: Path, disk: Disk) -> None:
    with Ledger(path) as ledger, ThreadPoolExecutor(6) as threads:
        for number in range(6):
            ledger.append(started(run_id(number)))
        size, flushes = path.stat().st_size, disk.flushes
        disk.has_begun.clear()
        disk.may_go_on.clear()
        rows = [threads.submit(ledger.append, noted(run_id(0)))]
        assert disk.has_begun.wait(30)
        rows += [threads.submit(ledger.append, noted(run_id(number))) for number in range(1, 6)]
        while path.stat().st_size < size + 6 * (len(noted_line(path)) - 5):
            threading.Event().wait(0.001)
        assert not any(row.done() for row in rows)
        disk.may_go_on.set()
        assert len({row.result().hash for row in rows}) == 6
    assert disk.flushes == flushes + 2


def noted_line(path: Path) -> bytes:
    return next((line for line in path.read_bytes().split(b"\n") if b'"note"' in line), b"x" * 400)


def test_a_flush_by_another_ledger_covers_rows_of_this_one(path: Path, disk: Disk) -> None:
    with Ledger(path, durability=Durability.NONE) as one, Ledger(path) as other:
        one.append(started(run_id(1)))
        assert disk.flushes == 0
        other.append(started(run_id(2)))
        assert disk.durable == path.stat().st_size
        assert disk.flushes == 1


def test_a_note_of_another_start_of_the_machine_is_not_believed(
    path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger(path) as ledger:
        ledger.append(started(run_id()))
    note = path.with_name("log.jsonl.sync").read_bytes()
    monkeypatch.setattr("occasio_core.ledger.durability.boot_id", lambda: b"another start..!")
    flushes = disk.flushes
    with Ledger(path) as ledger:
        ledger.head()
    assert disk.flushes == flushes + 1
    assert path.with_name("log.jsonl.sync").read_bytes() != note


@pytest.mark.parametrize("data", [b"", b"\xff" * 36, b"\0" * 36])
def test_a_note_that_is_damaged_is_not_believed(path: Path, disk: Disk, data: bytes) -> None:
    with Ledger(path) as ledger:
        ledger.append(started(run_id()))
    path.with_name("log.jsonl.sync").write_bytes(data)
    flushes = disk.flushes
    with Ledger(path) as ledger:
        ledger.head()
    assert disk.flushes == flushes + 1


def test_a_note_on_a_log_that_was_longer_says_nothing_of_new_rows(path: Path, disk: Disk) -> None:
    with Ledger(path) as ledger:
        ledger.append(started(run_id()))
        size = path.stat().st_size
        ledger.append_many([noted(run_id())] * 20)
        os.truncate(path, size)
        flushes = disk.flushes
        ledger.append(noted(run_id()))
        assert disk.flushes == flushes + 1


def test_where_starts_have_no_names_threads_share_flushes_and_ledgers_do_not(
    path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("occasio_core.ledger.durability.boot_id", lambda: b"")
    with Ledger(path) as one, Ledger(path) as other:
        one.append(started(run_id(1)))
        one.head()
        assert disk.flushes == 1
        other.head()
        assert disk.flushes == 2


def test_without_durability_nothing_is_flushed(path: Path, disk: Disk) -> None:
    with Ledger(path, durability=Durability.NONE) as ledger:
        ledger.append(started(run_id()))
    assert disk.flushes == 0
    checked(path)


def test_a_flush_that_failed_is_final(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with Ledger(path) as ledger:
        ledger.append(started(run_id()))
        monkeypatch.setattr(FLUSH, fails)
        with pytest.raises(LedgerError, match="could not be made durable: Input/output error"):
            ledger.append(noted(run_id()))
        monkeypatch.setattr(FLUSH, flush)
        size = path.stat().st_size
        with pytest.raises(LedgerError, match="disk has failed"):
            ledger.append(noted(run_id()))
        assert path.stat().st_size == size


def test_who_waited_for_a_flush_that_failed_is_told_so(path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(descriptor: int) -> None:
        disk.flush(descriptor)
        raise OSError(errno.EIO, "Input/output error")

    with Ledger(path) as ledger, ThreadPoolExecutor(3) as threads:
        ledger.append(started(run_id()))
        monkeypatch.setattr(FLUSH, fails)
        disk.may_go_on.clear()
        rows = [threads.submit(ledger.append, noted(run_id())) for _ in range(3)]
        disk.may_go_on.set()
        assert all(isinstance(row.exception(30), LedgerError) for row in rows)


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """A real limit of the system: the write that would pass it is cut short, the next one fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [0, 1, 200])
def test_a_full_disk_leaves_whole_rows_and_refuses_until_there_is_room(path: Path, room: int) -> None:
    with Ledger(path) as ledger:
        ledger.append(started(run_id()))
        ledger.append_many([noted(run_id())] * 20)
        before = path.read_bytes()
        with no_file_larger_than(len(before) + room):
            for _ in range(2):
                with pytest.raises(LedgerError, match="cannot be written"):
                    ledger.append(noted(run_id()))
                assert path.read_bytes() == before
        ledger.append(noted(run_id()))
    assert checked(path).kinds().count("recovered") == 0


def test_a_full_disk_does_not_hide_a_torn_tail(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.append(started(run_id()))
        ledger.append_many([noted(run_id())] * 20)
        with path.open("ab") as file:
            file.write(b"torn")
        with no_file_larger_than(path.stat().st_size + 100), pytest.raises(LedgerError, match="cannot be written"):
            ledger.append(noted(run_id()))
        ledger.append(noted(run_id()))
    assert checked(path).kinds().count("recovered") == 1
    assert path.with_name("log.jsonl.torn-21").read_bytes() == b"torn"


def test_a_head_that_cannot_be_written_is_caught_up_with(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with Ledger(path) as ledger:
        ledger.append(started(run_id()))
        with monkeypatch.context() as patched:
            patched.setattr("occasio_core.ledger.head.write_at", full)
            ledger.append(noted(run_id()))
            with pytest.raises(LedgerError, match="No space left"):
                ledger.append(noted(run_id()))
        ledger.append(noted(run_id()))
    assert checked(path).kinds() == ["run_started", "note", "note"]
