"""`occasio inspect` shows of a request what went to the model and what came back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core.cli import inspect as module
from tests.occasio_core.cli.commands import Captured, occasio
from tests.occasio_core.reading.logs import written
from tests.occasio_core.views.rows import Run


@pytest.fixture
def made(home: Path) -> Run:
    run = Run()
    run.call("a", inputs={"path": "/w/a"}).call("b", inputs={"path": "/w/key"})
    run.call("c", "BLOCK", inputs={"path": "/w/.env"}, reason="path-denied").request(sent=7)
    run.result("a", size=1200)
    run.result(
        "b", "transform", 900, returned_size=90, shaped_by=["redact-secrets"], secret_labels=["aws"], secrets_redacted=2
    )
    run.append("limit_exceeded", limit="max_requests_per_run", max=1, actual=2)
    run.request(sent=5, cached=3, cost_micro_usd=1500, complete=False).end()
    written(home, run.log)
    return run


@pytest.mark.usefixtures("made")
def test_the_last_request_is_shown(capsys: Captured) -> None:
    assert occasio("inspect") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("request    2 of run 7f1d0c1e")
    assert told[1:] == [
        "model      claude-opus-4-8, HTTP 200, broken off",
        "sent       8 tokens: 5 new, 3 from the provider's cache",
        "received   5 tokens",
        "cost       $0.0015",
        "results    2 results: 1 as it was, 1 changed",
        "  as it was read_file      /w/a                                          1,200 B",
        "  changed   read_file      /w/key                                    90 of 900 B",
        "secrets    2 kept from the model (aws)",
        "limit      max_requests_per_run: 2 of 1",
    ]


@pytest.mark.usefixtures("made")
def test_one_request_is_shown_by_its_number(capsys: Captured) -> None:
    assert occasio("inspect", "--entry", "1") == 0
    told = capsys.readouterr().out
    assert "came back  3 calls: 2 passed, 1 blocked" in told
    assert "  BLOCK     read_file      /w/.env  (path-denied)" in told
    assert occasio("inspect", "--entry", "9") == 0
    assert capsys.readouterr().out == "no such request\n"


def test_json_has_every_row_by_its_position(made: Run, capsys: Captured) -> None:
    assert occasio("inspect", "--last", "9", "--json") == 0
    first, second = json.loads(capsys.readouterr().out)
    assert [one["seq"] for one in first["calls"]] == [row.seq for row in made.rows if row.kind == "tool_call"]
    assert [one["reentered_bytes"] for one in second["results"]] == [1200, 90]
    assert second["request"]["hash"] == made.rows[-2].hash


def test_many_results_are_cut_short(home: Path, capsys: Captured) -> None:
    run = Run()
    for number in range(15):
        run.call(f"c{number}")
    run.request()
    written(home, run.log)
    assert occasio("inspect") == 0
    assert "  and 3 more; --json has all" in capsys.readouterr().out


def test_of_a_long_run_the_end_alone_is_read_and_is_told_as_if_all_were(
    home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run()
    for number in range(40):
        run.call(f"c{number}", "LOCAL").result(f"c{number}", "local").request().call(f"d{number}").result(f"d{number}")
    written(home, run.end().log)
    assert occasio("inspect", "--last", "2", "--json") == 0
    whole = capsys.readouterr().out
    monkeypatch.setattr(module, "_CARRIED", 3)
    read = []
    monkeypatch.setattr(module, "counting", lambda rows: (read.append(row) or row for row in rows))
    assert occasio("inspect", "--last", "2", "--json") == 0
    assert capsys.readouterr().out == whole
    assert [one["number"] for one in json.loads(whole)] == [40, 41]
    assert len(read) < 30
