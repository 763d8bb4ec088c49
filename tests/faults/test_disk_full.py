"""The disk is full: nothing passes any more, the message says so, and when there is room the log goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from occasio_core.errors import LedgerError
from occasio_core.ledger import Ledger
from occasio_core.system_hints import system_hint
from tests.end_to_end.hooked import daemon
from tests.end_to_end.place import Place, prepared
from tests.faults.asking import Asker, thin_program
from tests.faults.evidence import evidence, mended
from tests.faults.limits import fill, needs_prlimit, no_file_longer_than, small_disk
from tests.faults.watched import Endless, Watched, assert_nothing_without_its_row, disturbed
from tests.occasio_core.logs import checked, noted, run_id, started

ROOM = "make room on the disk"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place whose Occasio home is a small disk of its own."""
    with small_disk(tmp_path / "occasio", "2m"):
        yield prepared(tmp_path)


def test_rows_are_written_until_the_disk_is_full_and_again_when_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "256k") as disk, Ledger(disk / "log.jsonl") as ledger:
        stuffing = fill(disk, leave=60_000)
        ledger.append(started(run_id()))
        told = []
        with pytest.raises(LedgerError, match="cannot be written") as refused:
            while True:
                told.append(ledger.append(noted(run_id(), "x" * 700)).hash)
        assert ROOM in system_hint(refused.value)
        with pytest.raises(LedgerError, match="cannot be written"):
            ledger.append(noted(run_id(), "x" * 4000))
        assert [row["hash"] for row in checked(ledger.path).rows[1:]] == told
        stuffing.unlink()
        ledger.append(noted(run_id(), "after"))
        assert checked(ledger.path).kinds().count("recovered") == 0


def test_a_run_whose_disk_fills_up_lets_nothing_through(place: Place) -> None:
    assert_the_gate_closes(place, lambda _: fill(place.occasio_home))
    (place.occasio_home / "stuffing").unlink()
    mended(place)


@needs_prlimit
def test_a_run_that_may_write_no_more_lets_nothing_through(tmp_path: Path) -> None:
    """The same without root: the system refuses every byte that makes the log longer."""
    place = prepared(tmp_path)
    assert_the_gate_closes(place, lambda process: no_file_longer_than(process, place.log.stat().st_size))
    mended(place)


def assert_the_gate_closes(place: Place, harm: Callable[[int], object]) -> None:
    watched = Watched(place.root / "given")
    with Endless() as model:
        code, said = disturbed(place, model, watched, harm)
        assert_nothing_without_its_row(evidence(place), watched, model)
    assert code == 1
    assert "the gate closed before the end: the log " in said
    assert "cannot be written: " in said
    assert [line for line in said.splitlines() if line.startswith("hint: ")]
    assert "Traceback" not in said
    refused = [error for error in watched.errors if "occasio lets nothing through: the log " in error]
    assert refused == watched.errors


@pytest.mark.parametrize("arguments", [["run", "--", "true"], ["daemon", "start"], ["key", "new", "x"]])
def test_a_command_on_a_full_disk_says_so_and_what_to_do(place: Place, arguments: list[str]) -> None:
    fill(place.occasio_home)
    done = place.occasio(*arguments)
    assert done.returncode in (1, 2)
    first, *rest = done.stderr.splitlines()
    assert first.startswith("occasio: ")
    assert "No space left on device" in first
    assert len(rest) == 1
    assert rest[0].startswith(f"hint: {ROOM}")


def test_a_hook_on_a_full_disk_says_no_and_why(place: Place) -> None:
    asker = Asker(place)
    with daemon(place):
        assert asker.asks("session")
        stuffing = fill(place.occasio_home)
        for session in ("session", "another"):
            for number in range(8):  # the last block of the log may have room for some rows yet
                done = thin_program(place, asker.event(f"toolu_{session}_{number}", session))
                said = done.stdout + done.stderr
                if b"deny" in said:
                    break
            assert b"No space left on device" in said
            assert b"Traceback" not in said
        stuffing.unlink()
    assert evidence(place).released >= set(asker.permitted)
    mended(place)
