"""A witness cosigns what extends the last that it cosigned, and nothing else, whatever happens in between."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from occasio_core import trustfile
from occasio_core.checkpoints import Noted, write_checkpoint
from occasio_core.errors import UsageError
from occasio_core.ledger import Ledger
from occasio_core.log_proofs import proved_extension
from occasio_core.witness.desk import SIZE_TYPE, Answer, Desk, logs_path, opened
from occasio_verify import Extension, format_extension, format_note, parse_note, verify_cosignatures
from occasio_verify.note import Note
from tests.occasio_core.checkpointed import LOG_KEY, WITNESS_KEY, grown, log_of

NAME = "witness.example/w1"
NOW = 1_767_323_045


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Ledger]:
    with log_of(tmp_path / "home") as opened_log:
        grown(opened_log, 9)
        yield opened_log


@pytest.fixture
def desk(tmp_path: Path, log: Ledger) -> Desk:
    place = tmp_path / "witness"
    place.mkdir(mode=0o700)
    made = Desk(place, opened(place, NAME), WITNESS_KEY, clock=lambda: NOW + 0.9)
    noted = write_checkpoint(log.path.parent, log, LOG_KEY)
    trustfile.trust_log(place, noted.tree.origin, noted.vkey)
    return made


def noted_of(log: Ledger) -> Noted:
    return write_checkpoint(log.path.parent, log, LOG_KEY)


def body(log: Ledger, old: int, noted: Noted | None = None) -> bytes:
    noted = noted or noted_of(log)
    return format_extension(proved_extension(log, old, noted.tree, noted.note))


def test_a_first_checkpoint_is_cosigned_with_the_time(desk: Desk, log: Ledger) -> None:
    noted = noted_of(log)
    answer = desk.add_checkpoint(body(log, 0))
    assert (answer.status, answer.body.count(b"\n")) == (200, 1)
    note = parse_note(noted.note + answer.body)
    assert [(one.name, one.time) for one in verify_cosignatures(note, [desk.vkey()])] == [(NAME, NOW)]


def test_a_later_one_is_cosigned_if_it_extends_the_last(desk: Desk, log: Ledger) -> None:
    desk.add_checkpoint(body(log, 0))
    grown(log, 5)
    assert desk.add_checkpoint(body(log, 9)).status == 200


def test_the_same_one_is_cosigned_again(desk: Desk, log: Ledger) -> None:
    assert [desk.add_checkpoint(body(log, old)).status for old in (0, 9, 9)] == [200, 200, 200]


def test_who_begins_elsewhere_is_told_the_size(desk: Desk, log: Ledger) -> None:
    desk.add_checkpoint(body(log, 0))
    grown(log, 5)
    for old in (0, 3, 12):
        assert desk.add_checkpoint(body(log, old)) == Answer(409, b"9\n", SIZE_TYPE)


def fork(tmp_path: Path, log: Ledger, rows: int) -> tuple[Ledger, Noted]:
    """Return a log that begins with the same row and goes on otherwise, and its checkpoint."""
    place = tmp_path / "fork"
    place.mkdir()
    first = log.path.read_bytes().split(b"\n")[0]
    (place / log.path.name).write_bytes(first + b"\n")
    other = Ledger(place / log.path.name)
    grown(other, rows)
    return other, write_checkpoint(place, other, LOG_KEY)


def test_a_fork_is_not_cosigned(desk: Desk, log: Ledger, tmp_path: Path) -> None:
    desk.add_checkpoint(body(log, 0))
    other, noted = fork(tmp_path, log, 30)
    with other:
        assert desk.add_checkpoint(body(other, 9, noted)).status == 422


def test_a_fork_of_the_same_size_is_not_cosigned(desk: Desk, log: Ledger, tmp_path: Path) -> None:
    desk.add_checkpoint(body(log, 0))
    other, noted = fork(tmp_path, log, 8)
    with other:
        assert noted.tree.size == 9
        answer = desk.add_checkpoint(body(other, 9, noted))
    assert (answer.status, answer.content_type == SIZE_TYPE) == (409, False)


def test_a_shorter_log_is_not_cosigned(desk: Desk, log: Ledger) -> None:
    early = noted_of(log)
    grown(log, 5)
    desk.add_checkpoint(body(log, 0))
    assert desk.add_checkpoint(body(log, 9, early)).status == 409
    assert desk.add_checkpoint(format_extension(Extension(15, (), early.note))).status == 400


def test_an_unknown_log_is_not_found(desk: Desk, tmp_path: Path) -> None:
    with log_of(tmp_path / "other") as other:
        grown(other, 3, "00000000-0000-0000-0000-000000000001")
        assert desk.add_checkpoint(body(other, 0)).status == 404


def test_a_checkpoint_that_the_log_did_not_sign_is_forbidden(desk: Desk, log: Ledger) -> None:
    noted = noted_of(log)
    forged = format_note(Note(noted.tree and parse_note(noted.note).text, parse_note(noted.note).signatures))
    damaged = forged.replace(b"\n9\n", b"\n8\n")
    assert desk.add_checkpoint(format_extension(Extension(0, (), damaged))).status == 403


@pytest.mark.parametrize(
    "garbage", [b"", b"old 0\n", b"old 0\n\nx\n", b"old x\n\n", b"\xff" * 100, b"old 0\n\n" + b"x" * 200_000]
)
def test_garbage_is_a_bad_request(desk: Desk, garbage: bytes) -> None:
    assert desk.add_checkpoint(garbage).status == 400


def test_a_proof_from_nothing_is_refused(desk: Desk, log: Ledger) -> None:
    note = noted_of(log).note
    assert desk.add_checkpoint(format_extension(Extension(0, (bytes(32),), note))).status == 422


def test_what_is_cosigned_is_on_the_disk_before(desk: Desk, log: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("occasio_core.witness.desk.write_whole", full)
    with pytest.raises(OSError, match="No space"):
        desk.add_checkpoint(body(log, 0))


def test_a_witness_that_died_behind_its_memory_goes_on_from_there(
    desk: Desk, log: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("occasio_core.witness.desk.format_note", lambda note: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        desk.add_checkpoint(body(log, 0))
    monkeypatch.undo()
    assert desk.add_checkpoint(body(log, 0)).status == 200


def test_requests_at_once_never_contradict_each_other(desk: Desk, log: Ledger) -> None:
    requests = []
    for _ in range(8):
        requests.append(body(log, 0))
        grown(log, 2)
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda one=one: answers.append(desk.add_checkpoint(one))) for one in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) == [200] + [409] * 7


def test_it_keeps_its_name_and_has_no_other(tmp_path: Path) -> None:
    assert opened(tmp_path, None) == opened(tmp_path, None)
    with pytest.raises(UsageError, match="is called"):
        opened(tmp_path, "another")


@pytest.mark.parametrize("name", ["a b", "a+b", "a\nb"])
def test_a_name_that_no_signature_line_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name"):
        opened(tmp_path, name)


def test_a_witness_that_lost_its_memory_does_not_serve(tmp_path: Path) -> None:
    opened(tmp_path, NAME)
    logs_path(tmp_path).rmdir()
    with pytest.raises(UsageError, match="has lost what it remembers"):
        opened(tmp_path, NAME)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user")
def test_who_may_not_read_its_directory_cannot_make_it_forget(desk: Desk) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        try:
            list(desk.place.iterdir())
        except PermissionError:
            os.write(writing, b"refused")
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    assert os.read(reading, 10) == b"refused"
    os.close(reading)
