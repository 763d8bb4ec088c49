"""The gateway as a process between two others: whoever dies, lies or says too much is blamed, and every row is there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plugins.mcp.tests import raw_server
from plugins.mcp.tests.keepers import asks, data, tells

OCCASIO = Path(sysconfig.get_path("scripts")) / "occasio"
SERVER = [sys.executable, "-S", raw_server.__file__]
TOKEN = "ghp_" + "a1B2" * 9  # looks like a secret, and is none


class Client:
    """A client that says what it is told to, in lines."""

    def __init__(self, home: Path, *words: str) -> None:
        self.home = home
        self.log = home / "occasio" / "pipeline-events.jsonl"
        (home / "occasio").mkdir(mode=0o700, exist_ok=True)
        policy = "version: 1\ndeny_paths: [./private]\nredact_secrets_in_tool_results: true\n"
        (home / "occasio" / "policy.yml").write_text(policy, encoding="utf-8")
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "OCCASIO_HOME": str(home / "occasio")}
        self.process = subprocess.Popen(
            [str(OCCASIO), "mcp", "wrap", "--name", "raw", *words, "--", *SERVER],
            cwd=home,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def say(self, *messages: Any) -> None:
        assert self.process.stdin is not None
        for message in messages:
            self.process.stdin.write(data(message) + b"\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def call(self, tool: str, number: int = 1, **given: Any) -> None:
        self.say(asks(number, "tools/call", name=tool, arguments=given))

    def text(self) -> str:
        return str(self.hear()["result"]["content"][0]["text"])

    def leave(self) -> str:
        """Close our side, and return what was said on standard error once the gateway has ended."""
        _, told = self.process.communicate(timeout=60)
        return told.decode()

    def rows(self, kind: str) -> list[dict[str, Any]]:
        rows = [json.loads(line) for line in self.log.read_bytes().splitlines()]
        return [row for row in rows if row["kind"] == kind]


@contextmanager
def client(home: Path, *words: str) -> Iterator[Client]:
    one = Client(home, *words)
    with one.process:
        try:
            yield one
        finally:
            one.process.kill()


def test_calls_are_decided_recorded_and_answered(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        one.say(asks(0, "initialize", clientInfo={"name": "tester"}), tells("notifications/initialized"))
        assert one.hear()["result"]["serverInfo"] == {"name": "raw"}
        one.call("echo", text=f"a {TOKEN}")
        assert one.text() == "echo a [REDACTED:github-pat]"
        one.call("echo", text="./private/x")
        assert "path-denied" in one.text()
        one.leave()
        assert one.process.returncode == 0
        assert [row["action"] for row in one.rows("tool_call")] == ["PASS", "BLOCK"]
        assert [row["reason"] for row in one.rows("run_ended")] == ["exit"]


def test_calls_at_once_are_all_answered(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        for number in range(50):
            one.call("echo", number, text=str(number))
        heard = {answer["id"]: answer["result"]["content"][0]["text"] for answer in (one.hear() for _ in range(50))}
        assert heard == {number: f"echo {number}" for number in range(50)}
        one.leave()
        assert len(one.rows("tool_result")) == 50


def test_what_is_asked_before_the_input_ends_is_still_answered(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        assert one.process.stdin is not None
        heard, _ = one.process.communicate(data(asks(1, "tools/call", name="echo", arguments={})) + b"\n", timeout=60)
        assert json.loads(heard)["result"]["content"][0]["text"] == "echo "


@pytest.mark.parametrize(
    "sent", [b"hello", b"[1]", b'{"jsonrpc":"2.0","id":1,"id":2,"method":"x"}', b"\xff", b"{" * 99]
)
def test_a_client_that_sends_what_is_no_message_is_told_and_served_on(tmp_path: Path, sent: bytes) -> None:
    with client(tmp_path) as one:
        one.say(sent)
        assert one.hear()["id"] is None
        one.call("echo", text="still here")
        assert one.text() == "echo still here"


def test_a_server_that_sends_what_is_no_message_is_heard_on(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        one.call("hostile")
        assert one.text() == "hostile "
        told = one.leave()
        assert told.count("no message") == 4
        assert "what nobody asked" in told


def test_messages_of_megabytes_go_through_and_longer_ones_do_not(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        one.call("huge", size=3 << 20)
        assert len(one.text()) == 3 << 20
        one.call("huge", number=2, size=49 << 20)
        one.call("echo", number=3, text="still here")
        assert one.text() == "echo still here"
        assert "too long" in one.leave()


def test_a_client_that_sends_too_much_is_told(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        one.say(b"x" * (49 << 20))
        assert one.hear()["error"]["message"] == "occasio: a message that is too long"
        one.call("echo", text="still here")
        assert one.text() == "echo still here"


def test_a_server_that_dies_is_blamed_and_its_call_has_an_outcome(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        one.call("die")
        assert one.hear()["error"]["message"] == "occasio: the server ended before it answered"
        one.leave()
        assert one.process.returncode == 7
        assert [row["is_error"] for row in one.rows("tool_result")] == [True]
        assert [row["reason"] for row in one.rows("run_ended")] == ["exit"]


def test_half_a_message_at_the_end_is_left_out(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        one.call("half")
        assert "error" in one.hear()
        assert "ended within a message" in one.leave()


def test_a_client_that_goes_away_ends_the_server_and_the_run(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        one.call("hang")
        one.call("echo", number=2)
        assert one.text() == "echo "  # the first has reached the server by now
        assert "the server has read everything" in one.leave()
        assert [row["reason"] for row in one.rows("run_ended")] == ["exit"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_run(tmp_path: Path, number: signal.Signals) -> None:
    with client(tmp_path) as one:
        one.call("echo")
        assert one.text() == "echo "
        one.process.send_signal(number)
        assert one.process.wait(60) == 0
        assert [row["reason"] for row in one.rows("run_ended")] == ["exit"]


def test_what_was_recorded_survives_the_gateways_death(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        one.call("echo")
        assert one.text() == "echo "
        one.process.kill()
        one.process.wait(60)
        assert [row["action"] for row in one.rows("tool_call")] == ["PASS"]
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "OCCASIO_HOME": str(tmp_path / "occasio")}
        for words in (["audit", "repair"], ["bundle", "--out", "b.json"], ["audit", "verify"]):
            done = subprocess.run([str(OCCASIO), *words], env=environment, cwd=tmp_path, capture_output=True)
            assert done.returncode == 0, done.stderr
        assert [row["reason"] for row in one.rows("run_ended")] == ["abandoned"]


def test_the_server_is_not_told_of_our_own_variables(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        one.call("environment")
        assert not any(name.startswith("OCCASIO") for name in json.loads(one.text()))


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["mcp", "wrap", "--", "there-is-no-such-program"], 127, "there is no program"),
        (["mcp", "wrap", "--name", "a b", "--", "cat"], 2, "no name for a server"),
        (["mcp", "wrap"], 2, "one server is needed"),
        (["mcp", "wrap", "--url", "http://a.example", "--", "cat"], 2, "one server is needed"),
        (["mcp", "wrap", "--header", "A: b", "--", "cat"], 2, "one server is needed"),
        (["mcp", "wrap", "--url", "ftp://a.example"], 2, "ftp://a.example"),
        (["mcp", "wrap", "--url", "http://a.example", "--header", "A: ${NONE}"], 2, "there is no variable `NONE`"),
        (["mcp", "wrap", "--", "cat"], 1, "not those of an MCP client"),
    ],
)
def test_what_cannot_be_started_says_so_in_a_line(tmp_path: Path, words: Sequence[str], code: int, told: str) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "OCCASIO_HOME": str(tmp_path / "occasio")}
    done = subprocess.run(
        [str(OCCASIO), *words], env=environment, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert (done.returncode, told in done.stderr, "Traceback" in done.stderr) == (code, True, False), done.stderr
