"""daemon start, stop and status say what they found, and exit by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from occasio_core import daemon
from tests.occasio_core.cli.commands import Captured, occasio


@pytest.fixture
def ended(home: Path) -> Iterator[Path]:
    yield home
    daemon.stop(home)


def test_the_daemon_is_started_seen_and_ended(ended: Path, capsys: Captured) -> None:
    assert occasio("daemon", "status") == 1
    assert capsys.readouterr() == ("not running\n", "hint: occasio daemon start\n")
    assert occasio("daemon", "start") == 0
    assert occasio("daemon", "start") == 0
    assert occasio("daemon", "status") == 0
    capsys.readouterr()
    assert occasio("daemon", "status", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["running"], isinstance(said["pid"], int)) == (True, True)
    assert occasio("daemon", "stop") == 0
    assert occasio("daemon", "stop") == 0
    assert capsys.readouterr().err == "daemon ended\nno daemon was running\n"


def test_a_second_daemon_in_the_foreground_is_refused(ended: Path, capsys: Captured) -> None:
    occasio("daemon", "start")
    capsys.readouterr()
    assert occasio("daemon", "serve") == 1
    assert "occasio: the daemon of this home is running already" in capsys.readouterr().err
