"""What still waits, whose answer counts, and what it has to name: the same for every surface."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core.approvals import answering
from occasio_core.approvals.answering import (
    ApprovalAnswer,
    Approvals,
    check_digest,
    check_person,
    put_answer,
    seconds_left,
    waiting,
    waiting_question,
)
from occasio_core.approvals.presence import can_tell
from occasio_core.approvals.question import Ending
from occasio_core.approvals.store import Box, new_id
from occasio_core.errors import OccasioError, UsageError
from occasio_core.ledger.entry import timestamp
from occasio_core.model import RunId
from occasio_core.run_state import held

DIGEST = "0123456789abcdef" * 4


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    place = places.prepared(tmp_path / "occasio")
    with held(place, RunId("run-1"), {"run_id": "run-1", "pid": os.getpid()}):
        yield Box(place)


def asked(box: Box, run: str = "run-1", seconds: int = 300) -> str:
    approval_id, now = new_id(), datetime.now(UTC)
    expires = timestamp(now + timedelta(seconds=seconds))
    box.ask(
        {
            "approval_id": approval_id,
            "asked_at": timestamp(now),
            "digest": DIGEST,
            "expires_at": expires,
            "run_id": run,
            "tool": "Bash",
        }
    )
    return approval_id


def test_what_waits_is_what_a_living_run_asks_and_is_not_late(box: Box) -> None:
    mine, late, dead = asked(box), asked(box, seconds=-1), asked(box, run="run-2")
    assert [question["approval_id"] for question in waiting(box)] == [mine]
    assert box.question(late) is not None  # its run clears it away itself
    assert box.question(dead) is None


def test_a_question_is_found_by_its_id_while_it_waits(box: Box) -> None:
    assert 290 < seconds_left(waiting_question(box, asked(box))) <= 300
    for gone in (asked(box, seconds=-1), asked(box, run="run-2"), new_id()):
        with pytest.raises(UsageError, match=r"no approval .* is waiting"):
            waiting_question(box, gone)


@pytest.mark.parametrize("digest", [DIGEST, DIGEST[:12], DIGEST[:12].upper()])
def test_a_call_is_named_by_the_beginning_of_its_digest(box: Box, digest: str) -> None:
    check_digest(waiting_question(box, asked(box)), digest)


@pytest.mark.parametrize("digest", ["", DIGEST[:11], "f" * 64])
def test_another_digest_names_nothing(box: Box, digest: str) -> None:
    with pytest.raises(UsageError, match="is not the digest"):
        check_digest(waiting_question(box, asked(box)), digest)


def test_an_answer_says_how_it_came_and_by_whom(box: Box) -> None:
    approval_id = asked(box)
    put_answer(box, waiting_question(box, approval_id), Ending.DENIED, "test", "no")
    said = box.answered(approval_id, DIGEST)
    assert said is not None
    assert (said["answer"], said["method"], said["message"]) == ("denied", "test", "no")
    assert said["approver"]


@pytest.mark.skipif(not can_tell(), reason="who started whom is told by Linux's /proc")
def test_one_process_of_an_agent_among_those_that_answer_is_enough(box: Box) -> None:
    check_person(box.place)
    check_person(box.place, [None, os.getpid()])
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as agents:
        with pytest.raises(OccasioError, match="may not answer its own questions"):
            check_person(box.place, [None, agents.pid])
        agents.communicate()


def test_where_nothing_can_be_told_it_must_be_a_terminal(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "can_tell", lambda: False)
    check_person(box.place, at_terminal=True)
    with pytest.raises(OccasioError, match="needs a terminal"):
        check_person(box.place)


@dataclass(frozen=True)
class Caller:
    """A connection, with a process at its client's end."""

    process: int
    ends: tuple[tuple[str, int], tuple[str, int]]


@pytest.fixture
def caller() -> Iterator[Caller]:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())
        accepted, peer = server.accept()
        command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
        with accepted, subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[client.fileno()]) as process:
            client.close()
            yield Caller(process.pid, (peer, accepted.getsockname()))
            process.communicate()


def given(approval_id: str, ending: Ending = Ending.GRANTED, digest: str = DIGEST) -> ApprovalAnswer:
    return ApprovalAnswer(approval_id=approval_id, ending=ending, digest=digest, method="test", message="as agreed")


@pytest.fixture
def persons(tmp_path: Path) -> Iterator[Box]:
    """A box whose run is governed by a process that nothing here stands below."""
    place = places.prepared(tmp_path / "occasio")
    with held(place, RunId("run-1"), {"run_id": "run-1", "pid": 2**22 + 1}):
        yield Box(place)


needs_proc = pytest.mark.skipif(not can_tell(), reason="who started whom is told by Linux's /proc")


@needs_proc
def test_a_person_answers_over_a_connection(persons: Box, caller: Caller) -> None:
    approval_id = asked(persons)
    approvals = Approvals(persons.place)
    assert [one["approval_id"] for one in approvals.waiting()] == [approval_id]
    assert approvals.agent_at(*caller.ends) is None
    approvals.answer(caller.ends, given(approval_id))
    said = persons.answered(approval_id, DIGEST)
    assert said is not None
    assert (said["answer"], said["method"], said["message"]) == ("granted", "test", "as agreed")


@needs_proc
@pytest.mark.parametrize("ending", [Ending.GRANTED, Ending.DENIED])
def test_an_agents_process_does_not_answer_over_a_connection(box: Box, caller: Caller, ending: Ending) -> None:
    approval_id = asked(box)
    approvals = Approvals(box.place)
    assert approvals.agent_at(*caller.ends) == "run-1"
    with pytest.raises(OccasioError, match="may not answer its own questions"):
        approvals.answer(caller.ends, given(approval_id, ending))
    assert box.answered(approval_id, DIGEST) is None


@needs_proc
def test_whoever_is_not_seen_does_not_answer(persons: Box, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "processes_at", lambda client, server: frozenset())
    approval_id = asked(persons)
    with pytest.raises(OccasioError, match="is not seen from here"):
        Approvals(persons.place).answer(caller.ends, given(approval_id))
    assert persons.answered(approval_id, DIGEST) is None


@needs_proc
@pytest.mark.parametrize("ending", [Ending.GRANTED, Ending.DENIED])
def test_an_answer_over_a_connection_names_the_call(persons: Box, caller: Caller, ending: Ending) -> None:
    approval_id = asked(persons)
    with pytest.raises(UsageError, match="is not the digest"):
        Approvals(persons.place).answer(caller.ends, given(approval_id, ending, digest="f" * 64))
    assert persons.answered(approval_id, DIGEST) is None


def test_where_nothing_can_be_told_nobody_answers_over_a_connection(
    persons: Box, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "can_tell", lambda: False)
    approval_id = asked(persons)
    with pytest.raises(OccasioError, match="needs a terminal"):
        Approvals(persons.place).answer(caller.ends, given(approval_id))
    assert Approvals(persons.place).agent_at(*caller.ends) is None
    assert persons.answered(approval_id, DIGEST) is None
