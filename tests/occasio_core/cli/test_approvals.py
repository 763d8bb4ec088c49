"""A person sees what waits, in full, and answers it; the agent does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core.approvals.presence import can_tell
from occasio_core.approvals.question import Ending
from occasio_core.approvals.store import Box, new_id
from occasio_core.cli import exit_code
from occasio_core.ledger.entry import timestamp
from occasio_core.model import RunId
from occasio_core.run_state import held

DIGEST = "0123456789abcdef" * 4
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    monkeypatch.setenv(places.VARIABLE, str(tmp_path / "occasio"))
    place = places.prepared(places.home())
    # the process that governs the run is none above this one
    with held(place, RunId("run-1"), {"run_id": "run-1", "pid": 2**22 + 1}):
        yield Box(place)


@pytest.fixture
def asked(box: Box) -> str:
    return ask(box)


def ask(box: Box, **changes: object) -> str:
    approval_id = new_id()
    box.ask(
        {
            "agent": "claude-code",
            "approval_id": approval_id,
            "asked_at": timestamp(datetime.now(UTC)),
            "cwd": "/work",
            "digest": DIGEST,
            "effects": ["execute git", "connect example.com"],
            "expires_at": timestamp(datetime.now(UTC) + timedelta(seconds=300)),
            "message": "pushes in your name",
            "rule": "identity_approval: push",
            "run_id": "run-1",
            "tool": "Bash",
            "tool_inputs": {"command": "git push \x1b[2J\n" + "x" * 200 + " the end"},
        }
        | changes  # type: ignore[operator]
    )
    return approval_id


def answer(box: Box, approval_id: str) -> str | None:
    said = box.answered(approval_id, DIGEST)
    return None if said is None else str(said["answer"])


def test_what_waits_is_listed(asked: str, capsys: Captured) -> None:
    assert exit_code(["approvals", "list"]) == 0
    line = capsys.readouterr().out
    assert line.startswith(f"{asked}  ")
    assert "Bash  git push" in line


def test_nothing_waits(box: Box, capsys: Captured) -> None:
    assert exit_code(["approvals", "list"]) == 0
    assert capsys.readouterr() == ("", "nothing waits for an answer\n")
    assert exit_code(["approvals", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_call_is_shown_whole_and_moves_no_cursor(asked: str, capsys: Captured) -> None:
    """Hole 65: the tail of a long command is what matters."""
    assert exit_code(["approvals", "show", asked]) == 0
    shown = capsys.readouterr().out
    assert "the end" in shown
    assert "\x1b" not in shown
    assert "\\x1b[2J\\n" in shown
    assert f"digest    {DIGEST}" in shown


def test_a_call_is_let_through_by_its_digest(box: Box, asked: str, capsys: Captured) -> None:
    assert exit_code(["approvals", "approve", asked, "--digest", DIGEST[:12], "--reason", "as agreed"]) == 0
    said = box.answered(asked, DIGEST)
    assert said is not None
    assert (said["answer"], said["method"], said["message"]) == ("granted", "cli-digest", "as agreed")
    assert capsys.readouterr().err == "granted: Bash of run run-1\n"


@pytest.mark.parametrize("digest", [DIGEST[:11], "f" * 64, ""])
def test_another_digest_lets_nothing_through(box: Box, asked: str, digest: str, capsys: Captured) -> None:
    assert exit_code(["approvals", "approve", asked, "--digest", digest]) == 2
    assert "is not the digest of this call" in capsys.readouterr().err
    assert answer(box, asked) is None


def test_without_a_terminal_a_digest_is_asked_for(box: Box, asked: str, capsys: Captured) -> None:
    assert exit_code(["approvals", "approve", asked]) == 2
    assert "there is no terminal to confirm it at" in capsys.readouterr().err
    assert answer(box, asked) is None


def test_a_call_is_refused(box: Box, asked: str) -> None:
    assert exit_code(["approvals", "deny", asked, "--reason", "no", "--json"]) == 0
    assert answer(box, asked) == "denied"


@pytest.mark.parametrize("first", [Ending.GRANTED, Ending.DENIED])
def test_what_was_answered_stays_answered(box: Box, asked: str, first: Ending, capsys: Captured) -> None:
    box.answer(asked, DIGEST, first, "ada", "cli", "")
    assert exit_code(["approvals", "approve", asked, "--digest", DIGEST]) == 2
    assert "has been answered already" in capsys.readouterr().err
    assert answer(box, asked) == first.value


def test_what_nobody_waits_for_cannot_be_answered(box: Box, capsys: Captured) -> None:
    late = ask(box, expires_at="2026-01-01T00:00:00.000Z")
    dead = ask(box, run_id="00000000-0000-4000-8000-000000000000")
    for approval_id in (late, dead, new_id()):
        assert exit_code(["approvals", "approve", approval_id, "--digest", DIGEST]) == 2
        assert "is waiting" in capsys.readouterr().err
    assert box.question(dead) is None  # a run that was killed leaves nothing to be shown


@pytest.mark.parametrize("arguments", [["show", "apr_x"], ["approve", "../../x", "--digest", DIGEST], ["deny", ""]])
def test_what_is_no_id_is_a_usage_error(box: Box, arguments: list[str]) -> None:
    assert exit_code(["approvals", *arguments]) == 2


@pytest.mark.skipif(not can_tell(), reason="who started whom is told by Linux's /proc")
@pytest.mark.parametrize("command", [["approve", "--digest", DIGEST], ["deny"]])
def test_an_agent_cannot_answer_itself(box: Box, command: list[str]) -> None:
    """Hole 73: whatever the command is called, and however it is started, it is the agent's process that runs it."""
    with held(box.place, RunId("run-2"), {"run_id": "run-2", "pid": os.getpid()}):
        asked = ask(box, run_id="run-2")
        name, *options = command
        for before in ([], ["sh", "-c", '"$@"; exit $?', "x"], ["setsid", "-w"], ["env"]):
            line = [*before, sys.executable, "-m", "occasio_core", "approvals", name, asked, *options]
            done = subprocess.run(line, capture_output=True, text=True, check=False)
            assert (done.returncode, "may not answer its own questions" in done.stderr) == (1, True), done.stderr
        assert answer(box, asked) is None
