"""The end of a log is followed row by row, each checked against the one before."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core.detection import tail
from occasio_core.detection.tail import Tail
from occasio_core.errors import LedgerError
from occasio_core.ledger import Ledger
from tests.occasio_core.logs import clock, noted, run_id, started


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log"
    with Ledger(path, clock=clock()) as ledger:
        for entry in (started(run_id()), *(noted(run_id(), f"n{number}") for number in range(20))):
            ledger.append(entry)
    return path


def seqs(followed: Tail) -> list[object]:
    return [row["seq"] for row in followed.rows()]


def test_a_short_log_is_read_from_its_beginning_and_then_on(log: Path) -> None:
    followed = Tail(log, 1 << 20)
    assert seqs(followed) == list(range(21))
    assert followed.offset == log.stat().st_size
    with Ledger(log, clock=clock()) as ledger:
        ledger.append(noted(run_id()))
    assert seqs(followed) == [21]
    assert seqs(followed) == []


def test_of_a_long_one_only_the_last_rows_are_read(log: Path) -> None:
    found = seqs(Tail(log, 1000))
    assert 0 < len(found) < 4
    assert found[-1] == 20


def test_pieces_do_not_matter(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (1, 300, 1000):
        monkeypatch.setattr(tail, "_PIECE", size)
        assert seqs(Tail(log, 1 << 20)) == list(range(21))


def test_a_line_that_is_not_whole_is_waited_for(log: Path) -> None:
    whole = log.read_bytes()
    log.write_bytes(whole[:-10])
    followed = Tail(log, 1 << 20)
    assert seqs(followed) == list(range(20))
    log.write_bytes(whole)
    assert seqs(followed) == [20]


def test_a_changed_row_and_one_that_does_not_follow_are_refused(log: Path) -> None:
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines).replace(b'"text":"n9"', b'"text":"x9"'))
    with pytest.raises(LedgerError, match="row-hash"):
        seqs(Tail(log, 1 << 20))
    log.write_bytes(b"".join(lines[:5] + lines[6:]))
    with pytest.raises(LedgerError, match="row 6 does not follow the one before"):
        seqs(Tail(log, 1 << 20))


def test_a_log_that_becomes_shorter_is_refused(log: Path) -> None:
    followed = Tail(log, 1 << 20)
    seqs(followed)
    log.write_bytes(b"")
    with pytest.raises(LedgerError, match="shorter"):
        seqs(followed)


def test_a_log_that_is_not_there_yet_has_no_rows(tmp_path: Path) -> None:
    assert seqs(Tail(tmp_path / "none", 100)) == []
