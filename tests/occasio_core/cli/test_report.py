"""`occasio report` is of the last 30 days or of what is asked for, in five forms, and never in two."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import pytest

from tests.occasio_core.cli.commands import Captured, occasio
from tests.occasio_core.reading.logs import every_kind, written
from tests.samples import RUN

ALL = ("--since", "2026-01-01")


@pytest.fixture(autouse=True)
def _made(home: Path) -> None:
    written(home, every_kind())


def test_a_report_is_of_the_last_days(capsys: Captured) -> None:
    assert occasio("report", "--json") == 0
    assert json.loads(capsys.readouterr().out)["events"] == []
    assert occasio("report", "--days", "36500", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["events"]) == 10
    assert occasio("report", "--run", RUN, "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["events"]) == 10


@pytest.mark.parametrize(
    ("form", "begins"),
    [("md", "# What agents did\n"), ("html", "<!DOCTYPE html>\n"), ("csv", "section,seq,ts"), ("json", "{\n")],
)
def test_every_form_is_what_it_says(form: str, begins: str, capsys: Captured) -> None:
    assert occasio("report", *ALL, "--format", form) == 0
    assert capsys.readouterr().out.startswith(begins)


def test_all_forms_have_the_same_events(capsys: Captured, tmp_path: Path) -> None:
    assert occasio("report", *ALL, "--json") == 0
    hashes = [one["hash"] for one in json.loads(capsys.readouterr().out)["events"]]
    assert occasio("report", *ALL, "--format", "csv") == 0
    table = csv.DictReader(capsys.readouterr().out.splitlines())
    assert [row["hash"] for row in table if row["section"] == "event"] == hashes
    assert occasio("report", *ALL, "--format", "html", "--out", str(tmp_path / "r.html")) == 0
    assert stat.S_IMODE((tmp_path / "r.html").stat().st_mode) == 0o600
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert [one for one in hashes if one[:16] not in page] == []


@pytest.mark.parametrize(
    "options", [("--json", "--format", "csv"), ("--days", "3", "--since", "1d"), ("--format", "pdf"), ("--days", "0")]
)
def test_what_makes_no_sense_is_wrong_use(options: tuple[str, ...], capsys: Captured) -> None:
    assert occasio("report", *options) == 2
    assert capsys.readouterr().out == ""
