"""`occasio recap` prints a run as markdown, or its parts as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from tests.occasio_core.cli.commands import Captured, occasio
from tests.occasio_core.reading.logs import every_kind, written
from tests.samples import RUN


def test_a_recap_is_of_the_run_that_was_asked_for(home: Path, capsys: Captured) -> None:
    written(home, every_kind())
    assert occasio("recap", "--run", RUN[:4]) == 0
    assert capsys.readouterr().out.startswith("## What claude-code did in run 7f1d0c1e\n\nFrom 2026-01-02 00:00:00Z")
    assert occasio("recap", "--run", RUN[:4], "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["run"]["run_id"] == RUN
    assert told["files"]["read"] == ["0", "2", "3", "4"]
