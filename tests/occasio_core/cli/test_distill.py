"""`occasio distill` lists what was shortened, and prints the whole of it where that was kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core.commands import Record
from occasio_core.model import RunId
from occasio_core.run_notes import RunNotes
from tests.occasio_core.cli.commands import Captured, occasio
from tests.occasio_core.reading.logs import written
from tests.occasio_core.views.rows import Run
from tests.samples import RUN


@pytest.fixture
def shortened(home: Path) -> Run:
    """A home with a run of three results, of which one was shortened."""
    run = Run().call("a", tool="grep", inputs={"path": "/w"}).request()
    run.result("a", "transform", 9000, returned_size=900, shaped_by=["redact-secrets", "distill-output"])
    run.result("b", "transform", 90, returned_size=80, shaped_by=["redact-secrets"]).result("c").request().end()
    written(home, run.log)
    return run


@pytest.fixture
def row(shortened: Run, home: Path) -> int:
    """The position of that result, which was kept whole."""
    result = next(row for row in shortened.rows if row.kind == "tool_result")
    notes = RunNotes(home, RunId(RUN))
    raw = ("line 1\nline \x1b[2J2", "more")
    notes.keep(Record(kind="tool_result", agent="a", protocol="p", session="s", members=result.fields, raw=raw))
    notes.close()
    return result.seq


def test_what_was_shortened_is_listed_and_what_was_only_redacted_is_not(row: int, capsys: Captured) -> None:
    assert occasio("distill") == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        f"{row:>7}  grep          /w                           9,000     900  distill-output"
    ]


def test_the_whole_is_printed_without_what_a_terminal_would_obey(row: int, capsys: Captured) -> None:
    assert occasio("distill", "--entry", str(row)) == 0
    said = capsys.readouterr()
    assert said.out == "line 1\nline ?[2J2\nmore\n"
    assert said.err == "occasio: kept beside the log, without secrets; no evidence\n"
    assert occasio("distill", "--entry", str(row), "--json") == 0
    assert json.loads(capsys.readouterr().out)["texts"] == ["line 1\nline \x1b[2J2", "more"]


def test_the_whole_is_found_in_whatever_run_it_was(row: int, shortened: Run, home: Path, capsys: Captured) -> None:
    later = Run("0a1b2c3d-0000-4000-8000-000000000000", shortened.log)
    written(home, later.log)
    assert occasio("distill") == 0
    assert capsys.readouterr().out == "no result was shortened\n"
    assert occasio("distill", "--entry", str(row), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["tool"], told["target"], told["texts"][1]) == ("grep", "/w", "more")


def test_what_was_not_kept_cannot_be_printed(row: int, home: Path, capsys: Captured) -> None:
    assert occasio("clear", "--history") == 0
    assert occasio("distill", "--entry", str(row)) == 1
    assert "keep_shortened_results: true" in capsys.readouterr().err


@pytest.mark.usefixtures("row")
def test_a_row_that_is_no_such_result_is_wrong_use(capsys: Captured) -> None:
    assert occasio("distill", "--entry", "0") == 2
    assert "row 0 is no result that was shortened" in capsys.readouterr().err
