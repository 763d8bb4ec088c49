"""The power goes at any moment: what was acknowledged is there, and the log goes on, whatever the disk has kept."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from occasio_core.ledger import Durability, Ledger
from tests.faults.chance import rounds, seed
from tests.faults.power import Acknowledged, Trace, files_in, left_behind, traced
from tests.occasio_core.logs import Checked, checked, ended, noted, run_id, started

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds the names of files in /proc")

LOG = "log.jsonl"
STATES = rounds(2, 60)  # for each moment
Load = Callable[[Path, Trace, random.Random], None]


def one_writer(path: Path, trace: Trace, dice: random.Random) -> None:
    with Ledger(path) as ledger:
        for number in range(4):
            rows = ledger.append_many([started(run_id(number)), noted(run_id(number), "x" * dice.randrange(3000))])
            rows.append(ledger.append(noted(run_id(number), "y" * dice.randrange(9000))))
            rows.append(ledger.append(ended(run_id(number))))
            for row in rows:
                trace.acknowledge(row.hash)


def writers_that_share_flushes(path: Path, trace: Trace, dice: random.Random) -> None:
    """Some of them do not wait for the disk at all, so that much is not durable at any moment."""
    hasty = Ledger(path, durability=Durability.NONE)
    patient = [Ledger(path) for _ in range(2)]

    def write(number: int) -> None:
        ledger = (hasty, *patient)[number % 3]
        for entry in (started(run_id(number)), *[noted(run_id(number), "z" * dice.randrange(3000))] * 4):
            row = ledger.append(entry)
            if ledger is not hasty:
                trace.acknowledge(row.hash)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(write, range(6)))
    for ledger in (hasty, *patient):
        ledger.close()


def one_who_mends(path: Path, trace: Trace, dice: random.Random) -> None:
    """The log has a torn end of several sectors, which is put in order first."""
    with path.open("ab") as log:
        log.write(b'{"torn":"' + b"t" * 1200 + b'"}\n' * dice.randrange(2) + b"\0" * dice.randrange(900))
    trace.before |= files_in(path.parent)
    one_writer(path, trace, dice)


@pytest.mark.parametrize("load", [one_writer, writers_that_share_flushes, one_who_mends])
def test_what_was_acknowledged_outlives_the_power(tmp_path: Path, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(seed())
    place = tmp_path / "first"
    before(place)
    trace = traced(place, monkeypatch)
    load(place / LOG, trace, dice)
    monkeypatch.undo()
    for moment in range(1, len(trace.steps) + 1):
        if isinstance(trace.steps[moment - 1], Acknowledged):
            continue  # nothing happened on the disk
        for _ in range(STATES):
            found = started_again(tmp_path / "again", left_behind(trace, moment, dice), monkeypatch, dice)
            assert trace.acknowledged(moment) <= {row["hash"] for row in found.rows}


def before(place: Path) -> None:
    """A log that is there already, and durable."""
    with Ledger(place / LOG) as ledger:
        ledger.append_many([started(run_id(90)), noted(run_id(90), "early")])
        ledger.append(started(run_id(91)))


def started_again(place: Path, left: dict[str, bytes], patched: pytest.MonkeyPatch, dice: random.Random) -> Checked:
    """Return the log as it is when the machine has started on what the disk had, and somebody has written on.

    The power may go a second time, while the log is put in order.
    """
    put(place, left)
    with patched.context() as second:
        again = traced(place, second)
        go_on(place, patched, b"the second start")
    put(place, left_behind(again, dice.randrange(len(again.steps) + 1), dice))
    go_on(place, patched, b"the third start!")
    return checked(place / LOG)


def go_on(place: Path, patched: pytest.MonkeyPatch, start: bytes) -> None:
    with patched.context() as restarted:
        restarted.setattr("occasio_core.ledger.durability.boot_id", lambda: start)
        number = int.from_bytes(start[4:7])
        for more in range(2):
            with Ledger(place / LOG) as ledger:
                ledger.append_many([started(run_id(number + more)), ended(run_id(number + more))])


def put(place: Path, files: dict[str, bytes]) -> None:
    place.mkdir(exist_ok=True)
    for each in place.iterdir():
        each.unlink()
    for name, data in files.items():
        (place / name).write_bytes(data)
