"""kill -9 of the hooks' daemon at any instant: what was permitted has its row, and without an answer nothing is permitted."""

from __future__ import annotations

import os
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from tests.end_to_end.hooked import daemon_process
from tests.end_to_end.place import Place, prepared
from tests.faults.asking import WAIT, Asker, thin_program
from tests.faults.chance import rounds, seed
from tests.faults.evidence import evidence, mended

KILLS = rounds(3, 200)
THREADS = 4


def until_nobody_answers(asker: Asker, session: str) -> None:
    with suppress(OSError):
        while asker.asks(session):
            pass


def killed(place: Place, asker: Asker, dice: random.Random) -> None:
    begun = place.occasio("daemon", "start")
    assert begun.returncode == 0, begun.stderr
    process, pause = daemon_process(place), threading.Event()
    wanted = len(asker.permitted) + dice.randrange(40)
    with ThreadPoolExecutor(THREADS) as threads:
        sessions = [f"{process}-{number % 3}" for number in range(THREADS)]
        asking = [threads.submit(until_nobody_answers, asker, session) for session in sessions]
        while len(asker.permitted) < wanted and not any(one.done() for one in asking):
            pause.wait(0.001)
        pause.wait(dice.random() * 0.01)
        os.kill(process, signal.SIGKILL)
        for one in asking:
            one.result(WAIT)


def test_nothing_is_permitted_without_its_row_whenever_the_daemon_is_killed(tmp_path: Path) -> None:
    dice = random.Random(seed())
    place = prepared(tmp_path)
    asker = Asker(place)
    for _ in range(KILLS):
        killed(place, asker, dice)
        assert set(asker.permitted) <= evidence(place).released
    mended(place)
    done = thin_program(place, asker.event("toolu_late", "late"))
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert done.stderr.startswith(b"occasio is not running, or gave no answer")
    assert b"occasio daemon start" in done.stderr
