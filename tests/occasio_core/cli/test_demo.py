"""`occasio demo attest` finds a place for the evidence, and a width for what it prints."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from occasio_core.cli import exit_code
from occasio_core.demo import anomalies, attest

Shown = list[tuple[Path, Console]]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """What the demo was asked to show, which is tested by itself and takes seconds."""
    asked: Shown = []
    monkeypatch.setattr(attest, "attest_demo", lambda path, console: asked.append((path, console)))
    return asked


def test_the_folder_is_made(tmp_path: Path, shown: Shown) -> None:
    assert exit_code(["demo", "attest", "--out", str(tmp_path / "a" / "b")]) == 0
    assert shown[0][0] == tmp_path / "a" / "b"
    assert shown[0][0].is_dir()


def test_a_relative_folder_is_below_the_working_directory(
    tmp_path: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert exit_code(["demo", "attest", "--out", "here"]) == 0
    assert shown[0][0] == tmp_path / "here"


def test_without_a_folder_a_new_one_is_made_each_time(
    tmp_path: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert [exit_code(["demo", "attest"]) for _ in range(2)] == [0, 0]
    assert len({path for path, _ in shown}) == 2
    assert all(path.parent == tmp_path for path, _ in shown)


def test_a_file_where_the_folder_should_be_is_wrong_use(
    tmp_path: Path, shown: Shown, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_bytes(b"")
    assert exit_code(["demo", "attest", "--out", str(tmp_path / "taken")]) == 2
    assert "is a file" in capsys.readouterr().err
    assert shown == []


@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("300", attest.WIDTH)])
def test_it_is_shown_as_wide_as_the_terminal_and_no_wider_than_reads_well(
    tmp_path: Path, shown: Shown, columns: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert exit_code(["demo", "attest", "--out", str(tmp_path)]) == 0
    assert shown[0][1].width == width


def test_the_detectors_are_shown_once_for_each_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(anomalies, "anomalies_demo", lambda path, say: asked.append(path) or len(asked) == 1)
    assert [exit_code(["demo", "anomalies", "--out", str(tmp_path / name)]) for name in "ab"] == [0, 1]
    assert asked == [tmp_path / "a", tmp_path / "b"]
    (tmp_path / "a" / "home").mkdir(parents=True)
    assert exit_code(["demo", "anomalies", "--out", str(tmp_path / "a")]) == 2
    assert "there is a demonstration in" in capsys.readouterr().err
