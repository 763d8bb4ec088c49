"""Commands take a part of the log alike, and end alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core import home as places
from tests.occasio_core.cli.commands import NO_RUN, OTHER, Captured, assert_refused, occasio
from tests.samples import RUN


@pytest.mark.usefixtures("log")
def test_a_run_that_is_not_there_is_refused(capsys: Captured) -> None:
    assert occasio("status", "--run", NO_RUN) == 2
    assert_refused(capsys, "no run", "occasio runs")


@pytest.mark.usefixtures("log")
def test_a_time_that_is_none_is_refused(capsys: Captured) -> None:
    assert occasio("status", "--since", "yesterday") == 2
    assert_refused(capsys, "`yesterday` is no time", "2h")


@pytest.mark.usefixtures("log")
def test_a_run_goes_by_its_first_digits(capsys: Captured) -> None:
    assert occasio("runs", "--run", OTHER[:8], "--json") == 0
    assert [run["run_id"] for run in json.loads(capsys.readouterr().out)] == [OTHER]


@pytest.mark.usefixtures("log")
def test_a_time_leaves_out_what_was_before(capsys: Captured) -> None:
    assert occasio("status", "--json", "--since", "2h") == 0
    assert json.loads(capsys.readouterr().out)["counters"]["rows"] == 0
    assert occasio("status", "--json", "--until", "2h") == 0
    assert json.loads(capsys.readouterr().out)["counters"]["rows"] > 0


@pytest.mark.usefixtures("log")
def test_a_damaged_log_is_shown_up_to_the_damage_and_told(home: Path, capsys: Captured) -> None:
    path = places.log_path(home)
    path.write_bytes(path.read_bytes() + b"{}\n")
    assert occasio("status", "--json", "--run", RUN) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["counters"]["rows"] > 0
    assert err.splitlines()[0].startswith("occasio: the log is damaged at line ")
    assert err.splitlines()[1] == "hint: occasio audit verify says more"


def test_no_log_is_told_and_is_no_error(home: Path, capsys: Captured) -> None:
    assert occasio("status", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["log"]["exists"] is False
    assert "nothing is recorded yet" in err
    assert not home.exists()


@pytest.mark.usefixtures("log")
def test_a_long_reading_is_shown_on_stderr(home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    from occasio_core.cli import progress
    from occasio_core.reading import building

    monkeypatch.setattr(progress, "_AFTER_SECONDS", -1)
    monkeypatch.setattr(building, "_FIRST_SLICE_BYTES", 1)
    assert occasio("runs") == 0
    assert "reading the log for the first time, or what is new: " in capsys.readouterr().err
