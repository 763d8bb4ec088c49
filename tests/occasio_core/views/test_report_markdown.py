"""A report as markdown has tables whose cells nothing from a row can end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from occasio_core.views import report_markdown as module
from occasio_core.views.report_markdown import as_markdown
from tests.occasio_core.views.reports import hostile, report_of, run

if TYPE_CHECKING:
    import pytest


def test_every_row_of_a_table_has_as_many_cells_as_its_heading() -> None:
    lines = list(as_markdown(report_of(hostile().rows)))
    width = 0
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith("|"):
            cells = len(re.findall(r"(?<!\\)\|", line))
            width = cells if not before.startswith("|") else width
            assert cells == width, line


def test_the_tables_have_the_sum_the_events_and_what_was_touched() -> None:
    text = "\n".join(as_markdown(report_of(run().rows)))
    assert "| blocked calls | 1 |" in text
    assert "| call refused | `read_file` | `/w/b` | `path-denied` | `deny_paths: b` |" in text
    assert "| execute | `cat` | 1 |" in text
    assert "From the first row to the last row." in text


def test_of_long_lists_the_end_is_shown_and_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_EVENTS", 2)
    monkeypatch.setattr(module, "MOST_ACCESSES", 1)
    report = report_of(run().rows)
    report.unlisted = 7
    text = "\n".join(as_markdown(report))
    assert f"## Events (2 of {len(report.events)})" in text
    assert "## Touched (1 of 2)" in text
    assert "| run abandoned |" in text
    assert text.endswith("and 7 touches of more targets than are listed")
