"""More refusals than are ordinary are told."""

from __future__ import annotations

from occasio_core import Severity
from occasio_detectors import DenyRate
from plugins.detectors.tests.rows import findings, opened, seen


def passed(at: float, **more: str) -> object:
    return seen(at, action="PASS", **more)


def test_refused_calls_are_counted_and_others_are_not() -> None:
    watch = opened(DenyRate())
    rows = [seen(at, action=action) for at in range(30) for action in ("PASS", "LOCAL", "TRANSFORM")]
    assert findings(watch, [*rows, seen(31, "tool_result", result_kind="withheld")]) == []
    found = findings(watch, [seen(40 + at, action="BLOCK") for at in range(8)])
    assert [(one.severity, one.observed, one.expected) for one in found] == [(Severity.LOW, 8, None)]


def test_a_finding_says_what_was_counted_and_what_to_do() -> None:
    (found,) = findings(opened(DenyRate()), [seen(at, action="BLOCK") for at in range(8)])
    assert found.message == "8 calls were refused within 15 minutes; nothing is known yet of what is ordinary here"
    assert found.hint
    assert found.tags
    assert len(found.rows) == 8
