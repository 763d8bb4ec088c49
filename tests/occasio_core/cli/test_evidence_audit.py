"""Audits on the command line: what a bundle makes the home remember, what `verify` finds, what `repair` mends."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core.model import RunId
from occasio_core.run_state import held
from tests.occasio_core.cli.commands import NO_RUN, Captured, assert_refused, occasio, written
from tests.samples import RUN, Log, call, canonical, run_of, start


@pytest.mark.skipif(os.name != "posix", reason="modes mean nothing here")
@pytest.mark.usefixtures("log")
def test_the_checkpoint_is_its_owners_alone(home: Path) -> None:
    assert occasio("bundle") == 0
    assert stat.S_IMODE(places.checkpoint_path(home).stat().st_mode) == 0o600


@pytest.mark.usefixtures("log")
def test_a_log_that_is_as_it_was_when_it_was_sealed_verifies(capsys: Captured) -> None:
    assert occasio("bundle", "--run", RUN) == 0
    capsys.readouterr()
    assert occasio("audit", "verify") == 0
    assert capsys.readouterr().out.startswith("VERIFIED")


def test_a_log_that_went_on_verifies(home: Path, log: Log) -> None:
    assert occasio("bundle") == 0
    start(log, NO_RUN)
    written(home, log)
    assert occasio("audit", "verify") == 0


def test_the_last_checkpoint_covers_what_came_since_the_one_before(home: Path, log: Log) -> None:
    written(home, run_of(3))
    assert occasio("bundle", "--out", "first") == 0
    written(home, log)
    assert occasio("bundle", "--out", "second") == 0
    written(home, run_of(3))
    assert occasio("audit", "verify") == 1


@pytest.mark.parametrize("rows", [1, 3], ids=["a row", "a run"])
def test_a_log_that_was_cut_after_it_was_sealed_fails(home: Path, log: Log, rows: int, capsys: Captured) -> None:
    assert occasio("bundle") == 0
    capsys.readouterr()
    del log.rows[-rows:]
    written(home, log)
    assert occasio("audit", "verify") == 1
    assert "log-truncated" in capsys.readouterr().out


def test_a_log_that_was_written_anew_after_it_was_sealed_fails(home: Path, log: Log, capsys: Captured) -> None:
    assert occasio("bundle") == 0
    capsys.readouterr()
    anew = Log()
    for number in range(len(log.rows)):
        start(anew, f"{number:08}-0000-4000-8000-000000000000")
    written(home, anew)
    assert occasio("audit", "verify") == 1
    assert "checkpoint-origin" in capsys.readouterr().out


def test_a_bundle_of_a_log_elsewhere_is_not_remembered(home: Path, log: Log) -> None:
    log.write(Path("copy.jsonl"))
    assert occasio("bundle", "--log", "copy.jsonl") == 0
    assert not places.checkpoint_path(home).exists()


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(("option", "code"), [((), 3), (("--integrity-only",), 0)])
def test_without_a_checkpoint_a_whole_log_is_intact(option: tuple[str, ...], code: int, capsys: Captured) -> None:
    assert occasio("audit", "verify", *option) == code
    assert capsys.readouterr().out.startswith("INTACT")


def test_a_log_with_a_changed_row_fails_and_the_line_is_named(home: Path, log: Log, capsys: Captured) -> None:
    places.log_path(home).write_bytes(log.data.replace(b'"PASS"', b'"BLOCK"', 1))
    assert occasio("audit", "verify") == 1
    assert "row-hash" in (out := capsys.readouterr().out)
    assert "line 3" in out


@pytest.mark.parametrize("option", ["--log", "--file"])
@pytest.mark.usefixtures("log")
def test_the_homes_checkpoint_says_nothing_of_a_log_elsewhere(option: str) -> None:
    assert occasio("bundle", "--out", "out") == 0
    run_of(1).write(Path("copy.jsonl"))
    assert occasio("audit", "verify", option, "copy.jsonl") == 3


def test_a_checkpoint_can_be_named(home: Path, log: Log) -> None:
    assert occasio("bundle", "--out", "out") == 0
    places.checkpoint_path(home).rename("kept")
    log.write(Path("copy.jsonl"))
    assert occasio("audit", "verify", "--log", "copy.jsonl", "--checkpoint", "kept") == 0


@pytest.mark.usefixtures("log")
def test_an_audit_is_reported_for_programs(capsys: Captured) -> None:
    assert occasio("audit", "verify", "--json") == 3
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "INTACT"
    assert {check["name"]: check["status"] for check in report["checks"]}["log"] == "pass"


@pytest.mark.parametrize("jobs", ["2", "0"])
@pytest.mark.usefixtures("log")
def test_the_number_of_processes_is_the_verifiers_to_judge(jobs: str) -> None:
    assert occasio("audit", "verify", "--jobs", jobs) == (2 if jobs == "0" else 3)


@pytest.mark.usefixtures("log")
def test_a_long_log_is_shared_by_all_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 5}, raising=False)
    monkeypatch.setattr("occasio_verify.main", lambda arguments: given.extend(arguments) or 0)
    assert occasio("audit", "verify") == 0
    assert given[given.index("--jobs") + 1] == "3"


@pytest.mark.usefixtures("home")
def test_without_a_log_there_is_nothing_to_audit(capsys: Captured) -> None:
    assert occasio("audit", "verify") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "No such file or directory" in err.splitlines()[0]


@pytest.fixture
def opened(home: Path) -> Log:
    """A log whose only run has not ended."""
    log = Log()
    start(log)
    call(log, 1)
    return written(places.prepared(home), log)


@pytest.mark.usefixtures("opened")
def test_a_repaired_run_can_be_sealed(capsys: Captured) -> None:
    assert occasio("audit", "repair") == 0
    assert capsys.readouterr() == ("", f"closed run {RUN}, whose process is gone\n")
    assert occasio("attest") == 0


@pytest.mark.usefixtures("opened")
def test_a_run_that_is_alive_is_told_and_left(home: Path, capsys: Captured) -> None:
    with held(home, RunId(RUN), {}):
        assert occasio("audit", "repair") == 0
    assert f"left run {RUN} open: its process is alive" in capsys.readouterr().err


def test_a_torn_end_is_told_and_sealed(home: Path, opened: Log, capsys: Captured) -> None:
    places.log_path(home).write_bytes(opened.data[:-5])
    assert occasio("audit", "repair") == 0
    assert "sealed: torn-tail" in capsys.readouterr().err
    assert occasio("audit", "verify", "--integrity-only") == 0


@pytest.mark.usefixtures("log")
def test_a_log_that_is_in_order_needs_no_repair(capsys: Captured) -> None:
    assert occasio("audit", "repair") == 0
    assert capsys.readouterr() == ("", "nothing to repair\n")


def test_a_repair_is_described_for_programs(home: Path, opened: Log, capsys: Captured) -> None:
    places.log_path(home).write_bytes(opened.data + canonical({"torn": True}))
    assert occasio("audit", "repair", "--json") == 0
    out, err = capsys.readouterr()
    assert (json.loads(out), err) == ({"recovered": "torn-tail", "closed": [RUN], "live": []}, "")


@pytest.mark.usefixtures("home")
def test_without_a_log_there_is_nothing_to_repair(capsys: Captured) -> None:
    assert occasio("audit", "repair") == 2
    assert_refused(capsys, "no log at", "nothing to repair")


def test_a_bad_row_in_the_middle_is_not_repaired(home: Path, log: Log, capsys: Captured) -> None:
    places.log_path(home).write_bytes(log.data.replace(b'"PASS"', b'"BLOCK"', 1))
    assert occasio("audit", "repair") == 1
    assert_refused(capsys, "line 3", "keep the file")
