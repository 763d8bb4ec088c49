"""`occasio replay` tells a run request by request, row by row, or by where its tokens came from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.occasio_core.cli.commands import Captured, occasio
from tests.occasio_core.reading.logs import OTHER, every_kind, written
from tests.occasio_core.views.rows import Run
from tests.samples import RUN


@pytest.fixture(autouse=True)
def _made(home: Path) -> None:
    written(home, every_kind())


def test_the_newest_run_is_told_and_with_last_more_of_them(capsys: Captured) -> None:
    assert occasio("replay") == 0
    assert RUN not in capsys.readouterr().out
    assert occasio("replay", "--last", "2") == 0
    told = capsys.readouterr().out
    assert told.index(RUN) < told.index(OTHER)


def test_detail_has_a_line_for_every_row_of_the_run(capsys: Captured) -> None:
    assert occasio("replay", "--run", RUN[:8], "--detail") == 0
    lines = capsys.readouterr().out.splitlines()[5:]
    expected = [row["seq"] for row in every_kind().rows if row["run_id"] == RUN]
    assert [int(line.split()[0]) for line in lines] == expected


def test_json_of_detail_is_the_rows(capsys: Captured) -> None:
    assert occasio("replay", "--run", RUN, "--detail", "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["rows"] == [row for row in every_kind().rows if row["run_id"] == RUN]


def test_tokens_are_attributed(home: Path, capsys: Captured) -> None:
    run = Run().call("a", tool="grep").request(sent=900).result("a", size=400).request(sent=100, cached=1000).end()
    written(home, run.log)
    assert occasio("replay", "--attribute") == 0
    assert capsys.readouterr().out.splitlines()[5:] == [
        "sent       2,000 tokens",
        "  the provider's cache had                   1,000   50.0 %",
        "  results of grep (estimated)                  100    5.0 %",
        "  all else, and what was sent again            900   45.0 %",
        "received   10 tokens",
    ]
    assert occasio("replay", "--attribute", "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["tokens"]["rest"] == 900
