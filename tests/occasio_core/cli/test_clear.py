"""`occasio clear` drops what is kept beside the log, of today or of all days, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from occasio_core.cli import exit_code

TODAY = f"{datetime.now(UTC):%Y-%m-%d}"
KEPT = (
    "pipeline-events.jsonl",
    "policy.yml",
    "checkpoint",
    "keys/log.pem",
    "runs/a.json",
    "policies/a.yml",
    "logs/mine",
    "baseline/mine.json",
)
BASELINE = "baseline/0123456789abcdef.json"
OLD, NEW = "2020-01-31.jsonl", f"{TODAY}.jsonl"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OCCASIO_HOME", str(tmp_path))
    for name in (*KEPT, f"logs/{OLD}", f"logs/{NEW}", f"distilled/{OLD}", f"distilled/{NEW}", BASELINE):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return tmp_path


def left(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}


def test_today_is_dropped_and_nothing_else(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["clear"]) == 0
    assert left(home) == {*KEPT, f"logs/{OLD}", f"distilled/{OLD}", BASELINE}
    assert capsys.readouterr().out == "2 files dropped; the log is as it was\n"


def test_with_history_all_days_are_dropped_and_nothing_else(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {name: (home / name).read_bytes() for name in KEPT}
    assert exit_code(["clear", "--history", "--json"]) == 0
    assert left(home) == {*KEPT}
    assert {name: (home / name).read_bytes() for name in KEPT} == before
    assert len(json.loads(capsys.readouterr().out)["dropped"]) == 5


def test_a_home_that_is_not_there_has_nothing_to_drop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OCCASIO_HOME", str(tmp_path / "none"))
    assert exit_code(["clear"]) == 0
    assert capsys.readouterr().out.startswith("0 files dropped")
    assert not (tmp_path / "none").exists()
