"""Long readings are shown, short ones are not, and a terminal is left as it was."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from occasio_core.cli import progress


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log"
    path.write_bytes(bytes(200))
    return path


def test_what_is_over_soon_is_not_shown(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_AFTER_SECONDS", 3600)
    with progress.reading(log, also_elsewhere=True) as tell:
        tell(200)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("at_terminal", "also_elsewhere", "shown"),
    [
        (True, False, "\rreading: 25 %\rreading: 100 %\r\x1b[K"),
        (True, True, "\rreading: 25 %\rreading: 100 %\r\x1b[K"),
        (False, True, "reading: 25 %\nreading: 100 %\n"),
        (False, False, ""),
    ],
)
def test_what_takes_long_is_shown_when_it_changes(
    at_terminal: bool,
    also_elsewhere: bool,
    shown: str,
    log: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "_AFTER_SECONDS", -1)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: at_terminal, raising=False)
    with progress.reading(log, "reading", also_elsewhere=also_elsewhere) as tell:
        for offset in (50, 51, 300):  # a log may have grown meanwhile
            tell(offset)
    assert capsys.readouterr() == ("", shown)


def test_a_log_that_is_not_there_is_no_reason_to_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_AFTER_SECONDS", -1)
    with progress.reading(tmp_path / "none", also_elsewhere=True) as tell:
        tell(0)
