"""The index is built from verified rows, in slices that end with a row, and from no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from occasio_core.errors import LedgerError
from occasio_core.reading import building
from occasio_core.reading.building import take_up
from occasio_core.reading.health import Damage
from occasio_core.reading.standing import whole_lines
from occasio_core.reading.store import open_index
from tests.occasio_core.reading.logs import every_kind, written
from tests.samples import run_of

_TABLES = ("position", "runs", "minutes", "rows")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return written(tmp_path, every_kind())


def contents(log: Path, end: int, jobs: int = 1) -> list[list[object]]:
    index = open_index(None)
    assert take_up(index, log, end, jobs, None) is None
    found = [index.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in _TABLES]
    index.close()
    return found


@pytest.mark.parametrize("size", [1, 700, 5_000])
@pytest.mark.parametrize("jobs", [1, 2])
def test_slices_make_no_difference(log: Path, size: int, jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    end, _ = whole_lines(log)
    at_once = contents(log, end)
    monkeypatch.setattr(building, "_SLICE_BYTES", size)
    monkeypatch.setattr(building, "_FIRST_SLICE_BYTES", 1)
    assert contents(log, end, jobs) == at_once


def test_whoever_waits_is_told_how_far_it_is(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "_SLICE_BYTES", 1)
    monkeypatch.setattr(building, "_FIRST_SLICE_BYTES", 1)
    end, told = log.stat().st_size, list[int]()
    index = open_index(None)
    take_up(index, log, end, 1, told.append)
    index.close()
    assert told == sorted(set(told))
    assert (len(told), told[-1]) == (len(every_kind().rows), end)


def test_a_log_that_changes_between_walk_and_reading_is_told(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = log.read_bytes()
    changed = data.replace(b'"tool_name":"read_file"', b'"tool_name":"file_read"')
    real = building._Slice._rows

    def late(slice_: building._Slice, *arguments: object) -> Iterator[tuple[object, ...]]:
        log.write_bytes(changed)
        return real(slice_, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(building._Slice, "_rows", late)
    index = open_index(None)
    with pytest.raises(LedgerError, match="was changed while it was read"):
        take_up(index, log, len(data), 1, None)
    assert index.execute("SELECT count(*) FROM rows").fetchone() == (0,)
    index.close()


def test_a_log_that_is_replaced_between_walk_and_reading_is_told(tmp_path: Path, log: Path) -> None:
    other = written(tmp_path / "other", run_of(1))
    index = open_index(None)
    start = building._position(index)
    walked, damage = building._walked(log, start, log.stat().st_size, 1)
    assert damage is None
    with pytest.raises(LedgerError, match="was changed while it was read"):
        building._Slice(index, start).read(other, walked)
    index.close()


def test_rows_before_the_damage_are_taken_up(log: Path) -> None:
    data = log.read_bytes()
    hurt = data.replace(b'"detector":"deny-rate"', b'"detector":"deny-rats"')
    line = hurt[: hurt.index(b"deny-rats")].count(b"\n") + 1
    log.write_bytes(hurt)
    index = open_index(None)
    assert take_up(index, log, len(hurt), 1, None) == Damage(line, "row-hash", "`hash` is not the hash of the row")
    assert index.execute("SELECT count(*) FROM rows").fetchone() == (line - 1,)
    index.close()
