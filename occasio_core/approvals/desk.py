"""One run's questions: asks them, waits for what people say, and clears the box.

Knows the box and the clock.  It does not know what becomes of a call, nor what is written in the log.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from occasio_core.approvals.question import LIFE_SECONDS, Ending, Question, Verdict, Waiting
from occasio_core.approvals.store import Box, new_id
from occasio_core.errors import OccasioError
from occasio_core.ledger.entry import timestamp
from occasio_verify import Json

_LOOK_SECONDS = 0.2
KEEP_ALIVE_SECONDS = 15.0  # agents give up after 300 seconds without an event


@dataclass(slots=True)
class Desk:
    """Where a run's questions are put; `tell` is called with each, for the person at the terminal."""

    box: Box
    run_id: str
    tell: Callable[[Waiting], object] = lambda waiting: None
    life: float = LIFE_SECONDS
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def prepared(self, question: Question) -> Waiting:
        """Return the question as it will wait.  Nobody can see it yet."""
        expires = self.now() + timedelta(seconds=self.life)
        return Waiting(approval_id=new_id(), expires_at=timestamp(expires), question=question)

    async def verdict(self, waiting: Waiting) -> AsyncGenerator[Verdict | None]:
        """Put the question into the box; yield None now and then while it waits, and last what came of it.

        Whatever ends the waiting, the question can then be answered no more.  Raises `OccasioError` when the box cannot
        be used.
        """
        question = waiting.question
        digest = question.digest(self.run_id)
        self.box.ask(self._members(waiting, digest))
        try:
            self.tell(waiting)
            begun = last = self.clock()
            while (verdict := self._said(waiting, digest)) is None:
                if self.clock() - begun >= self.life:
                    verdict = Verdict(answer=Ending.EXPIRED, message="nobody answered in time")
                    break
                if self.clock() - last >= KEEP_ALIVE_SECONDS:
                    last = self.clock()
                    yield None
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            self.box.close(waiting.approval_id)
        yield verdict

    def _said(self, waiting: Waiting, digest: str) -> Verdict | None:
        try:
            said = self.box.answered(waiting.approval_id, digest)
        except OccasioError as error:  # a forged answer is an answer: no
            return Verdict(answer=Ending.DENIED, method="invalid", message=str(error))
        if said is None:
            return None
        granted = said["answer"] == Ending.GRANTED.value
        return Verdict(
            answer=Ending.GRANTED if granted else Ending.DENIED,
            approver=str(said["approver"]),
            method=str(said["method"]),
            message=str(said["message"]),
        )

    def _members(self, waiting: Waiting, digest: str) -> Mapping[str, Json]:
        question = waiting.question
        return {
            "agent": question.call.agent,
            "approval_id": waiting.approval_id,
            "asked_at": timestamp(self.now()),
            "cwd": question.call.cwd,
            "digest": digest,
            "effects": list(question.effects),
            "expires_at": waiting.expires_at,
            "input_digest": question.call.input_digest,
            "message": question.opinion.message,
            "policy_hash": question.policy_sha256,
            "reason": question.opinion.reason,
            "rule": question.opinion.rule,
            "run_id": self.run_id,
            "tool": question.call.tool,
            "tool_inputs": dict(question.inputs),
        }
