"""Doors that saw less than they should have are told."""

from __future__ import annotations

from occasio_core import Observation, Severity
from occasio_detectors import CoverageGap
from plugins.detectors.tests.rows import findings, opened, seen

BOTH = seen(0, "run_started", enforcement_points=["proxy", "hook"])
PROXY = seen(0, "run_started", enforcement_points=["proxy"])


def decided(number: int, action: str = "PASS", protocol: str = "anthropic-http") -> Observation:
    return seen(number, call_id=f"c{number}", action=action, protocol=protocol)


def came(number: int) -> Observation:
    return seen(number + 0.5, "tool_result", call_id=f"c{number}")


def spoke(number: int) -> Observation:
    return seen(number + 0.2, "hook_event", event="PreToolUse", call_id=f"c{number}")


def ended(at: float, reason: str = "exit") -> Observation:
    return seen(at, "run_ended", reason=reason)


def test_a_run_in_which_every_call_has_its_outcome_is_whole() -> None:
    rows = [row for number in range(50) for row in (decided(number), spoke(number), came(number))]
    assert findings(opened(CoverageGap()), [BOTH, *rows, ended(99)]) == []


def test_a_result_that_nobody_decided_is_told_at_once_and_once_more_if_there_are_others() -> None:
    rows = [came(number) for number in range(10)]
    found = findings(opened(CoverageGap()), [PROXY, *rows])
    assert [one.severity for one in found] == [Severity.MEDIUM, Severity.HIGH]
    assert found[0].rows == (rows[0].hash,)


def test_hooks_that_fall_silent_are_told_once() -> None:
    rows = [row for number in range(20) for row in (decided(number), came(number))]
    (found,) = findings(opened(CoverageGap()), [BOTH, decided(99), spoke(99), came(99), *rows])
    assert found.severity is Severity.MEDIUM
    assert "hooks have not spoken of its last 5 calls" in found.message


def test_a_hook_that_decides_itself_speaks() -> None:
    rows = [decided(number, protocol="hook" if number % 3 == 0 else "anthropic-http") for number in range(30)]
    assert findings(opened(CoverageGap()), [BOTH, *rows]) == []


def test_without_hooks_none_can_fall_silent_and_refused_calls_have_none() -> None:
    assert findings(opened(CoverageGap()), [PROXY, *(decided(number) for number in range(30))]) == []
    assert findings(opened(CoverageGap()), [BOTH, *(decided(number, "BLOCK") for number in range(30))]) == []


def test_outcomes_that_are_missing_at_the_end_are_told() -> None:
    rows = [decided(number) for number in range(4)]
    (found,) = findings(opened(CoverageGap()), [PROXY, *rows, ended(9)])
    assert (found.severity, len(found.rows)) == (Severity.LOW, 4)


def test_a_run_that_was_broken_off_or_lost_few_is_not() -> None:
    rows = [decided(number) for number in range(9)]
    assert findings(opened(CoverageGap()), [PROXY, *rows, ended(9, "signal")]) == []
    assert findings(opened(CoverageGap()), [PROXY, *rows[:3], ended(9)]) == []
