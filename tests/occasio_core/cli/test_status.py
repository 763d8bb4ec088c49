"""`status` and `runs` say what the rows add up to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.occasio_core.cli.commands import Captured, occasio
from tests.occasio_core.reading.logs import OTHER, every_kind, written
from tests.samples import RUN


@pytest.fixture
def full(home: Path) -> Path:
    return written(home, every_kind())


@pytest.mark.usefixtures("full")
def test_status_says_everything_that_was_counted(capsys: Captured) -> None:
    assert occasio("status") == 0
    assert capsys.readouterr().out.splitlines() == [
        "log        28 rows, each verified; no checkpoint yet",
        "runs       2 begun, 1 not ended",
        "last run   0a1b2c3d  2026-01-02 00:00:23Z  claude-code  /home/ada/project",
        "calls      6: 3 passed, 1 run here, 1 transformed, 1 blocked",
        "results    6, 1 changed, 1 withheld, 1 failed, 2 files left out",
        "secrets    8 kept from models",
        "requests   2, 1 failed",
        "tokens     18 in, 7 out",
        "cost       $0.0015, 1 unpriced",
        "saved      by Occasio: 140 B of results (about 35 tokens), 1 call refused",
        "           not by Occasio: 3 tokens that the provider's cache had",
        "limits     1 time passed",
        "approvals  1, 1 granted, 1 denied, 1 expired",
        "findings   1",
        "policy     1 edit not used",
    ]


@pytest.mark.usefixtures("full")
def test_status_of_one_run_is_of_that_run(capsys: Captured) -> None:
    assert occasio("status", "--run", OTHER) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "run        0a1b2c3d  2026-01-02 00:00:23Z  claude-code  /home/ada/project",
        "calls      1: 1 passed",
        "results    1",
    ]


@pytest.mark.usefixtures("full")
def test_runs_are_listed_the_newest_first(capsys: Captured) -> None:
    assert occasio("runs") == 0
    assert capsys.readouterr().out.splitlines() == [
        "run      began (UTC)          agent         calls blocked     cost  took",
        "0a1b2c3d*2026-01-02 00:00:23Z claude-code       1       0    $0.00  3 s",
        "7f1d0c1e 2026-01-02 00:00:00Z claude-code       5       1  $0.0015  27 s",
    ]


@pytest.mark.usefixtures("full")
def test_no_more_runs_are_listed_than_were_asked_for(capsys: Captured) -> None:
    assert occasio("runs", "--last", "1", "--json") == 0
    assert [run["run_id"] for run in json.loads(capsys.readouterr().out)] == [OTHER]
    assert occasio("runs", "--last", "1") == 0
    out, err = capsys.readouterr()
    assert RUN[:8] not in out
    assert "and more" in err


@pytest.mark.usefixtures("full")
def test_where_nothing_is_new_nothing_is_loaded_that_checks_or_decides() -> None:
    program = (
        "import sys\n"
        "from occasio_core.cli import exit_code\n"
        "assert exit_code(['status']) == 0\n"
        "print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, encoding="utf-8")
    loaded = set(done.stderr.split())
    heavy = {"yaml", "aiohttp", "asyncio", "rich", "pluggy", "cryptography", "multiprocessing"}
    ours = {"occasio_verify.grammar", "occasio_verify.rows", "occasio_core.model", "occasio_core.ledger.ledger"}
    assert loaded & (heavy | ours) == set()
    assert "occasio_core.reading.reader" in loaded
