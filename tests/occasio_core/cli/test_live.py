"""`occasio live` draws the newest run again and again, or prints rows as they come, until it is interrupted."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from occasio_core.cli import live as module
from tests.occasio_core.cli.commands import Captured, occasio
from tests.occasio_core.reading.logs import written
from tests.occasio_core.views.rows import Run


@pytest.fixture
def run(home: Path) -> Run:
    made = Run().call("a", inputs={"path": "/w/a"})
    written(home, made.log)
    return made


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What happens while it waits, one thing each time; then somebody presses Ctrl-C."""
    waiting: list[Callable[[], object]] = []

    def sleep(seconds: float) -> None:
        if not waiting:
            raise KeyboardInterrupt
        waiting.pop(0)()

    monkeypatch.setattr(module.time, "sleep", sleep)
    return waiting


def test_new_rows_are_lines_and_old_ones_are_not(
    run: Run, steps: list[Callable[[], object]], home: Path, capsys: Captured
) -> None:
    steps.append(lambda: written(home, run.result("a").request().log))
    steps.append(lambda: written(home, run.end().log))
    assert occasio("live") == 0
    assert [line.split()[2] for line in capsys.readouterr().out.splitlines()] == ["tool_result", "request", "run_ended"]


def test_of_a_run_that_is_named_all_rows_are_lines(
    run: Run, steps: list[Callable[[], object]], home: Path, capsys: Captured
) -> None:
    steps.append(lambda: written(home, run.result("a").log))
    assert occasio("live", "--run", "7f1d", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == run.log.rows


def test_a_terminal_is_drawn_on(
    run: Run, steps: list[Callable[[], object]], home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.append(lambda: written(home, run.call("b", "BLOCK", inputs={"path": "/w/secret"}, reason="path-denied").log))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    assert occasio("live") == 0
    first, _, second = capsys.readouterr().out.rpartition("calls ")
    assert "read_file /w/a" in first
    assert "read_file /w/secret (path-denied)" in second


def test_a_log_that_is_damaged_meanwhile_ends_it(
    run: Run, steps: list[Callable[[], object]], home: Path, capsys: Captured
) -> None:
    def damage() -> None:
        with written(home, run.log).open("ab") as file:
            file.write(b"{}\n")

    steps.append(damage)
    assert occasio("live") == 1
    assert "the log is damaged at line" in capsys.readouterr().err


@pytest.mark.usefixtures("run", "steps")
def test_what_is_followed_has_no_end(capsys: Captured) -> None:
    assert occasio("live", "--until", "1d") == 2
    assert "--until" in capsys.readouterr().err
