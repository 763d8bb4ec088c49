"""There is one daemon for a home; it answers until it is ended, and whoever looks knows whether it is there."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from occasio_core import daemon
from occasio_core import home as places
from occasio_core.errors import OccasioError
from occasio_core.hooks import thin
from occasio_core.hooks.place import interpreter
from occasio_verify import parse_row


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    one = places.prepared(tmp_path / "occasio")
    yield one
    daemon.stop(one)


def asked(place: Path, data: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [interpreter(), "-I", "-S", thin.__file__, "--home", str(place)]
    return subprocess.run(command, input=data, capture_output=True, env={}, check=False)


def test_a_daemon_is_started_once_answers_and_ends(place: Path, tmp_path: Path) -> None:
    assert daemon.status(place) is None
    begun = daemon.start(place)
    assert daemon.start(place) == begun
    assert daemon.status(place) == begun
    assert (place / "hook.py").exists()
    event = b'{"hook_event_name": "Stop", "session_id": "s", "cwd": "%s"}' % str(tmp_path).encode()
    done = asked(place, event)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert asked(place, b"{}").returncode == 2
    assert daemon.stop(place)
    assert daemon.status(place) is None
    assert not daemon.stop(place)
    rows = [parse_row(line) for line in places.log_path(place).read_bytes().split(b"\n")[:-1]]
    assert (rows[-2].kind, rows[-2].fields["reason"]) == ("run_ended", "abandoned")
    assert (rows[-1].kind, rows[-1].fields["tree_size"]) == ("checkpoint", len(rows) - 1)


def test_its_files_are_its_owners_alone(place: Path) -> None:
    daemon.start(place)
    for name in ("daemon.sock", "daemon.json", "daemon.lock", "hook.py"):
        assert (place / name).stat().st_mode & 0o077 == 0, name


def test_a_killed_daemon_is_known_to_be_gone_and_the_next_keeps_port_and_secret(place: Path) -> None:
    first = daemon.start(place)
    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    assert daemon.status(place) is None
    second = daemon.start(place)
    assert second.pid != first.pid
    assert second.url("claude-code") == first.url("claude-code")


def test_a_second_daemon_says_that_there_is_one(place: Path) -> None:
    daemon.start(place)
    with pytest.raises(OccasioError, match="is running already"):
        daemon.serve(place)


def test_a_daemon_that_does_not_start_says_why(place: Path) -> None:
    places.policy_path(place).write_text("version: 7\n", encoding="utf-8")
    with pytest.raises(OccasioError, match=r"the daemon did not start: .*policy\.yml:1:10") as caught:
        daemon.start(place)
    assert caught.value.hint
