"""A question waits for a while, and ends in one of three ways."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from occasio_core.approvals import desk as module
from occasio_core.approvals.desk import Desk
from occasio_core.approvals.question import Ending, Verdict, Waiting
from occasio_core.approvals.store import Box
from tests.occasio_core.approvals.questions import QUESTION


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0)


class Ticks:
    """A clock that goes on by one each time it is looked at."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        self.time += 1
        return self.time


def desk(place: Path, **changes: object) -> Desk:
    return Desk(Box(place), "run-1", clock=Ticks(), now=lambda: datetime(2026, 1, 2, tzinfo=UTC), **changes)  # type: ignore[arg-type]


async def outcome(at: Desk, waiting: Waiting) -> list[Verdict | None]:
    return [said async for said in at.verdict(waiting)]


def test_a_question_lives_for_a_quarter_of_an_hour(tmp_path: Path) -> None:
    waiting = desk(tmp_path).prepared(QUESTION)
    assert waiting.expires_at == "2026-01-02T00:15:00.000Z"
    assert list(Box(tmp_path).questions()) == []  # nobody sees it before its row is written


@pytest.mark.parametrize("ending", [Ending.GRANTED, Ending.DENIED])
async def test_what_a_person_says_is_the_verdict(tmp_path: Path, ending: Ending) -> None:
    box = Box(tmp_path)

    def says(waiting: Waiting) -> None:
        question = box.question(waiting.approval_id)
        assert question is not None
        assert (question["tool"], question["cwd"], question["run_id"]) == ("Bash", "/work", "run-1")
        box.answer(waiting.approval_id, str(question["digest"]), ending, "ada", "cli", "as agreed")

    at = desk(tmp_path, tell=says)
    *_, verdict = await outcome(at, at.prepared(QUESTION))
    assert verdict == Verdict(answer=ending, approver="ada", method="cli", message="as agreed")
    assert list(box.directory.iterdir()) == []  # used up


async def test_nobody_says_anything(tmp_path: Path) -> None:
    at = desk(tmp_path, life=40.0)
    *waits, verdict = await outcome(at, at.prepared(QUESTION))
    assert verdict == Verdict(answer=Ending.EXPIRED, message="nobody answered in time")
    assert waits  # and the agent was kept patient
    assert set(waits) == {None}
    assert list(Box(tmp_path).questions()) == []


async def test_a_forged_answer_is_a_no(tmp_path: Path) -> None:
    def forges(waiting: Waiting) -> None:
        (tmp_path / "approvals" / f"{waiting.approval_id}.answer.json").write_text(
            '{"answer": "granted"}', encoding="utf-8"
        )

    at = desk(tmp_path, tell=forges)
    *_, verdict = await outcome(at, at.prepared(QUESTION))
    assert verdict is not None
    assert (verdict.answer, verdict.method) == (Ending.DENIED, "invalid")


async def test_whoever_stops_waiting_takes_the_question_away(tmp_path: Path) -> None:
    at = desk(tmp_path)
    waits = at.verdict(at.prepared(QUESTION))
    assert await anext(waits) is None
    assert len(list(at.box.questions())) == 1
    await waits.aclose()
    assert list(at.box.questions()) == []
