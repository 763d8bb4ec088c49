from __future__ import annotations

import stat
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import occasio_core.ledger.disk
from occasio_core.errors import LedgerError
from occasio_core.ledger import Durability, Ledger
from occasio_verify import parse_row, walk_log
from tests.occasio_core.logs import ZEROS, checked, clock, ended, noted, run_id, started


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "log.jsonl"


def test_an_empty_log_ends_with_zeros(path: Path) -> None:
    with Ledger(path) as ledger:
        head = ledger.head()
    assert (head.rows, head.last_hash, head.root) == (0, ZEROS, checked(path).root)


def test_a_row_is_in_the_file_when_append_returns(path: Path) -> None:
    with Ledger(path) as ledger:
        row = ledger.append(started(run_id()))
        assert path.read_bytes() == row.line + b"\n"
        assert parse_row(row.line) == row


def test_the_verifier_and_the_plain_checker_agree_with_the_head(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.append(started(run_id()))
        for number in range(20):
            ledger.append(noted(run_id(), str(number)))
        head = ledger.head()
    log, position = checked(path), walk_log(path, tree=True)
    assert position.tree is not None
    assert (head.rows, head.last_hash, head.root) == (21, log.last_hash, log.root)
    assert (head.rows, head.last_hash, head.root) == (position.rows, position.last_hash, position.tree.root())


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=40))
def test_runs_may_interleave_in_any_way_over_any_number_of_ledgers(
    steps: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    ledgers = [Ledger(path, durability=Durability.NONE) for _ in range(3)]
    open_runs: dict[int, str] = {}
    for step, (ledger, run) in enumerate(steps):
        if run not in open_runs:
            open_runs[run] = run_id(step)
            ledgers[ledger].append(started(open_runs[run]))
        elif step % 5 == 4:
            ledgers[ledger].append(ended(open_runs.pop(run)))
        else:
            ledgers[ledger].append(noted(open_runs[run]))
    log = checked(path)
    assert len(log.rows) == len(steps)
    assert log.open_runs == set(open_runs.values())
    assert {(each.head().rows, each.head().root) for each in ledgers} == {(len(steps), log.root)}
    for each in ledgers:
        each.close()


def test_rows_appended_together_are_one_after_the_other(path: Path) -> None:
    with Ledger(path) as ledger:
        rows = ledger.append_many([started(run_id()), noted(run_id()), ended(run_id())])
        assert [row.seq for row in rows] == [0, 1, 2]
        assert ledger.append_many([]) == []
    assert checked(path).kinds() == ["run_started", "note", "run_ended"]


def test_of_rows_appended_together_all_are_written_or_none(path: Path) -> None:
    with Ledger(path) as ledger:
        with pytest.raises(LedgerError, match="is not open"):
            ledger.append_many([started(run_id()), ended(run_id()), noted(run_id())])
        assert path.read_bytes() == b""
        ledger.append(started(run_id()))
    assert checked(path).kinds() == ["run_started"]


def test_rows_of_two_runs_are_not_appended_together(path: Path) -> None:
    with Ledger(path) as ledger, pytest.raises(LedgerError, match="of one run"):
        ledger.append_many([started(run_id(1)), started(run_id(2))])


def test_a_run_begins_with_run_started(path: Path) -> None:
    with Ledger(path) as ledger, pytest.raises(LedgerError, match="cannot have a `note` row"):
        ledger.append(noted(run_id()))


def test_a_run_starts_once(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.append(started(run_id()))
        with pytest.raises(LedgerError, match="already begun"):
            ledger.append(started(run_id()))


def test_nothing_follows_the_end_of_a_run(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.append_many([started(run_id()), ended(run_id())])
        with pytest.raises(LedgerError, match="is not open"):
            ledger.append(noted(run_id()))


def test_too_many_open_runs_are_refused_until_one_ends(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_core.ledger.ledger.MAX_OPEN_RUNS", 2)
    with Ledger(path) as ledger:
        ledger.append(started(run_id(1)))
        ledger.append(started(run_id(2)))
        with pytest.raises(LedgerError, match="2 runs are open"):
            ledger.append(started(run_id(3)))
        ledger.append(ended(run_id(1)))
        ledger.append(started(run_id(3)))
    assert checked(path).open_runs == {run_id(2), run_id(3)}


def test_a_refused_row_leaves_no_trace(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.append(started(run_id()))
        before = path.read_bytes()
        with pytest.raises(LedgerError, match="too long"):
            ledger.append(noted(run_id(), "x" * 2**20))
        assert path.read_bytes() == before
        ledger.append(noted(run_id()))
    checked(path)


def test_a_row_has_the_time_and_the_id_that_it_is_given(path: Path) -> None:
    with Ledger(path, clock=clock(), new_id=lambda: "i" * 20) as ledger:
        row = ledger.append(started(run_id()))
    assert row.fields["ts"] == "2026-01-02T00:00:00.000Z"
    assert row.fields["event_id"] == "i" * 20


def test_own_clock_and_ids_need_no_help(path: Path) -> None:
    with Ledger(path) as ledger:
        rows = ledger.append_many([started(run_id()), noted(run_id())])
    assert rows[0].fields["event_id"] != rows[1].fields["event_id"]
    assert datetime.fromisoformat(str(rows[0].fields["ts"])).tzinfo is not None


def test_the_directory_and_the_files_are_private(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.append(started(run_id()))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()} == {0o600}


def test_files_that_others_could_read_are_made_private(path: Path) -> None:
    path.parent.mkdir()
    path.touch(0o666)
    with Ledger(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_closed_ledger_refuses(path: Path) -> None:
    ledger = Ledger(path)
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerError, match="is closed"):
        ledger.append(started(run_id()))


def test_a_forked_process_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger(path) as ledger:
        monkeypatch.setattr("os.getpid", lambda: -1)
        with pytest.raises(LedgerError, match="forked"):
            ledger.append(started(run_id()))


def test_a_log_that_was_removed_while_open_is_not_written_to(path: Path) -> None:
    with Ledger(path) as ledger:
        path.unlink()
        with pytest.raises(LedgerError, match="was removed"):
            ledger.append(started(run_id()))


def test_a_log_that_was_replaced_while_open_is_not_written_to(path: Path) -> None:
    with Ledger(path) as ledger:
        path.rename(path.with_name("aside.jsonl"))
        path.touch()
        with pytest.raises(LedgerError, match="was replaced"):
            ledger.append(started(run_id()))


def test_a_log_that_cannot_be_opened_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match=r"^the log `.*` cannot be opened: "):
        Ledger(tmp_path / "file" / "log.jsonl")


def test_an_append_reads_as_much_in_a_long_log_as_in_a_short_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def counted(descriptor: int, size: int, offset: int) -> bytes:
        data = read_at(descriptor, size, offset)
        sizes.append(len(data))
        return data

    read_at = occasio_core.ledger.disk.read_at
    for module in ("head", "runs", "logfile", "durability"):
        monkeypatch.setattr(f"occasio_core.ledger.{module}.read_at", counted)
    seen = []
    with Ledger(path) as ledger:
        ledger.append(started(run_id()))
        for _ in range(2):
            ledger.append_many([noted(run_id())] * 2000)
            sizes.clear()
            ledger.append(noted(run_id()))
            seen.append(sum(sizes))
    assert seen[0] == seen[1] < 32768
