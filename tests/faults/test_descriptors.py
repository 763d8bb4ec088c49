"""No file or socket can be opened any more: nothing passes without its row, and a command says what the limit is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.hooked import daemon
from tests.end_to_end.place import occasio, prepared
from tests.faults.asking import Asker, thin_program
from tests.faults.chance import rounds
from tests.faults.evidence import evidence, mended
from tests.faults.limits import needs_prlimit, no_more_descriptors_than
from tests.faults.watched import Endless, Watched, assert_nothing_without_its_row
from tests.real_agents import run

LIMITS = rounds(4, 1)  # every so many limits are tried


@needs_prlimit
@pytest.mark.parametrize("limit", range(9, 17, LIMITS))
def test_a_command_that_may_open_too_few_files_says_so_or_works(tmp_path: Path, limit: int) -> None:
    place = prepared(tmp_path)
    shell = ["sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh", *occasio("run", "--", "true")]
    done = run(shell, environment=place.environment, directory=place.work)
    assert "Traceback" not in done.stderr
    assert "unforeseen" not in done.stderr
    if done.returncode != 0:
        assert "hint: " in done.stderr
        assert "ulimit -n" in done.stderr
    if place.log.exists():
        mended(place)


@needs_prlimit
def test_a_run_whose_descriptors_run_out_goes_on_when_there_are_some(tmp_path: Path) -> None:
    place, watched = prepared(tmp_path), Watched(tmp_path / "given")
    threads = 24
    with Endless() as model, place.begun("run", "--upstream", model.url, "--", *watched.command(threads)) as process:
        watched.wait_for(threads, process)
        no_more_descriptors_than(process.pid, 20)
        watched.wait_for(len(watched.given) + 3 * threads, process)
        no_more_descriptors_than(process.pid, 512)
        watched.wait_for(len(watched.given) + 3 * threads, process)
        process.terminate()
        _, said = process.communicate(timeout=60)
        assert_nothing_without_its_row(evidence(place), watched, model)
    assert "Traceback" not in said
    mended(place)


@needs_prlimit
def test_a_daemon_whose_descriptors_run_out_says_no_and_then_yes_again(tmp_path: Path) -> None:
    place = prepared(tmp_path)
    asker = Asker(place)
    with daemon(place) as process:
        assert asker.asks("before")
        no_more_descriptors_than(process, 8)
        done = thin_program(place, asker.event("toolu_refused", "new"), "--wait", "1")  # there is nobody to accept it
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"gave no answer (timed out): nothing is let through" in done.stderr
        no_more_descriptors_than(process, 512)
        assert asker.asks("before")
        assert asker.asks("after")
    assert "toolu_refused" not in evidence(place).released
    mended(place)
