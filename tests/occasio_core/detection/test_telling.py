"""A finding is told in lines that fit a terminal and do nothing else to it."""

from __future__ import annotations

from occasio_core import Finding, Severity
from occasio_core.detection.telling import lines
from occasio_core.detection.watcher import Found


def test_it_is_told_with_rows_and_what_to_do() -> None:
    rows = tuple(f"{number:064x}" for number in range(6))
    finding = Finding(severity=Severity.HIGH, message="odd", rows=rows, hint="look")
    assert lines(Found(detector="p.d", at=0, run_id="abcdefghij", finding=finding)) == [
        "HIGH    1970-01-01 00:00:00Z  p.d  run abcdefgh",
        "        odd",
        "        hint: look",
        f"        rows: {' '.join(['0' * 12] * 4)} …",
    ]


def test_nothing_in_it_moves_a_terminal_or_is_wider_than_it() -> None:
    finding = Finding(severity=Severity.LOW, message="\x1b[2J" + "word " * 60)
    told = lines(Found(detector="p.d", at=0, run_id="", finding=finding))
    assert all(line.isprintable() and len(line) <= 80 for line in told)
    assert told[0].endswith("run -")
