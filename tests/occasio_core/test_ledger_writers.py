from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from occasio_core.ledger import Durability, Ledger
from tests.faults.chance import rounds, seed
from tests.occasio_core.logs import Checked, checked, ended, noted, run_id, started

ROOT = Path(__file__).parents[2]


def acknowledged(path: Path, writers: int, kills: int, dice: int = 0) -> list[str]:
    """Return the hashes that writers in processes of their own were told."""
    command = [
        sys.executable,
        "-m",
        "tests.occasio_core.ledger_writers",
        str(path),
        str(writers),
        str(kills),
        str(dice),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=1200)
    assert done.stderr == ""
    return [line for line in done.stdout.split("\n") if len(line) == 64]


def hashes(log: Checked) -> list[str]:
    return [row["hash"] for row in log.rows]


def test_eight_processes_write_one_chain(tmp_path: Path) -> None:
    told = acknowledged(tmp_path / "log.jsonl", writers=8, kills=0)
    log = checked(tmp_path / "log.jsonl")
    assert len(log.rows) == 8 * 42
    assert sorted(hashes(log)) == sorted(told)
    assert log.open_runs == set()


@pytest.mark.skipif(sys.platform == "win32", reason="forks and kills")
@pytest.mark.parametrize("writers", [4, 8])
def test_killed_writers_leave_every_acknowledged_row_and_a_chain_that_goes_on(tmp_path: Path, writers: int) -> None:
    path = tmp_path / "log.jsonl"
    told = acknowledged(path, writers, rounds(10, 200), seed() % 2**31)
    with Ledger(path) as ledger:
        ledger.append_many([started(run_id(99_999)), ended(run_id(99_999))])
        root = ledger.head().root
    log = checked(path)
    assert set(told) <= set(hashes(log))
    assert log.root == root


def test_threads_and_ledgers_write_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    ledgers = [Ledger(path, durability=durability) for durability in (Durability.EACH, Durability.NONE)]

    def write(number: int) -> None:
        ledger = ledgers[number % 2]
        ledger.append(started(run_id(number)))
        for _ in range(10):
            ledger.append(noted(run_id(number)))
        ledger.append(ended(run_id(number)))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(16)))
    for ledger in ledgers:
        ledger.close()
    log = checked(path)
    assert len(log.rows) == 16 * 12
    assert log.open_runs == set()
