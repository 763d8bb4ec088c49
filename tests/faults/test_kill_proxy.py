"""kill -9 of `occasio run` at any instant: no call reaches the agent, and no result the model, without its row."""

from __future__ import annotations

import os
import random
import signal
import threading
from pathlib import Path

from tests.end_to_end.place import Place, prepared
from tests.faults.chance import rounds, seed
from tests.faults.evidence import evidence, mended
from tests.faults.watched import Endless, Watched, assert_nothing_without_its_row

KILLS = rounds(5, 200)


def killed(place: Place, model: Endless, watched: Watched, dice: random.Random) -> None:
    """Run the agent, and kill what is between it and the model when it has got some calls more, and a moment later."""
    wanted = len(watched.given) + dice.randrange(30)
    with place.begun("run", "--upstream", model.url, "--", *watched.command(threads=3)) as process:
        watched.wait_for(wanted, process)
        threading.Event().wait(dice.random() * 0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)  # the agent holds the pipe: it has ended too


def test_nothing_passes_without_its_row_whenever_the_proxy_is_killed(tmp_path: Path) -> None:
    dice = random.Random(seed())
    place, watched = prepared(tmp_path), Watched(tmp_path / "given")
    with Endless() as model:
        for _ in range(KILLS):
            killed(place, model, watched, dice)
            assert_nothing_without_its_row(evidence(place), watched, model)
    assert watched.errors == []
    mended(place)
