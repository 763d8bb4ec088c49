"""Answering a question: what still waits, whose answer counts, and what it has to name.

One place for every surface that takes answers, so that none takes one that another would refuse.  Knows the box, runs
and processes.  It does not know how a person is shown a question.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from occasio_core.approvals.peer import Address, processes_at
from occasio_core.approvals.presence import can_tell, governing_run
from occasio_core.approvals.question import Ending
from occasio_core.approvals.store import Box
from occasio_core.errors import OccasioError, UsageError
from occasio_core.run_state import is_alive
from occasio_verify import Json

DIGEST_CHARACTERS = 12  # of the call's digest, at least, where the answer is not typed at a terminal

_AT_A_TERMINAL = "answer with `occasio approvals` at a terminal of that machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAnswer:
    """What a person says to one question.  `method` is how, as the row will have it."""

    approval_id: str
    ending: Ending
    digest: str
    method: str
    message: str = ""


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


@dataclass(frozen=True, slots=True)
class Approvals:
    """The questions of one home, for a surface that is reached over a connection of this machine."""

    place: Path

    def waiting(self) -> list[Mapping[str, Json]]:
        """Return the questions that wait, the oldest first, as `occasio approvals list --json` prints them."""
        return [dict(question) for question in waiting(Box(self.place))]

    def agent_here(self) -> str | None:
        """Return the run whose agent started this process, None if it is the person's own or that cannot be seen."""
        return governing_run(self.place)

    def agent_at(self, client: Address, server: Address) -> str | None:
        """Return the run whose agent is at the client's end, or started this process; None if that is not seen."""
        if not can_tell():
            return None
        processes = (None, *processes_at(client, server))
        return next((run for process in processes if (run := governing_run(self.place, process))), None)

    def answer(self, connection: tuple[Address, Address], given: ApprovalAnswer) -> Mapping[str, Json]:
        """Answer a question in the name of whoever asks over the connection (the client's end, the server's end).

        The same is asked for as by `occasio approvals`, and that the process at the client's end is seen.  Raises
        `OccasioError` where it is an agent's, or is not seen, and `UsageError` where nothing waits, or the digest is
        that of another call.
        """
        processes = processes_at(*connection) if can_tell() else ()
        check_person(self.place, (None, *processes))
        if not processes:
            raise OccasioError("the process that answers is not seen from here", hint=_AT_A_TERMINAL)
        box = Box(self.place)
        question = waiting_question(box, given.approval_id)
        check_digest(question, given.digest)
        put_answer(box, question, given.ending, given.method, given.message)
        return question
