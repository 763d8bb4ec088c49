"""Two hundred agents at once, at each door: all are served, each by its own rows, in one chain."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.end_to_end.hooked import daemon, daemon_process
from tests.end_to_end.place import prepared
from tests.faults.asking import Asker
from tests.faults.chance import rounds
from tests.faults.evidence import evidence, mended
from tests.faults.memory import MIB, most_used, needs_proc
from tests.faults.watched import Endless, Watched, assert_nothing_without_its_row

AGENTS = 200
SESSIONS = rounds(50, 200)  # each of them opens a run
TURNS = rounds(1, 20)
MAY_BE_USED = 300 * MIB


@needs_proc
def test_two_hundred_conversations_go_through_one_proxy(tmp_path: Path) -> None:
    place, watched = prepared(tmp_path), Watched(tmp_path / "given")
    with (
        Endless() as model,
        place.begun("run", "--upstream", model.url, "--", *watched.command(AGENTS, TURNS)) as process,
    ):
        watched.wait_for(AGENTS * TURNS, process)
        assert most_used(process.pid) < MAY_BE_USED
        _, said = process.communicate(timeout=120)
        assert_nothing_without_its_row(evidence(place), watched, model)
    assert (process.returncode, watched.errors) == (0, []), said
    assert len(watched.given) == 2 * AGENTS * TURNS
    mended(place)


@needs_proc
def test_many_sessions_ask_one_daemon(tmp_path: Path) -> None:
    place = prepared(tmp_path)
    asker = Asker(place)

    def session(number: int) -> None:
        for _ in range(TURNS):
            assert asker.asks(f"session-{number}")

    with daemon(place), ThreadPoolExecutor(SESSIONS) as threads:
        list(threads.map(session, range(SESSIONS)))
        assert most_used(daemon_process(place)) < MAY_BE_USED
    found = mended(place)
    assert len(asker.permitted) == SESSIONS * TURNS
    assert set(asker.permitted) <= found.released
    assert len({row.run_id for row in found.rows if row.kind == "run_started"}) == SESSIONS
