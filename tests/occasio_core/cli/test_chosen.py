"""Where nobody said what, the newest run is shown; where many rows are read, there is a word now and then."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from occasio_core.cli import chosen
from occasio_core.cli.chosen import counting, newest_run
from occasio_core.reading import Selection, open_reader
from tests.occasio_core.reading.logs import OTHER, every_kind, written
from tests.samples import RUN

if TYPE_CHECKING:
    import pytest


def test_the_newest_run_is_shown_unless_something_else_is_asked_for(tmp_path: Path) -> None:
    written(tmp_path, every_kind())
    with open_reader(tmp_path) as reader:
        assert newest_run(reader, Selection()) == Selection(run_id=OTHER)
        for asked in (Selection(run_id=RUN), Selection(since=1), Selection(until=1)):
            assert newest_run(reader, asked) == asked


def test_of_an_empty_log_nothing_is_chosen(tmp_path: Path) -> None:
    with open_reader(tmp_path) as reader:
        assert newest_run(reader, Selection()) == Selection()


def test_who_reads_for_long_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = iter(range(0, 100, 2))
    monkeypatch.setattr(chosen.time, "monotonic", lambda: next(seconds))
    assert len(list(counting([None] * 2500))) == 2500  # type: ignore[list-item]
    assert capsys.readouterr().err == "1,000 rows read\n2,000 rows read\n"
