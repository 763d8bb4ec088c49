"""Given the last checkpoint that a home kept, its log cannot be rewound without being told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core.checkpoints import Noted, RewoundError, check_extends, keep, kept, origin, write_checkpoint
from occasio_core.errors import LedgerError, OccasioError
from occasio_core.ledger import Ledger
from occasio_verify import Checkpoint, parse_note, verify_note
from tests.occasio_core import logs
from tests.occasio_core.checkpointed import LOG_KEY, RUN, WITNESS_KEY, grown, log_of


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def log(place: Path) -> Iterator[Ledger]:
    with log_of(place) as opened:
        grown(opened, 9)
        yield opened


def test_a_checkpoint_is_signed_kept_trusted_and_recorded(place: Path, log: Ledger) -> None:
    noted = write_checkpoint(place, log, LOG_KEY)
    assert (noted.tree.size, noted.tree.origin) == (9, origin(log))
    assert verify_note(parse_note(noted.note), [noted.vkey]) == (noted.tree.origin,)
    assert places.checkpoint_path(place).read_bytes() == noted.note
    assert noted.vkey in places.trust_path(place).read_text(encoding="utf-8")
    row = logs.checked(log.path).rows[-1]
    assert (row["kind"], row["note"], row["tree_size"]) == ("checkpoint", noted.note.decode(), 9)
    assert (row["root_hash"], row["origin"]) == (noted.tree.root.hex(), noted.tree.origin)


def test_nothing_new_is_no_new_checkpoint(place: Path, log: Ledger) -> None:
    first = write_checkpoint(place, log, LOG_KEY)
    assert write_checkpoint(place, log, LOG_KEY).note == first.note
    grown(log, 1)
    assert write_checkpoint(place, log, LOG_KEY).tree.size == 11


def test_a_log_without_a_row_gets_none(place: Path) -> None:
    with log_of(place) as empty, pytest.raises(LedgerError, match="no row yet"):
        write_checkpoint(place, empty, LOG_KEY)


def test_a_log_that_extends_what_is_kept_is_told_by_its_head(place: Path, log: Ledger) -> None:
    write_checkpoint(place, log, LOG_KEY)
    grown(log, 50)
    assert check_extends(place, log).rows == 60


def test_without_a_checkpoint_everything_extends(place: Path, log: Ledger) -> None:
    assert kept(place) is None
    assert check_extends(place, log).rows == 9


def beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def cut(path: Path) -> None:
    """The tail cut off; the head file is made again by whoever comes next."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:5]))
    beside(path, ".head").unlink()


def rewound(path: Path) -> None:
    """Log and head file as they were some rows ago."""
    for suffix in ("", ".head"):
        shutil.copy(beside(path.parent / "old" / path.name, suffix), beside(path, suffix))


def emptied(path: Path) -> None:
    path.write_bytes(b"")
    beside(path, ".head").unlink()


def deleted(path: Path) -> None:
    for suffix in ("", ".head", ".sync", ".hashes"):
        beside(path, suffix).unlink(missing_ok=True)


def rewritten(path: Path) -> None:
    """Another log, as long, from the first row on."""
    deleted(path)
    with Ledger(path, clock=logs.clock()) as log:
        grown(log, 30, logs.run_id(5))


def forked(path: Path) -> None:
    """The same beginning, and then something else."""
    rewound(path)
    with Ledger(path, clock=logs.clock()) as log:
        for number in range(30):
            log.append(logs.noted(RUN, f"another {number}"))


@pytest.mark.parametrize("attack", [cut, rewound, emptied, deleted, rewritten, forked])
def test_every_rewinding_is_seen_by_the_kept_checkpoint_and_leaves_it_there(
    place: Path, attack: Callable[[Path], None]
) -> None:
    with log_of(place) as log:
        grown(log, 5)
        path = log.path
        (place / "old").mkdir()
        for suffix in ("", ".head"):
            shutil.copy(beside(path, suffix), beside(place / "old" / path.name, suffix))
        grown(log, 10)
        noted = write_checkpoint(place, log, LOG_KEY)
    attack(path)
    with log_of(place) as log:
        if log.head().rows == 0:
            grown(log, 1, logs.run_id(7))  # whoever goes on without a look
        with pytest.raises(RewoundError, match=r"was cut|does not extend"):
            check_extends(place, log)
        with pytest.raises(RewoundError):
            write_checkpoint(place, log, LOG_KEY)
    assert places.checkpoint_path(place).read_bytes() == noted.note


def test_what_witnesses_saw_counts_as_well(place: Path, log: Ledger) -> None:
    noted = write_checkpoint(place, log, LOG_KEY)
    keep(place, noted, cosigned=True)
    places.checkpoint_path(place).unlink()
    rewritten(log.path)
    with log_of(place) as other, pytest.raises(RewoundError):
        check_extends(place, other)


def test_an_older_checkpoint_does_not_take_the_place_of_a_later_one(place: Path, log: Ledger) -> None:
    old = write_checkpoint(place, log, LOG_KEY)
    grown(log, 3)
    new = write_checkpoint(place, log, LOG_KEY)
    keep(place, old)
    assert places.checkpoint_path(place).read_bytes() == new.note


def test_a_checkpoint_that_cannot_be_read_is_told(place: Path, log: Ledger) -> None:
    places.checkpoint_path(place).write_bytes(b"scribble")
    with pytest.raises(OccasioError, match="note-form"):
        check_extends(place, log)


def test_another_key_of_the_log_is_not_trusted_in_silence(place: Path, log: Ledger) -> None:
    write_checkpoint(place, log, LOG_KEY)
    grown(log, 3)
    with pytest.raises(OccasioError, match="already the name"):
        write_checkpoint(place, log, WITNESS_KEY)


def test_a_checkpoint_says_what_it_says(place: Path, log: Ledger) -> None:
    noted = write_checkpoint(place, log, LOG_KEY)
    assert kept(place) == Noted(note=noted.note, tree=Checkpoint(origin(log), 9, noted.tree.root))
    assert json.loads(places.trust_path(place).read_bytes())["logs"] == [{"name": origin(log), "vkey": noted.vkey}]
