"""A run is told by its rows: who, where, when, and how it ended."""

from __future__ import annotations

from occasio_core.reading.counters import Counters
from occasio_core.reading.moments import milliseconds
from occasio_core.reading.runs import RunSummary, begun
from tests.samples import RUN, run_of


def summary() -> RunSummary:
    first, *_ = rows = run_of(3).rows
    notes = begun(1, first, milliseconds(first["ts"]))
    for row in rows:
        notes.note(row, milliseconds(row["ts"]))
    return RunSummary(**notes.facts, counters=Counters(rows=len(rows)))  # type: ignore[arg-type]


def test_a_run_that_has_ended_is_told_whole() -> None:
    run = summary()
    assert (run.run_id, run.agent, run.model, run.command) == (RUN, "claude-code", "claude-opus-4-8", "claude")
    assert (run.cwd, run.doors, run.end_reason, run.exit_code) == ("/home/ada/project", "proxy", "exit", 0)
    assert (run.first_seq, run.last_seq, run.rows) == (0, len(run_of(3).rows) - 1, len(run_of(3).rows))
    assert not run.is_open
    assert run.duration == 1000 * (run.rows - 1)


def test_programs_get_times_as_rows_write_them() -> None:
    told = summary().as_json()
    assert told["started_at"] == "2026-01-02T00:00:00.000Z"
    assert told["counters"] == Counters(rows=summary().rows).as_json()
