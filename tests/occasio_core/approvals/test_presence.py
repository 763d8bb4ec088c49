"""A process that an agent started is known as the agent's, whatever it is called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core.approvals.presence import can_tell, governing_run
from occasio_core.model import RunId
from occasio_core.run_state import held

pytestmark = pytest.mark.skipif(not can_tell(), reason="who started whom is told by Linux's /proc")
SAYS = "import sys; from pathlib import Path; from occasio_core.approvals.presence import governing_run; print(governing_run(Path(sys.argv[1])))"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return places.prepared(tmp_path / "home")


def said(place: Path, *before: str) -> str:
    command = [*before, sys.executable, "-c", SAYS, str(place)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_what_runs_below_a_run_is_governed_by_it(place: Path) -> None:
    with held(place, RunId("run-1"), {"run_id": "run-1", "pid": os.getpid()}):
        assert said(place) == "run-1"
        assert said(place, "sh", "-c", '"$@"; true', "x") == "run-1"
        assert said(place, "setsid", "-w") == "run-1"


def test_the_process_of_the_run_itself_is_the_persons(place: Path) -> None:
    with held(place, RunId("run-1"), {"run_id": "run-1", "pid": os.getpid()}):
        assert governing_run(place) is None


def test_without_a_run_everything_is_the_persons(place: Path) -> None:
    assert said(place) == "None"


def test_a_run_that_is_gone_governs_nothing(place: Path) -> None:
    (place / "runs").mkdir()
    (place / "runs" / "old.json").write_text(f'{{"pid": {os.getpid()}}}', encoding="utf-8")
    (place / "runs" / "odd.json").write_text("nonsense", encoding="utf-8")
    assert said(place) == "None"


def test_a_process_that_is_not_there_is_nobodys(place: Path) -> None:
    assert governing_run(place, 2**22 + 1) is None
