"""What a log proves of itself is checked before it is given away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core.checkpoints import RewoundError, keep, write_checkpoint
from occasio_core.errors import UsageError
from occasio_core.ledger import Ledger
from occasio_core.log_proofs import extend, prove, proved_extension
from occasio_verify import Checkpoint, Trust, format_extension, format_tlog_proof
from occasio_verify.proofreport import verify_extension, verify_proof
from tests.occasio_core.checkpointed import LOG_KEY, grown, log_of


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def log(place: Path) -> Iterator[Ledger]:
    with log_of(place) as opened:
        grown(opened, 21)
        yield opened


def trust(place: Path, log: Ledger) -> Trust:
    return Trust(logs=(write_checkpoint(place, log, LOG_KEY).vkey,))


def test_every_row_is_proved_and_verified_without_the_log(place: Path, log: Ledger) -> None:
    known = trust(place, log)
    for seq in range(22):
        found = prove(place, log, str(seq), LOG_KEY)
        assert verify_proof(format_tlog_proof(found.proof), found.line, known).verdict == "VERIFIED"


def test_a_row_behind_the_last_checkpoint_gets_a_new_one(place: Path, log: Ledger) -> None:
    write_checkpoint(place, log, LOG_KEY)
    grown(log, 3)
    assert prove(place, log, "3", LOG_KEY).size == 21
    assert prove(place, log, "24", LOG_KEY).size == 25


def test_a_checkpoint_that_witnesses_saw_is_taken_first(place: Path, log: Ledger) -> None:
    keep(place, write_checkpoint(place, log, LOG_KEY), cosigned=True)
    grown(log, 3)
    write_checkpoint(place, log, LOG_KEY)
    assert prove(place, log, "3", LOG_KEY).size == 21


def test_a_row_that_is_not_there_is_wrong_use(place: Path, log: Ledger) -> None:
    with pytest.raises(UsageError, match="has no row"):
        prove(place, log, "4711", LOG_KEY)


def test_a_log_that_goes_on_is_proved_and_verified_without_it(place: Path, log: Ledger) -> None:
    known = trust(place, log)
    old = write_checkpoint(place, log, LOG_KEY)
    grown(log, 30)
    new = write_checkpoint(place, log, LOG_KEY)
    extension = extend(log, old.tree, new.tree, new.note)
    assert verify_extension(old.note, format_extension(extension), known).verdict == "VERIFIED"
    assert extend(log, new.tree, new.tree, new.note).hashes == ()


def test_what_the_log_does_not_extend_is_not_proved(place: Path, log: Ledger) -> None:
    new = write_checkpoint(place, log, LOG_KEY)
    for old in (
        Checkpoint(new.tree.origin, 5, bytes(32)),
        Checkpoint(new.tree.origin, 99, bytes(32)),
        Checkpoint("occasio.local/other", 5, new.tree.root),
    ):
        with pytest.raises(RewoundError):
            extend(log, old, new.tree, new.note)
    with pytest.raises(RewoundError):
        proved_extension(log, 99, new.tree, new.note)


def test_a_row_of_a_log_that_was_changed_is_not_proved(place: Path, log: Ledger) -> None:
    noted = write_checkpoint(place, log, LOG_KEY)
    forged = Checkpoint(noted.tree.origin, 21, bytes(32))
    text = f"{forged.origin}\n21\n{'A' * 43}=\n"
    places.checkpoint_path(place).write_bytes(noted.note.replace(noted.note.split(b"\n\n")[0] + b"\n", text.encode()))
    with pytest.raises(RewoundError):
        prove(place, log, "3", LOG_KEY)
