"""SECURITY.md claims no control without a test that shows it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.layout.source import ROOT, text

_NAME = re.compile(r"`(test_\w+)`")
_DEFINED = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)


def rows() -> list[list[str]]:
    """Return the cells of the tables in the review by doors."""
    review = text(Path("SECURITY.md")).split("## Door by door")[1].split("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in review.splitlines() if line[:2] == "| "]
    return [row for row in cells if row[0]]


def test_every_control_has_a_test_that_is_there() -> None:
    files = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "plugins").glob("*/tests/**/test_*.py")]
    defined = {name for path in files for name in _DEFINED.findall(path.read_text(encoding="utf-8"))}
    assert len(rows()) > 30
    assert [row[1] for row in rows() if not _NAME.findall(row[3])] == []
    assert sorted({name for row in rows() for cell in row for name in _NAME.findall(cell)} - defined) == []


def test_every_letter_of_stride_is_looked_for() -> None:
    assert {row[0] for row in rows()} == {"spoofing", "tampering", "repudiation", "disclosure", "denial", "elevation"}
