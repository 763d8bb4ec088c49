"""The program of a hook prints what it is answered, and says no wherever it gets no whole answer."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from occasio_core.hooks import thin
from occasio_core.hooks.place import interpreter

RUN = "00000000-0000-4000-8000-00000000000a"


@contextmanager
def answering(path: Path, answer: bytes) -> Iterator[list[bytes]]:
    """Have somebody answer one question at `path`; yields what was asked."""
    heard: list[bytes] = []
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        _bind(listener, path)
        listener.listen(1)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                heard.append(connection.recv(1 << 16))
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield heard
        thread.join()


def _bind(listener: socket.socket, path: Path) -> None:
    """Listen at a path that may be longer than an address."""
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        listener.bind(f"/proc/self/fd/{descriptor}/{path.name}")
    finally:
        os.close(descriptor)


def program(home: Path, data: bytes = b"{}", *arguments: str, **environment: str) -> tuple[int, bytes, bytes]:
    command = [interpreter(), "-I", "-S", thin.__file__, "--home", str(home), *arguments]
    done = subprocess.run(command, input=data, capture_output=True, env=environment, check=False)
    return done.returncode, done.stdout, done.stderr


def test_it_prints_what_it_is_answered_and_ends_as_it_is_told(tmp_path: Path) -> None:
    with answering(tmp_path / "daemon.sock", b"2 3 4\nout err") as heard:
        assert program(tmp_path, b'{"a":1}', "--agent", "codex") == (2, b"out", b" err")
    assert heard == [b'occasio-hook/1 codex 7\n{"a":1}']


def test_an_agent_that_was_started_in_a_run_is_answered_by_that_run(tmp_path: Path) -> None:
    with answering(tmp_path / "runs" / f"{RUN}.sock", b"0 0 0\n") as heard:
        assert program(tmp_path, OCCASIO_RUN=RUN) == (0, b"", b"")
    assert len(heard) == 1


@pytest.mark.parametrize("run", ["../daemon", f"{RUN}/../x", "A"])
def test_what_is_no_runs_id_leads_nowhere(tmp_path: Path, run: str) -> None:
    code, out, err = program(tmp_path, OCCASIO_RUN=run)
    assert (code, out) == (2, b"")
    assert b"OCCASIO_RUN is no run" in err


@pytest.mark.parametrize("answer", [b"", b"0 6 0\nshort", b"0 0 0\ntoo long", b"yes\n", b"0 0\n", b"0 0 0"])
def test_an_answer_that_is_not_whole_is_a_no(tmp_path: Path, answer: bytes) -> None:
    with answering(tmp_path / "daemon.sock", answer):
        code, out, err = program(tmp_path)
    assert (code, out) == (2, b"")
    assert err.startswith(b"occasio is not running, or gave no answer (")
    assert err.count(b"\n") == 1


def test_without_anybody_to_ask_it_says_no(tmp_path: Path) -> None:
    code, out, err = program(tmp_path)
    assert (code, out) == (2, b"")
    assert b"occasio daemon start" in err


def test_who_is_not_answered_in_time_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "daemon.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        _bind(listener, path)
        listener.listen(1)
        assert program(tmp_path, b"{}", "--wait", "0.05")[0] == 2


def test_cline_is_refused_in_the_only_way_that_it_understands(tmp_path: Path) -> None:
    code, out, err = program(tmp_path, b"{}", "--agent", "cline")
    assert (code, err) == (0, b"")
    refusal = json.loads(out)
    assert refusal["cancel"] is True
    assert refusal["errorMessage"].startswith("occasio is not running")


def test_a_home_that_is_longer_than_an_address_is_found(tmp_path: Path) -> None:
    home = tmp_path / ("d" * 120)
    with answering(home / "daemon.sock", b"0 2 0\n{}"):
        assert program(home) == (0, b"{}", b"")


def test_an_event_that_is_too_long_is_a_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "long"
    path.write_bytes(b"x" * 11)
    monkeypatch.setattr(thin, "MAX_BYTES", 10)
    with path.open("rb") as file, pytest.raises(OSError, match="too long"):
        thin.read_all(file.fileno())


def test_it_imports_nothing_that_is_slow(tmp_path: Path) -> None:
    command = [interpreter(), "-I", "-S", "-X", "importtime", thin.__file__, "--home", str(tmp_path)]
    told = subprocess.run(command, input=b"{}", capture_output=True, check=False).stderr.decode()
    imported = {line.rpartition("|")[2].strip() for line in told.splitlines() if line.startswith("import time:")}
    assert imported & {"json", "re", "typing", "socket", "pathlib", "asyncio", "site", "dataclasses"} == set()
