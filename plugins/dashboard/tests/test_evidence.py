"""A run's evidence is made and verified by Occasio's own commands, and nothing of it is left."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from occasio_core import OccasioError, open_reader
from occasio_dashboard import evidence
from occasio_dashboard.evidence import Evidence
from tests.occasio_core.reading.logs import OTHER, every_kind, written


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("evidence") / "demo-out"
    command = [sys.executable, "-m", "occasio_core", "demo", "attest", "--out", str(place)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return place


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path / "tmp"


def test_a_run_that_ended_is_intact_and_nothing_is_left(demo: Path, folder: Path) -> None:
    with open_reader(demo / "home") as reader:
        (run,) = reader.runs()
    report: Any = asyncio.run(Evidence(demo / "home").report(run.run_id))
    assert report["verdict"] == "INTACT"
    assert {check["status"] for check in report["checks"]} == {"pass", "not-checked"}
    assert list(folder.iterdir()) == []


def test_a_run_of_which_there_is_no_bundle_is_told_as_the_command_tells_it(tmp_path: Path, folder: Path) -> None:
    written(tmp_path / "home", every_kind())
    with pytest.raises(OccasioError, match="cannot be attested") as told:
        asyncio.run(Evidence(tmp_path / "home").report(OTHER))
    assert "still open" in told.value.hint
    assert list(folder.iterdir()) == []


def test_who_goes_away_leaves_no_process(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began = tmp_path / "began"
    script = f"import os, sys, time; open({str(began)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    monkeypatch.setattr(evidence, "_OCCASIO", (sys.executable, "-c", script))

    def process() -> int | None:
        return int(text) if began.exists() and (text := began.read_text()) else None

    async def going_away() -> None:
        asking = asyncio.create_task(Evidence(tmp_path).report("run-1"))
        while process() is None:  # noqa: ASYNC110 - it is another process that begins
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(going_away())
    with pytest.raises(ProcessLookupError):
        os.kill(process() or 0, 0)
    assert list(folder.iterdir()) == []
