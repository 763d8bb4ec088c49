"""A log is read once, as far as it verifies, and goes on where it ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core.detection import recorded
from occasio_core.detection.recorded import Recording
from occasio_core.ledger import Ledger
from tests.occasio_core.logs import clock, ended, noted, run_id, started


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    with Ledger(path, clock=clock()) as ledger:
        for entry in (started(run_id()), noted(run_id(), "a"), noted(run_id(), "b"), ended(run_id())):
            ledger.append(entry)
    return path


def kinds(recording: Recording) -> list[object]:
    return [row["kind"] for row in recording.read()]


def test_every_row_comes_in_order(log: Path) -> None:
    recording = Recording(log)
    assert kinds(recording) == ["run_started", "note", "note", "run_ended"]
    recording.finish()
    assert (recording.damage, recording.rows) == (None, 4)


def test_chunks_do_not_matter(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (1, 100, 700, 900):
        monkeypatch.setattr(recorded, "CHUNK_BYTES", size)
        recording = Recording(log)
        assert (kinds(recording), recording.damage) == (["run_started", "note", "note", "run_ended"], None)


def test_what_is_appended_comes_the_next_time(log: Path) -> None:
    recording = Recording(log)
    kinds(recording)
    with Ledger(log, clock=clock()) as ledger:
        ledger.append(started(run_id(1)))
    assert kinds(recording) == ["run_started"]
    assert kinds(recording) == []


def test_progress_is_told_in_bytes(log: Path) -> None:
    told: list[int] = []
    list(Recording(log).read(told.append))
    assert told[-1] == log.stat().st_size


def test_a_changed_row_ends_the_reading_before_it(log: Path) -> None:
    log.write_bytes(log.read_bytes().replace(b'"text":"b"', b'"text":"c"'))
    recording = Recording(log)
    assert kinds(recording) == ["run_started", "note"]
    assert recording.damage is not None
    assert (recording.damage.line, "row-hash" in recording.damage.what) == (3, True)
    assert kinds(recording) == []


def test_a_row_that_is_taken_out_is_noticed(log: Path) -> None:
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:1] + lines[2:]))
    recording = Recording(log)
    assert kinds(recording) == ["run_started"]
    assert recording.damage is not None
    assert "log-seq" in recording.damage.what


def test_a_last_line_without_its_end_waits_until_nobody_writes_any_more(log: Path) -> None:
    whole = log.read_bytes()
    log.write_bytes(whole[:-5])
    recording = Recording(log)
    assert len(kinds(recording)) == 3
    assert recording.damage is None
    recording.finish()
    assert recording.damage is not None
    assert (recording.damage.line, "torn-tail" in recording.damage.what) == (4, True)


def test_a_log_that_becomes_shorter_is_damaged(log: Path) -> None:
    recording = Recording(log)
    kinds(recording)
    log.write_bytes(log.read_bytes()[:100])
    assert kinds(recording) == []
    assert recording.damage is not None
    assert "cut" in recording.damage.what


def test_an_empty_log_has_no_rows_and_no_damage(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    recording = Recording(tmp_path / "empty")
    assert kinds(recording) == []
    recording.finish()
    assert (recording.damage, recording.rows) == (None, 0)


def test_what_is_no_log_at_all_is_damage_on_the_first_line(tmp_path: Path) -> None:
    for number, data in enumerate((b"hello\n", b"\x00\xff\n", b"[]\n", b"\n")):
        path = tmp_path / str(number)
        path.write_bytes(data)
        recording = Recording(path)
        assert kinds(recording) == []
        assert recording.damage is not None
        assert recording.damage.line == 1
