"""Answering a question: what still waits, whose answer counts, and what it has to name.

One place for every surface that takes answers, so that none takes one that another would refuse.  Knows the box, runs
and processes.  It does not know how a person is shown a question.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from occasio_core.approvals.presence import can_tell, governing_run
from occasio_core.approvals.question import Ending
from occasio_core.approvals.store import Box
from occasio_core.errors import OccasioError, UsageError
from occasio_core.run_state import is_alive
from occasio_verify import Json

DIGEST_CHARACTERS = 12  # of the call's digest, at least, where the answer is not typed at a terminal


def waiting(box: Box) -> Iterator[Mapping[str, Json]]:
    """Yield the questions that somebody still waits for; those of runs that were killed are cleared away."""
    for question in box.questions():
        if not is_alive(box.place, str(question["run_id"])):
            box.close(str(question["approval_id"]))
        elif seconds_left(question) > 0:
            yield question


def waiting_question(box: Box, approval_id: str) -> Mapping[str, Json]:
    """Return the question of that id.  Raises `UsageError` if nobody waits for an answer to it."""
    found = box.question(approval_id)
    if found is None or found not in list(waiting(box)):
        raise UsageError(f"no approval `{approval_id}` is waiting", hint="occasio approvals list shows those that are")
    return found


def seconds_left(question: Mapping[str, Json]) -> int:
    """Return for how many seconds the question can still be answered, 0 if it cannot."""
    expires = datetime.fromisoformat(str(question["expires_at"]))
    return max(0, int((expires - datetime.now(UTC)).total_seconds()))


def check_person(place: Path, processes: Iterable[int | None] = (None,), *, at_terminal: bool = False) -> None:
    """Make sure that none of the processes that answer (None: this one) is an agent's.

    Where the system cannot tell, only somebody at a terminal may answer.  Raises `OccasioError`.
    """
    if not can_tell():
        if not at_terminal:
            raise OccasioError("on this system an answer needs a terminal: who asks for it cannot be told otherwise")
        return
    for process in processes:
        if run := governing_run(place, process):
            raise OccasioError(f"this is a process of the agent of run {run}, which may not answer its own questions")


def check_digest(question: Mapping[str, Json], digest: str) -> None:
    """Make sure that the answer names this call.  Raises `UsageError`."""
    if len(digest) < DIGEST_CHARACTERS or not str(question["digest"]).startswith(digest.lower()):
        raise UsageError(f"`{digest}` is not the digest of this call", hint="occasio approvals show prints it")


def put_answer(box: Box, question: Mapping[str, Json], ending: Ending, method: str, message: str) -> None:
    """Answer the question in the name of whoever this process belongs to.  Raises as `Box.answer` does."""
    box.answer(str(question["approval_id"]), str(question["digest"]), ending, _person(), method, message)


def _person() -> str:
    """Return the person's name on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
