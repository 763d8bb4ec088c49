"""A run is watched by its id, a command from its start to its end; the process that governs is known by its lock."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from occasio_core.errors import UsageError
from occasio_core.model import RunId
from occasio_core.observed.watching import watch_command, watch_run
from occasio_core.run_state import held

RUN = RunId("11111111-aaaa")


def once(seconds: float) -> None:
    """Let no time pass between two looks."""


def test_a_run_is_watched_for_as_long_as_it_was_asked(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()),
        held(tmp_path, RUN, {"run_id": RUN, "pid": os.getpid(), "cwd": "/"}),
    ):
        port = server.getsockname()[1]
        watched = watch_run(tmp_path, "1111", 1e-9, once)
    assert watched.runs == {RUN}
    assert watched.looks.gates == {os.getpid()}
    assert port in watched.looks.gate_ports


@pytest.mark.parametrize(("prefix", "said"), [("", "no run is under way"), ("2", "begins with `2`")])
def test_a_run_that_is_not_under_way_is_a_usage_error(tmp_path: Path, prefix: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        watch_run(tmp_path, prefix, 1.0)


def test_one_of_several_runs_must_be_named(tmp_path: Path) -> None:
    with (
        held(tmp_path, RUN, {"pid": os.getpid()}),
        held(tmp_path, RunId("2222"), {"pid": os.getpid()}),
        pytest.raises(UsageError, match="2 runs are under way"),
    ):
        watch_run(tmp_path, "", 1.0)


def test_a_run_of_hooks_has_no_gate_for_its_connections(tmp_path: Path) -> None:
    with held(tmp_path, RUN, {"run_id": RUN, "pid": os.getpid(), "by": "daemon"}):
        assert watch_run(tmp_path, "", 1e-9, once).looks.gates == set()


def test_a_command_is_watched_until_it_ends(tmp_path: Path) -> None:
    code = "import socket, sys; c = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); c.recv(1); sys.exit(3)"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        accepted: list[socket.socket] = []

        def pause(seconds: float) -> None:
            if not accepted:
                accepted.append(server.accept()[0])  # the next look sees what has connected
            else:
                accepted[0].close()  # and after that look the command may end
                os.sched_yield()

        watched = watch_command(tmp_path, [sys.executable, "-c", code, str(port)], os.environ, pause)
    assert watched.exit_code == 3
    assert [(link.address, link.port) for link in watched.looks.links] == [("127.0.0.1", port)]


def test_a_command_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be started"):
        watch_command(tmp_path, [str(tmp_path / "none")], os.environ)
