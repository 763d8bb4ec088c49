"""`occasio ledger` lists requests with their costs, or adds them up by model."""

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
    run.request(sent=10, cost_micro_usd=40_000).request(sent=1, cached=4, cost_micro_usd=2_000).request(
        status=529
    ).end()
    written(home, run.log)


def test_the_last_requests_are_listed_and_all_of_them_added_up(capsys: Captured) -> None:
    assert occasio("ledger", "--last", "1") == 0
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 3
    assert told[-1] == "3 requests, 25 in, 15 out, $0.04 and 1 unpriced"


def test_a_summary_is_by_model(capsys: Captured) -> None:
    assert occasio("ledger", "--summary", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    (model,) = told["models"]
    assert (model["model"], model["requests"], model["unpriced"], model["cost_micro_usd"]) == (
        "claude-opus-4-8",
        3,
        1,
        42_000,
    )
    assert told["total"]["cost_micro_usd"] == 42_000


def test_a_run_without_a_request_says_so(home: Path, capsys: Captured) -> None:
    written(home, Run().end().log)
    assert occasio("ledger") == 0
    assert capsys.readouterr().out == "no request was made to a model\n"
