"""Who is at the other end of a connection is found by its socket, and whoever hides is not."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from occasio_core.approvals import peer
from occasio_core.approvals.peer import Address, processes_at
from occasio_core.approvals.presence import can_tell

pytestmark = pytest.mark.skipif(not can_tell(), reason="who holds a socket is told by Linux's /proc")

CONNECTS = (
    "import ctypes, socket, sys\n"
    "if sys.argv[3] == 'hidden': ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n"  # PR_SET_DUMPABLE
    "host, family = (sys.argv[2], socket.AF_INET6 if ':' in sys.argv[2] else socket.AF_INET)\n"
    "with socket.socket(family) as client:\n"
    "    client.connect((host, int(sys.argv[1])))\n"
    "    print(flush=True)\n"
    "    sys.stdin.read()\n"
)


@contextmanager
def client(host: str = "127.0.0.1", how: str = "seen") -> Iterator[tuple[int, Address, Address]]:
    """Yield a process that has connected, its address and the server's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        command = [sys.executable, "-c", CONNECTS, str(server.getsockname()[1]), host, how]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        accepted, peer = server.accept()
        with process, accepted:
            assert process.stdout is not None
            process.stdout.readline()
            yield process.pid, peer, accepted.getsockname()
            process.communicate()


@pytest.mark.parametrize("host", ["127.0.0.1", "::ffff:127.0.0.1"])
def test_the_process_that_connected_is_found(host: str) -> None:
    with client(host) as (process, peer, server):
        assert processes_at(peer, server) == {process}


def test_both_ends_may_be_of_one_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as end:
        assert processes_at(end.getsockname(), server.getsockname()) == {os.getpid()}


def test_every_process_that_holds_the_socket_is_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as end:
        command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[end.fileno()]) as process:
            assert processes_at(end.getsockname(), server.getsockname()) == {os.getpid(), process.pid}
            process.communicate()


def test_a_connection_that_is_not_there_is_nobodys() -> None:
    with client() as (_, peer, server):
        assert processes_at(peer, (server[0], server[1] - 1)) == frozenset()
        assert processes_at(server, (peer[0], 1)) == frozenset()


@pytest.mark.parametrize(("how", "found"), [("seen", 1), ("hidden", 0)])
def test_a_process_that_hides_is_not_found(how: str, found: int) -> None:
    """Nothing is hidden from root, so both are somebody else then, who reads the file under test from a pipe."""
    python, other = sys.executable, None
    if os.geteuid() == 0:
        python, other = (
            shutil.which("python3", path="/usr/bin:/usr/local/bin") or pytest.skip("no python for all"),
            65534,
        )
    with socket.create_server(("127.0.0.1", 0)) as server:
        command = [python, "-I", "-c", CONNECTS, str(server.getsockname()[1]), "127.0.0.1", how]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, user=other, cwd="/")
        accepted, client = server.accept()
        with process, accepted:
            assert process.stdout is not None
            process.stdout.readline()
            looks = (
                "import sys\n"
                "exec(compile(sys.stdin.read(), 'peer', 'exec'))\n"
                f"print(*processes_at({client!r}, {accepted.getsockname()!r}))"
            )
            source = Path(peer.__file__).read_text(encoding="utf-8")
            seen = subprocess.run(
                [python, "-I", "-c", looks],
                input=source,
                capture_output=True,
                text=True,
                check=True,
                user=other,
                cwd="/",
            )
            assert seen.stdout.split() == [str(process.pid)] * found
            process.communicate()
