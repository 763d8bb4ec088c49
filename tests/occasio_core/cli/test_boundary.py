"""`occasio boundary` tells produced, gone on and prevented apart, in bytes, and what prevented it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.occasio_core.cli.commands import Captured, occasio
from tests.occasio_core.reading.logs import written
from tests.occasio_core.views.rows import Run


@pytest.fixture(autouse=True)
def _made(home: Path) -> None:
    run = Run()
    run.call("a", inputs={"path": "/w/a"}).call("b", tool="grep").call("c", "BLOCK").request()
    run.result("a", size=1000).result("b", "transform", 9000, returned_size=1000, shaped_by=["distill-output"])
    run.result("a", "withheld", 500, returned_size=60, secret_labels=["aws"]).request().end()
    written(home, run.log)


def test_bytes_are_told_by_result_and_in_sum(capsys: Captured) -> None:
    assert occasio("boundary") == 0
    assert capsys.readouterr().out.splitlines() == [
        "tool          about                             produced    went on  prevented",
        "read_file     /w/a                                 1,000      1,000          0",
        "grep                                               9,000      1,000      8,000",
        "              distill-output",
        "read_file     /w/a                                   500         60        440",
        "              withheld (secrets)",
        "produced   10,500 B by 3 results, about 2,625 tokens",
        "went on    2,060 B, about 515 tokens",
        "prevented  8,440 B, about 2,110 tokens",
        "           8,000 B by 1 result: distill-output",
        "           440 B by 1 result: withheld (secrets)",
        "refused    1 call, which produced nothing",
    ]


def test_the_totals_are_of_all_results_whatever_is_shown(capsys: Captured) -> None:
    assert occasio("boundary", "--last", "1") == 0
    told = capsys.readouterr().out
    assert "and 2 results before; --last N shows more" in told
    assert "produced   10,500 B by 3 results" in told


def test_json_has_the_same(capsys: Captured) -> None:
    assert occasio("boundary", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["prevented_bytes"] for one in told["results"]] == [0, 8000, 440]
    assert told["totals"] == {
        "results": 3,
        "produced_bytes": 10500,
        "reentered_bytes": 2060,
        "prevented_bytes": 8440,
        "prevented_by": {"distill-output": 8000, "withheld (secrets)": 440},
        "unknown_results": 0,
        "refused_calls": 1,
    }
