"""A page's questions find their answers, and an answer to what waits goes through the same checks as at a terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from occasio_core import ApprovalAnswer, Approvals, Ending, Json, LedgerError, UsageError, open_reader
from occasio_dashboard.desk import METHOD, LogDesk
from occasio_dashboard.hub import News
from occasio_dashboard.log_view import LogView
from tests.occasio_core.reading.logs import OTHER, RUN, every_kind, written
from tests.samples import call

ENDS = (("127.0.0.1", 1), ("127.0.0.1", 2))
DIGEST = "0123456789abcdef" * 4


class Questions(Approvals):
    """Approvals that are remembered instead of given."""

    asked: list[Mapping[str, Json]]
    given: list[tuple[Any, ApprovalAnswer]]

    def waiting(self) -> list[Mapping[str, Json]]:
        return list(type(self).asked)

    def answer(self, connection: Any, given: ApprovalAnswer) -> Mapping[str, Json]:
        type(self).given.append((connection, given))
        return {}


class Reports:
    async def report(self, run_id: str, /) -> Json:
        return {"verdict": "INTACT", "run": run_id}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def home(tmp_path: Path) -> Path:
    written(tmp_path / "home", every_kind())
    return tmp_path / "home"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def desk(home: Path, clock: Clock) -> AsyncIterator[LogDesk]:
    Questions.asked, Questions.given = [], []
    with open_reader(home) as reader:
        made = LogDesk(LogView(home, reader, lambda: 0), Questions(home), Reports(), clock)
        yield made
        made.close()


async def test_every_address_leads_to_its_view(desk: LogDesk) -> None:
    for what in ("state", "series", "rows", "rows/3", "runs", f"runs/{RUN}", f"runs/{RUN}/coverage"):
        assert await desk.get(what, {}) is not None, what
    for what in ("", "states", "rows/3/x", "rows/4000", "runs/x/y", "approvals/x", "../state"):
        assert await desk.get(what, {}) is None, what
    with pytest.raises(UsageError):
        await desk.get("runs/nobody", {})


async def test_what_is_not_there_cannot_be_done(desk: LogDesk) -> None:
    for what in ("", "state", "approvals", "approvals/x/y", "runs/x", "runs/../evidence", "runs/-x/evidence"):
        assert await desk.post(what, {}, ENDS) is None, what
    assert await desk.post(f"runs/{RUN}/evidence", {}, ENDS) == {"verdict": "INTACT", "run": RUN}


@pytest.mark.parametrize(("answer", "ending"), [("approve", Ending.GRANTED), ("deny", Ending.DENIED)])
async def test_an_answer_is_handed_on_with_the_connection_and_the_whole_digest(
    desk: LogDesk, answer: str, ending: Ending
) -> None:
    given: dict[str, Json] = {"answer": answer, "digest": DIGEST, "message": "as agreed"}
    assert await desk.post("approvals/apr_1", given, ENDS) == {"answer": ending.value, "approval_id": "apr_1"}
    wanted = ApprovalAnswer(approval_id="apr_1", ending=ending, digest=DIGEST, method=METHOD, message="as agreed")
    assert Questions.given == [(ENDS, wanted)]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"answer": "approve"},
        {"answer": "approve", "digest": None},
        {"answer": "granted", "digest": DIGEST},
        {"answer": "approve", "digest": DIGEST, "message": 3},
        {"answer": "deny", "digest": DIGEST, "message": "x" * 2001},
    ],
)
async def test_what_is_no_answer_answers_nothing(desk: LogDesk, given: dict[str, Json]) -> None:
    with pytest.raises(UsageError):
        await desk.post("approvals/apr_1", given, ENDS)
    assert Questions.given == []


async def test_questions_are_told_at_once_and_sums_once_a_second(home: Path, desk: LogDesk, clock: Clock) -> None:
    first = await desk.look()
    assert isinstance(first.state, dict)
    assert await desk.look() == News()
    log = every_kind()
    call(log, 9, run=OTHER)
    written(home, log)
    told = await desk.look()
    assert (len(told.rows), told.state) == (2, None)
    Questions.asked = [{"approval_id": "apr_1"}]
    asked = (await desk.look()).state
    assert isinstance(asked, dict)
    assert asked["approvals"] == [{"approval_id": "apr_1"}]
    assert asked["counters"] != first.state["counters"]
    clock.now += 1
    assert await desk.look() == News()


async def test_a_log_that_cannot_be_read_is_told_and_looked_for_again(
    desk: LogDesk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = (await desk.look()).state
    assert isinstance(good, dict)

    def failing(self: LogView) -> News:
        raise LedgerError("the log is gone")

    with monkeypatch.context() as patch:
        patch.setattr(LogView, "look", failing)
        told = (await desk.look()).state
        assert told == good | {"problem": "the log is gone"}
    assert (await desk.look()).state == good
