"""`occasio dashboard` prints links and serves them, ends when it is asked to, and no agent starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from occasio_core.cli import exit_code
from occasio_core.home import VARIABLE, prepared
from occasio_core.model import RunId
from occasio_core.run_state import held
from occasio_dashboard import occasio_register_commands
from tests.occasio_core.reading.logs import every_kind, written


@contextmanager
def running(home: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "occasio_core", "dashboard", "--port", "0", *options]
    with subprocess.Popen(
        command, env={**os.environ, VARIABLE: str(home)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def opened(url: str) -> str:
    """Open a page by the link, and return the secret of it."""
    base, _, link = url.partition("/#")
    request = urllib.request.Request(
        f"{base}/api/open",
        data=json.dumps({"link": link}).encode(),
        headers={"Content-Type": "application/json", "Origin": base},
    )
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["page"])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    written(tmp_path / "home", every_kind())
    return tmp_path / "home"


def test_the_plugin_adds_the_command(tmp_path: Path) -> None:
    assert [command.name for command in occasio_register_commands(home=tmp_path)] == ["dashboard"]


def test_every_link_that_is_used_is_followed_by_the_next(home: Path) -> None:
    with running(home) as process:
        assert process.stdout is not None
        first = process.stdout.readline().strip()
        assert first.startswith("http://127.0.0.1:")
        opened(first)
        second = process.stdout.readline().strip()
        assert second.partition("#")[0] == first.partition("#")[0]
        assert second != first
        with pytest.raises(urllib.error.HTTPError, match="401"):
            opened(first)
        opened(second)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_it_is_asked_to(home: Path, number: signal.Signals) -> None:
    with running(home, "--json") as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        opened(url)
        process.send_signal(number)
        _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (0, "")


@pytest.mark.skipif(sys.platform != "linux", reason="told by Linux's /proc")
def test_the_secrets_are_in_no_file_of_the_process(home: Path) -> None:
    with running(home) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        page = opened(url)
        seen = b"".join(Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("cmdline", "environ"))
        kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
        for secret in (url.partition("#")[2], page):
            assert secret.encode() not in seen + kept


@pytest.mark.skipif(sys.platform != "linux", reason="told by Linux's /proc")
def test_an_agent_does_not_start_it(home: Path) -> None:
    with (
        held(prepared(home), RunId("run-1"), {"run_id": "run-1", "pid": os.getpid()}),
        running(home) as process,
    ):
        printed, told = process.communicate(timeout=30)
    assert (process.returncode, printed) == (1, "")
    assert told == "occasio: this is a process of the agent of run run-1, for which the dashboard is not\n"


@pytest.mark.parametrize("options", [["--port", "65536"], ["--port", "x"], ["--host", "0.0.0.0"], ["now"]])
def test_wrong_use_is_told(home: Path, options: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(home))
    assert exit_code(["dashboard", *options]) == 2
