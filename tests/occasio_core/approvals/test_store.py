"""A question is answered once, by a file that this home has signed; everything else is no answer."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from occasio_core.approvals.question import Ending
from occasio_core.approvals.store import Box, new_id
from occasio_core.errors import OccasioError, UsageError
from occasio_verify import Json

DIGEST = "5" * 64


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


@pytest.fixture
def asked(box: Box) -> str:
    approval_id = new_id()
    box.ask({"approval_id": approval_id, "asked_at": "2026-01-01T00:00:00.000Z", "digest": DIGEST, "tool": "Bash"})
    return approval_id


def answer(box: Box, approval_id: str, ending: Ending = Ending.GRANTED, digest: str = DIGEST) -> None:
    box.answer(approval_id, digest, ending, "ada", "cli", "")


def test_a_question_waits_and_is_answered(box: Box, asked: str) -> None:
    assert [question["approval_id"] for question in box.questions()] == [asked]
    assert box.answered(asked, DIGEST) is None
    answer(box, asked)
    said = box.answered(asked, DIGEST)
    assert said is not None
    assert (said["answer"], said["approver"], said["method"]) == ("granted", "ada", "cli")


def test_files_are_the_persons_own(box: Box, asked: str) -> None:
    answer(box, asked)
    for path in (*box.directory.iterdir(), box.place / "approvals.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(box.directory.stat().st_mode) == 0o700


@pytest.mark.parametrize("first", list(Ending))
def test_what_was_answered_cannot_be_answered_again(box: Box, asked: str, first: Ending) -> None:
    """Hole 65: a question that was denied, used or expired is never armed again."""
    answer(box, asked, first)
    with pytest.raises(UsageError, match="has been answered already"):
        answer(box, asked, Ending.GRANTED)
    said = box.answered(asked, DIGEST)
    assert said is not None
    assert said["answer"] == first.value


def test_what_was_closed_can_be_answered_no_more(box: Box, asked: str) -> None:
    box.close(asked)
    with pytest.raises(UsageError, match="is waiting"):
        answer(box, asked)
    assert list(box.questions()) == []


def test_of_many_answers_at_once_one_counts(box: Box, asked: str) -> None:
    """Hole 69: the file is put in its place whole, and only where there is none."""

    def tried(ending: Ending) -> bool:
        try:
            answer(box, asked, ending)
        except UsageError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(tried, [Ending.GRANTED, Ending.DENIED] * 8)) == 1
    assert [path.name for path in box.directory.iterdir() if path.name.startswith(".")] == []


def edited(path: Path, **members: Json) -> None:
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | members), encoding="utf-8")


FORGERIES: dict[str, Callable[[Path], object]] = {
    "no JSON": lambda path: path.write_text("granted", encoding="utf-8"),
    "empty": lambda path: path.write_bytes(b""),
    "no mac": lambda path: path.write_text('{"answer": "granted"}', encoding="utf-8"),
    "another answer": lambda path: edited(path, answer="granted"),
    "another approver": lambda path: edited(path, approver="root"),
    "one more member": lambda path: edited(path, uses=9),
    "a mac of zeros": lambda path: edited(path, answer="granted", mac="0" * 64),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_an_answer_that_was_not_written_here_is_none(box: Box, asked: str, forgery: str) -> None:
    """Hole 66: every member of an answer is under the signature."""
    answer(box, asked, Ending.DENIED)
    FORGERIES[forgery](box.directory / f"{asked}.answer.json")
    with pytest.raises(OccasioError, match="was not written by"):
        box.answered(asked, DIGEST)


def test_an_answer_to_another_question_is_none(box: Box, asked: str) -> None:
    other = new_id()
    box.ask({"approval_id": other, "digest": DIGEST})
    answer(box, other)
    (box.directory / f"{other}.answer.json").rename(box.directory / f"{asked}.answer.json")
    with pytest.raises(OccasioError, match="to another question"):
        box.answered(asked, DIGEST)


def test_an_answer_to_another_call_is_none(box: Box, asked: str) -> None:
    answer(box, asked, digest="6" * 64)
    with pytest.raises(OccasioError, match="to another question"):
        box.answered(asked, DIGEST)


def test_a_planted_question_is_not_shown(box: Box, asked: str) -> None:
    planted = new_id()
    (box.directory / f"{planted}.question.json").write_text('{"approval_id": "x", "mac": "0"}', encoding="utf-8")
    edited(box.directory / f"{asked}.question.json", tool="Read")
    assert list(box.questions()) == []
    assert box.question(planted) is None


def test_the_key_of_another_home_signs_nothing_here(box: Box, asked: str, tmp_path: Path) -> None:
    answer(box, asked)
    (tmp_path / "approvals.key").write_bytes(b"k" * 32)
    with pytest.raises(OccasioError):
        box.answered(asked, DIGEST)


@pytest.mark.parametrize("approval_id", ["", "apr_", "../x", "apr_0123456789abcdeg", "apr_0123456789abcdef/x"])
def test_what_is_no_id_names_no_file(box: Box, approval_id: str) -> None:
    with pytest.raises(UsageError, match="is not the id of an approval"):
        box.question(approval_id)


def test_a_key_that_is_none_is_named(box: Box) -> None:
    (box.place / "approvals.key").write_bytes(b"short")
    with pytest.raises(OccasioError, match="does not hold 32 bytes"):
        box.ask({"approval_id": new_id()})


def test_a_box_that_cannot_be_written_is_named(box: Box) -> None:
    box.directory.write_bytes(b"in the way")
    with pytest.raises(OccasioError, match="cannot be written"):
        box.ask({"approval_id": new_id()})
