"""`occasio doctor --paranoid` watches a real run from outside: what goes through the gate, and what goes around it."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from occasio_core.cli import exit_code

# An agent that connects to its gate, and to whatever port it is given, until somebody who listens there hangs up.
AGENT = """
import os, socket, sys, urllib.parse
gate = urllib.parse.urlsplit(os.environ["ANTHROPIC_BASE_URL"])
kept = [socket.create_connection((gate.hostname, gate.port))]
around = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
around.recv(1)
"""


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCCASIO_HOME", str(tmp_path / "occasio"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def around(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Somebody outside of the run who listens, and hangs up two looks after the agent has come."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        came: list[socket.socket] = []
        left = [2]

        def pause(seconds: float) -> None:
            if not came:
                try:
                    came.append(server.accept()[0])
                except BlockingIOError:
                    return
            elif left[0]:
                left[0] -= 1
            else:
                came[0].close()

        monkeypatch.setattr("occasio_core.observed.watching.time.sleep", pause)
        yield server.getsockname()[1]


def watched(port: int, *options: str) -> int:
    agent = [sys.executable, "-m", "occasio_core", "run", "--", sys.executable, "-c", AGENT, str(port)]
    return exit_code(["doctor", "--paranoid", *options, "--", *agent])


def test_what_goes_around_the_gate_is_told(around: int, capfd: pytest.CaptureFixture[str]) -> None:
    assert watched(around) == 1
    said = capfd.readouterr().out
    assert f"tcp 127.0.0.1:{around}" in next(line for line in said.split("\n") if "around the gate  " in line)
    assert "  to the gate " in said
    assert said.endswith("1 connection went around the gate\n")
    assert max(map(len, said.split("\n"))) <= 80


def test_the_same_as_json(around: int, capfd: pytest.CaptureFixture[str]) -> None:
    assert watched(around, "--json") == 1
    said = json.loads(capfd.readouterr().out)
    assert {(one["way"], one["port"] == around) for one in said["connections"]} == {("around", True), ("gate", False)}
    assert (said["exit_code"], said["command_exit_code"], len(said["runs"])) == (1, 0, 1)


def test_a_command_without_a_gate_is_not_called_clean(capfd: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["doctor", "--paranoid", "--", sys.executable, "-c", ""]) == 3
    assert "no process of this tree governs a run" in capfd.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["--run", "a"], ["--watch", "1"], ["--", "true"], ["--paranoid", "--run", "a", "--", "true"], ["--paranoid"]],
)
def test_what_makes_no_sense_is_wrong_use(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["doctor", *arguments]) == 2
    assert "hint: " in capfd.readouterr().err
