"""`occasio compliance export` on a whole log, one run, a damaged log, and none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from occasio_compliance import occasio_register_commands
from tests.occasio_core.cli.commands import occasio
from tests.occasio_core.reading.logs import OTHER, every_kind, written
from tests.samples import RUN, Log, call, end, start

Captured = pytest.CaptureFixture[str]

EXPORT = ("compliance", "export", "--framework")


@pytest.fixture
def log(home: Path) -> Path:
    return written(home, every_kind())


def printed(captured: Captured) -> Any:
    return json.loads(captured.readouterr().out)


def test_the_group_is_called_compliance(home: Path) -> None:
    assert [command.name for command in occasio_register_commands(home=home)] == ["compliance"]


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("name", ["eu-ai-act", "nist-ai-rmf", "soc2", "iso-42001"])
def test_every_framework_is_printed_for_people_and_for_programs(name: str, capsys: Captured) -> None:
    assert occasio(*EXPORT, name) == 0
    assert capsys.readouterr().out.startswith("# What Occasio's log shows for ")
    assert occasio(*EXPORT, name, "--json") == 0
    document = printed(capsys)
    assert document["framework"]["id"] == name
    assert [run["run_id"] for run in document["runs"]] == [RUN, OTHER]
    assert document["log"]["sound"] is True


@pytest.mark.usefixtures("log")
def test_rows_are_named_that_are_in_the_log(capsys: Captured) -> None:
    assert occasio(*EXPORT, "soc2", "--json") == 0
    hashes = {row["seq"]: row["hash"] for row in every_kind().rows}
    named = [row for claim in printed(capsys)["claims"].values() for row in claim["rows"]]
    assert named
    assert all(hashes[row["seq"]] == row["hash"] for row in named)


@pytest.mark.usefixtures("log")
def test_a_run_in_the_selection_is_looked_at_whole(capsys: Captured) -> None:
    """Its policy was loaded before `--since`, and is still its policy."""
    assert occasio(*EXPORT, "soc2", "--json", "--since", "2026-01-02T00:00:25Z") == 0
    document = printed(capsys)
    assert OTHER in [run["run_id"] for run in document["runs"]]
    assert document["claims"]["policy-in-force"]["finding"] == "shown"


def test_one_run_is_looked_at_alone(home: Path, capsys: Captured) -> None:
    log = Log()
    start(log)
    call(log, 1, action="BLOCK")
    end(log)
    start(log, OTHER)
    end(log, OTHER)
    written(home, log)
    assert occasio(*EXPORT, "soc2", "--json", "--run", OTHER[:4]) == 0
    document = printed(capsys)
    assert [run["run_id"] for run in document["runs"]] == [OTHER]
    assert document["claims"]["calls-refused"]["finding"] == "silent"


@pytest.mark.usefixtures("log")
def test_it_is_written_to_a_file(tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "x.md"
    assert occasio(*EXPORT, "soc2", "--out", out) == 0
    assert out.read_text(encoding="utf-8").startswith("# What Occasio's log shows")
    assert str(out) in capsys.readouterr().err


def test_a_damaged_log_contradicts_and_is_exit_1(log: Path, capsys: Captured) -> None:
    log.write_bytes(log.read_bytes().replace(b'"seq":5', b'"seq":6', 1))
    assert occasio(*EXPORT, "eu-ai-act", "--json") == 1
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert "the log is damaged" in err
    assert document["claims"]["log-holds"]["finding"] == "contradicted"
    assert {control["id"]: control["status"] for control in document["controls"]}["12(1)"] == "contradicted"


@pytest.mark.usefixtures("home")
def test_no_log_is_evidence_of_nothing(capsys: Captured) -> None:
    assert occasio(*EXPORT, "nist-ai-rmf", "--json") == 0
    assert {control["status"] for control in printed(capsys)["controls"]} == {"no-evidence"}


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [((), "--framework"), (("--framework", "hipaa"), "hipaa"), (("--framework", "soc2", "--run", "ffff"), "no run")],
)
def test_wrong_use_is_exit_2(arguments: tuple[str, ...], said: str, capsys: Captured) -> None:
    assert occasio("compliance", "export", *arguments) == 2
    assert said in capsys.readouterr().err
