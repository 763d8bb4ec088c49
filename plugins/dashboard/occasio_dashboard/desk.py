"""What a page can ask for, by its address: the log's views, a run's evidence, and answers to what waits for a person.

Knows addresses and threads: the log is read by one thread, so that the page's stream never waits for a disk.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol, TypeAlias, TypeVar

from occasio_core import ApprovalAnswer, Approvals, Ending, Json, OccasioError, UsageError
from occasio_dashboard.hub import News
from occasio_dashboard.log_view import LogView

METHOD = "dashboard"
STATE_SECONDS = 1.0  # between two states: sums are read by people

_ENDINGS = {"approve": Ending.GRANTED, "deny": Ending.DENIED}
_MOST_OF_A_MESSAGE = 2000
_RUN_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,127}")

_Ends: TypeAlias = tuple[tuple[str, int], tuple[str, int]]
_T = TypeVar("_T")


class Reports(Protocol):
    """What makes the verifier's report on a run."""

    async def report(self, run_id: str, /) -> Json:
        """Return the report.  Raises `OccasioError`."""
        ...


class LogDesk:
    """Answers pages about one home."""

    def __init__(
        self, view: LogView, approvals: Approvals, reports: Reports, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._view = view
        self._approvals = approvals
        self._reports = reports
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "reader")
        self._told: Mapping[str, Json] = {}
        self._next = float("-inf")

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(cancel_futures=True)

    async def look(self) -> News:
        """Return what is new since the last look; what cannot be read is told in the state, and looked for again."""
        return await self._read(self._looked)

    async def get(self, what: str, asked: Mapping[str, str], /) -> Json | None:
        """Return what is asked for; None if there is no such thing.  Raises `OccasioError`."""
        view = self._view
        match what.split("/"):
            case ["state"]:
                return await self._read(self._state)
            case ["series"]:
                return await self._read(lambda: view.series(asked))
            case ["rows"]:
                return await self._read(lambda: view.rows(asked))
            case ["rows", seq]:
                return await self._read(lambda: view.row(seq))
            case ["runs"]:
                return await self._read(lambda: view.runs(asked))
            case ["runs", run]:
                return await self._read(lambda: view.run(run))
            case ["runs", run, "coverage"]:
                return await self._read(lambda: view.coverage(run))
        return None

    async def post(self, what: str, given: Mapping[str, Json], ends: _Ends, /) -> Json | None:
        """Do what is asked for; None if there is no such thing.  Raises `OccasioError`."""
        match what.split("/"):
            case ["runs", run, "evidence"] if _RUN_ID.fullmatch(run):
                return await self._reports.report(run)
            case ["approvals", approval_id]:
                answer = _answer(approval_id, given)
                await asyncio.to_thread(self._approvals.answer, ends, answer)
                return {"answer": answer.ending.value, "approval_id": approval_id}
        return None

    async def _read(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _looked(self) -> News:
        problem: str | None = None
        news = News()
        try:
            news = self._view.look()
        except OccasioError as error:
            problem = str(error)
        waiting = self._waiting()
        if not self._is_time(waiting, problem):
            return news
        sums = self._view.state() if problem is None else self._told
        state = {**sums, "problem": problem, "approvals": waiting}
        if state == self._told:
            return news
        self._told = state
        return replace(news, state=state)

    def _is_time(self, waiting: list[Json], problem: str | None) -> bool:
        """Return whether to tell the state now: questions and problems at once, sums once a second."""
        now = self._clock()
        if (waiting, problem) == (self._told.get("approvals"), self._told.get("problem")) and now < self._next:
            return False
        self._next = now + STATE_SECONDS
        return True

    def _state(self) -> dict[str, Json]:
        return {**self._view.state(), "problem": None, "approvals": self._waiting()}

    def _waiting(self) -> list[Json]:
        return [dict(question) for question in self._approvals.waiting()]


def _answer(approval_id: str, given: Mapping[str, Json]) -> ApprovalAnswer:
    """Return the answer that a page gave.  Raises `UsageError`."""
    ending = _ENDINGS.get(str(given.get("answer")))
    digest, message = given.get("digest"), given.get("message", "")
    if ending is None or not isinstance(digest, str) or not isinstance(message, str):
        raise UsageError("an answer has `answer` (approve or deny), the whole `digest`, and maybe `message`")
    if len(message) > _MOST_OF_A_MESSAGE:
        raise UsageError(f"the message has more than {_MOST_OF_A_MESSAGE:,} characters")
    return ApprovalAnswer(approval_id=approval_id, ending=ending, digest=digest, method=METHOD, message=message)
