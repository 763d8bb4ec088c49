"""More different files than are ordinary are told."""

from __future__ import annotations

from occasio_core import Severity
from occasio_detectors import ReadVolume
from plugins.detectors.tests.rows import findings, opened, seen


def reads(at: float, *paths: str, action: str = "PASS") -> object:
    return seen(at, action=action, effects=[f"read {path}" for path in paths])


def test_different_files_are_counted() -> None:
    watch = opened(ReadVolume())
    assert findings(watch, [seen(at, action="PASS", effects=["read /p/same"]) for at in range(500)]) == []
    rows = [seen(500 + at, action="PASS", effects=[f"read /p/{at}", f"write /p/w{at}"]) for at in range(90)]
    found = findings(watch, rows)
    assert [(one.severity, one.observed) for one in found] == [(Severity.LOW, 60), (Severity.MEDIUM, 90)]
    assert found[0].message.startswith("60 different files were read within 15 minutes")


def test_what_was_refused_was_not_read() -> None:
    watch = opened(ReadVolume())
    assert findings(watch, [seen(at, action="BLOCK", effects=[f"read /p/{at}"]) for at in range(200)]) == []


def test_files_of_one_call_count_each() -> None:
    rows = [seen(at, action="LOCAL", effects=[f"read /p/{at}/{name}" for name in range(30)]) for at in range(2)]
    assert len(findings(opened(ReadVolume()), rows)) == 1


def test_a_row_without_effects_counts_nothing() -> None:
    assert findings(opened(ReadVolume(), at_least_cold=1), [seen(0), seen(1, "tool_result")]) == []
