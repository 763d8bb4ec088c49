"""A reader answers what a naive reading of the same rows answers, goes on from where it was, and believes no cache."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core.errors import LedgerError, UsageError
from occasio_core.reading import Counters, Reader, Selection, counts_of, milliseconds, open_reader
from tests.occasio_core.reading.logs import OTHER, every_kind, written
from tests.samples import RUN, Log, call, canonical, hashed, interleaved, run_of

ALL = Selection()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    written(tmp_path / "home", every_kind())
    return tmp_path / "home"


def naive(log: Log, selection: Selection = ALL) -> Counters:
    total = Counters()
    for row in log.rows:
        at = milliseconds(row["ts"])
        if selection.run_id not in (None, row["run_id"]):
            continue
        if (selection.since is None or at >= selection.since) and (selection.until is None or at < selection.until):
            total += Counters(**counts_of(row["kind"], row))
    return total


def at(seconds: float) -> int:
    return milliseconds("2026-01-02T00:00:00.000Z") + int(seconds * 1000)


SELECTIONS = [
    Selection(),
    Selection(run_id=RUN),
    Selection(run_id=OTHER),
    Selection(since=at(5)),
    Selection(until=at(5)),
    Selection(since=at(5), until=at(9)),
    Selection(since=at(59.999), until=at(60.001)),
    Selection(since=at(60), until=at(180)),
    Selection(since=at(30), until=at(150.5), run_id=RUN),
    Selection(since=at(9), until=at(5)),
    Selection(since=at(10_000)),
]


@pytest.mark.parametrize("selection", SELECTIONS, ids=repr)
@pytest.mark.parametrize("log", [every_kind(), run_of(90)], ids=["every kind", "several minutes"])
def test_counters_are_those_of_a_naive_reading(tmp_path: Path, log: Log, selection: Selection) -> None:
    written(tmp_path, log)
    with open_reader(tmp_path) as reader:
        assert reader.counters(selection) == naive(log, selection)


@pytest.mark.parametrize("selection", SELECTIONS, ids=repr)
@pytest.mark.parametrize("minutes", [1, 2, 60])
def test_buckets_add_up_to_the_counters(tmp_path: Path, minutes: int, selection: Selection) -> None:
    written(tmp_path, run_of(90))
    with open_reader(tmp_path) as reader:
        buckets = reader.buckets(selection, minutes * 60_000)
        assert sum((bucket.counters for bucket in buckets), Counters()) == reader.counters(selection)
    assert [bucket.at for bucket in buckets] == sorted({bucket.at for bucket in buckets})
    assert all(bucket.at % (minutes * 60_000) == 0 for bucket in buckets)


def test_a_span_is_whole_minutes(home: Path) -> None:
    with open_reader(home) as reader, pytest.raises(ValueError, match="whole minutes"):
        reader.buckets(Selection(), 61_000)


@pytest.mark.parametrize("rows", range(len(every_kind().rows)))
def test_a_reader_that_goes_on_answers_as_one_that_begins(tmp_path: Path, rows: int) -> None:
    whole, part = every_kind(), every_kind()
    del part.rows[rows:]
    written(tmp_path / "home", part)
    open_reader(tmp_path / "home").close()
    written(tmp_path / "home", whole)
    written(tmp_path / "other", whole)
    with open_reader(tmp_path / "home") as gone_on, open_reader(tmp_path / "other") as begun:
        assert gone_on.health == begun.health
        assert gone_on.counters() == begun.counters()
        assert gone_on.runs() == begun.runs()
        assert list(gone_on.entries()) == list(begun.entries())
        assert gone_on.buckets(Selection(), 60_000) == begun.buckets(Selection(), 60_000)


def test_rows_come_by_kind_action_run_and_place(home: Path) -> None:
    rows = every_kind().rows
    with open_reader(home) as reader:

        def seqs(**wanted: object) -> list[int]:
            return [row.seq for row in reader.rows(**wanted)]  # type: ignore[arg-type]

        assert seqs() == list(range(len(rows)))
        assert seqs(kinds=["request"]) == [row["seq"] for row in rows if row["kind"] == "request"]
        assert seqs(actions=["BLOCK"]) == [row["seq"] for row in rows if row.get("action") == "BLOCK"]
        assert seqs(actions=["LOCAL", "PASS"]) == [row["seq"] for row in rows if row.get("action") in ("LOCAL", "PASS")]
        assert seqs(selection=Selection(run_id=OTHER)) == [row["seq"] for row in rows if row["run_id"] == OTHER]
        assert seqs(with_secrets=True) == [row["seq"] for row in rows if row.get("secrets_redacted")]
        assert seqs(newest=3) == [len(rows) - 3, len(rows) - 2, len(rows) - 1]
        assert seqs(after=len(rows) - 2) == [len(rows) - 1]


def test_rows_are_those_of_the_log_with_what_they_say(home: Path) -> None:
    with open_reader(home) as reader:
        assert [dict(row.fields) for row in reader.rows()] == every_kind().rows


def test_what_came_since_is_followed(tmp_path: Path) -> None:
    whole, part = every_kind(), every_kind()
    del part.rows[5:]
    written(tmp_path, part)
    with open_reader(tmp_path) as reader:
        *_, last = reader.entries()
        written(tmp_path, whole)
        assert list(reader.entries(after=last.seq)) == []
        reader.refresh()
        assert [entry.seq for entry in reader.entries(after=last.seq)] == list(range(5, len(whole.rows)))


def test_groups_are_the_most_frequent_first(home: Path) -> None:
    with open_reader(home) as reader:
        assert [(group.value, group.rows) for group in reader.groups("action", kinds=["tool_call"])] == [
            ("PASS", 3),
            ("BLOCK", 1),
            ("LOCAL", 1),
            ("TRANSFORM", 1),
        ]
        with pytest.raises(ValueError, match="not a member"):
            reader.groups("1; DROP TABLE rows")


def test_runs_are_the_newest_first_and_whole(home: Path) -> None:
    with open_reader(home) as reader:
        newest, oldest = reader.runs()
        assert (newest.run_id, oldest.run_id) == (OTHER, RUN)
        assert (newest.is_open, oldest.is_open) == (True, False)
        assert newest.counters + oldest.counters + Counters(rows=1, checkpoints=1) == reader.counters()
        assert [run.run_id for run in reader.runs(Selection(until=newest.started_at))] == [RUN]
        assert [run.run_id for run in reader.runs(limit=1)] == [OTHER]
        assert reader.run(RUN) == oldest


def test_a_run_is_found_by_its_first_digits(home: Path) -> None:
    with open_reader(home) as reader:
        assert reader.run_id(OTHER[:4]) == OTHER
        with pytest.raises(UsageError, match="no run `ffff`"):
            reader.run_id("ffff")
        with pytest.raises(UsageError, match="more than one run"):
            reader.run_id("")
        with pytest.raises(UsageError, match="no run"):
            reader.run("ffff")


@pytest.mark.parametrize("line", range(len(every_kind().rows)))
def test_a_damaged_log_is_read_up_to_the_damage(tmp_path: Path, line: int) -> None:
    log = every_kind()
    path = written(tmp_path, log)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b'"event_id":"evt-0', b'"event_id":"evt-9')
    path.write_bytes(b"".join(lines))
    del log.rows[line:]
    with open_reader(tmp_path) as reader:
        assert reader.health.damage is not None
        assert (reader.health.damage.line, reader.health.damage.code) == (line + 1, "row-hash")
        assert reader.counters() == naive(log)
    with open_reader(tmp_path) as again:
        assert again.health == reader.health


def test_a_torn_tail_is_told_and_not_read(home: Path) -> None:
    path = places.log_path(home)
    path.write_bytes(path.read_bytes()[:-1])
    with open_reader(home) as reader:
        assert reader.health.damage is not None
        assert reader.health.damage.code == "torn-tail"
        assert reader.health.rows == len(every_kind().rows) - 1


def test_no_log_and_an_empty_one_have_no_rows(tmp_path: Path) -> None:
    with open_reader(tmp_path / "none") as reader:
        assert (reader.health.exists, reader.counters(), reader.runs()) == (False, Counters(), [])
    assert not (tmp_path / "none").exists()
    places.log_path(tmp_path).touch()
    with open_reader(tmp_path) as reader:
        assert (reader.health.exists, reader.health.damage, reader.counters()) == (True, None, Counters())


def test_a_reader_of_a_file_keeps_nothing_beside_it(tmp_path: Path) -> None:
    path = written(tmp_path, every_kind())
    with open_reader(tmp_path / "elsewhere", log=path) as reader:
        assert reader.counters() == naive(every_kind())
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def other_log(home: Path) -> None:
    written(home, run_of(2))


def shorter_log(home: Path) -> None:
    log = every_kind()
    del log.rows[4:]
    written(home, log)


def emptied(home: Path) -> None:
    places.log_path(home).write_bytes(b"")


def last_row_changed(home: Path) -> None:
    log = every_kind()
    del log.rows[-1]
    log._last = log.rows[-1]["hash"]
    written(home, log)
    row = json.loads(canonical(every_kind().rows[-1])) | {"event_id": "evt-changed-00000000"}

    with places.log_path(home).open("ab") as file:
        file.write(canonical(hashed(row)) + b"\n")


def no_database(home: Path) -> None:
    places.read_index_path(home).write_bytes(b"not a database at all" * 100)


def damaged_pages(home: Path) -> None:
    path = places.read_index_path(home)
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)


def another_schema(home: Path) -> None:
    with sqlite3.connect(places.read_index_path(home)) as index:
        index.execute("ALTER TABLE runs ADD COLUMN of_tomorrow")
    index.close()


def a_planted_trigger(home: Path) -> None:
    with sqlite3.connect(places.read_index_path(home)) as index:
        index.execute("CREATE TRIGGER planted AFTER INSERT ON rows BEGIN DELETE FROM rows; END")
    index.close()


def removed(home: Path) -> None:
    places.read_index_path(home).unlink()


@pytest.mark.parametrize(
    "mishap",
    [
        other_log,
        shorter_log,
        emptied,
        last_row_changed,
        no_database,
        damaged_pages,
        another_schema,
        a_planted_trigger,
        removed,
    ],
)
def test_an_index_that_is_wrong_is_made_anew(home: Path, mishap: Callable[[Path], None]) -> None:
    open_reader(home).close()
    mishap(home)
    rows = [json.loads(line) for line in places.log_path(home).read_bytes().splitlines()]
    log = Log()
    log.rows = rows
    with open_reader(home) as reader, reader.held():
        assert reader.counters() == naive(log)
        assert [row.fields for row in reader.rows()] == rows
        assert reader.health.rows == len(rows)
    with open_reader(home) as again:
        assert again.counters() == naive(log)


def test_a_row_that_was_changed_after_it_was_verified_is_not_handed_out(home: Path) -> None:

    with open_reader(home) as reader:
        path = places.log_path(home)
        lines = path.read_bytes().splitlines(keepends=True)
        row = json.loads(lines[3])
        row["event_id"] = row["event_id"].replace("evt-0", "evt-7")
        lines[3] = canonical(hashed(row)) + b"\n"
        path.write_bytes(b"".join(lines))
        with pytest.raises(LedgerError, match="row 3 of the log"):
            list(reader.rows())


def test_what_an_attacker_put_into_the_index_is_gone_once_it_is_rebuilt(home: Path) -> None:
    open_reader(home).close()
    with sqlite3.connect(places.read_index_path(home)) as index:
        index.execute("UPDATE position SET n_blocked = 0")
    index.close()
    with open_reader(home) as reader:
        assert reader.counters().blocked == 0
        reader.rebuild()
        assert reader.counters() == naive(every_kind())


@pytest.mark.skipif(os.name != "posix", reason="modes mean nothing here")
def test_the_index_is_its_owners_alone(home: Path) -> None:
    open_reader(home).close()
    assert places.read_index_path(home).stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="modes mean nothing here")
def test_an_index_that_others_could_have_written_is_not_believed(home: Path) -> None:
    open_reader(home).close()
    with sqlite3.connect(places.read_index_path(home)) as index:
        index.execute("UPDATE position SET n_blocked = 77")
    index.close()
    elsewhere = home / "elsewhere"
    places.read_index_path(home).rename(elsewhere)
    places.read_index_path(home).symlink_to(elsewhere)
    with open_reader(home) as reader:
        assert reader.counters() == naive(every_kind())


def test_two_readers_at_once_agree(home: Path) -> None:
    with open_reader(home) as one, open_reader(home) as other:
        longer = every_kind()

        for number in range(50, 60):
            call(longer, number, run=OTHER)
        written(home, longer)
        one.refresh()
        assert one.counters() == naive(longer)
        with other.held():
            before = other.counters()
            call(longer, 61, run=OTHER)
            written(home, longer)
            one.refresh()
            assert other.counters() == before
        other.refresh()
        assert other.counters() == one.counters() == naive(longer)


def test_processes_that_build_the_index_at_once_agree(tmp_path: Path) -> None:
    with places.log_path(tmp_path).open("wb") as file:
        file.writelines(line + b"\n" for line in interleaved(8_000))
    program = (
        "import sys, pathlib\n"
        "from occasio_core.reading import building, open_reader\n"
        "building._FIRST_SLICE_BYTES = building._SLICE_BYTES = 400_000\n"
        "print(open_reader(pathlib.Path(sys.argv[1])).counters())\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    begun = [subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") for _ in range(3)]
    told = [process.communicate(timeout=120)[0] for process in begun]
    with open_reader(tmp_path) as reader:
        assert told == [f"{reader.counters()}\n"] * 3
        assert reader.counters().rows == 8_000


def test_a_home_that_may_not_be_written_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_reader(home).close()
    before = sorted(path.name for path in home.iterdir())

    def refused(path: Path) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("occasio_core.reading.store.open_private", refused)
    monkeypatch.setattr("occasio_core.reading.store._anew", refused)
    with open_reader(home) as reader:
        assert reader.counters() == naive(every_kind())
    longer = every_kind()

    call(longer, 62, run=OTHER)
    written(home, longer)
    with open_reader(home) as reader:
        assert reader.counters() == naive(longer)
    assert sorted(path.name for path in home.iterdir()) == before


def test_answers_come_from_memory_where_the_disk_is_full(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(sqlite3.Connection):
        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
            if sql == "BEGIN IMMEDIATE" and self.path:
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(sql, *values)  # type: ignore[arg-type]

        @property
        def path(self) -> str:
            return str(super().execute("PRAGMA database_list").fetchone()[2])

    open_reader(home).close()
    reader = Reader(places.log_path(home), home)
    reader._index.close()
    reader._index = sqlite3.connect(places.read_index_path(home), factory=Full, isolation_level=None)
    sqlite3.Connection.execute(reader._index, "UPDATE position SET size = 0, rows = 0")
    with reader:
        reader.refresh()
        assert reader.counters() == naive(every_kind())


def test_no_row_of_a_log_that_is_not_there_is_read(tmp_path: Path) -> None:
    with open_reader(tmp_path / "none") as reader:
        assert list(reader.rows()) == []
        assert list(reader.rows(newest=3)) == []


def test_rows_before_another_are_found_from_both_sides(home: Path) -> None:
    with open_reader(home) as reader:
        assert [row.seq for row in reader.rows(before=5)] == [0, 1, 2, 3, 4]
        assert [row.seq for row in reader.rows(after=1, before=5)] == [2, 3, 4]
        assert [row.seq for row in reader.rows(before=5, newest=2)] == [3, 4]
        assert [row.seq for row in reader.rows(before=0, newest=2)] == []
