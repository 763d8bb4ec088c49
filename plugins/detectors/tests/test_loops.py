"""Calls that repeat themselves are told, and work that only looks alike is not."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from occasio_core import Observation, Severity
from occasio_detectors import Loop
from plugins.detectors.tests.rows import findings, opened, seen


def calls(digests: Iterable[str], session: str = "s") -> list[Observation]:
    return [
        seen(at, tool_name="shell_bash", input_digest=digest, session_id=session) for at, digest in enumerate(digests)
    ]


@pytest.mark.parametrize("round_", ["a", "ab", "abc", "abcd"])
def test_a_round_that_is_made_ten_times_is_told(round_: str) -> None:
    assert findings(opened(Loop()), calls(round_ * 9)) == []
    (found,) = findings(opened(Loop()), calls(round_ * 10))
    assert (found.severity, found.observed) == (Severity.MEDIUM, 10)


def test_one_that_does_not_end_matters_more() -> None:
    assert [one.severity for one in findings(opened(Loop()), calls("ab" * 100))] == [Severity.MEDIUM, Severity.HIGH]


def test_editing_and_testing_is_work() -> None:
    rows = calls(part for number in range(50) for part in (f"edit {number}", "test"))
    assert findings(opened(Loop()), rows) == []


def test_a_loop_that_ends_and_begins_again_is_told_again() -> None:
    assert len(findings(opened(Loop()), calls([*"a" * 12, "x", "y", *"a" * 12]))) == 2


def test_sessions_that_take_turns_are_looked_at_alone() -> None:
    mixed = [row for pair in zip(calls("a" * 12, "1"), calls(map(str, range(12)), "2"), strict=True) for row in pair]
    assert len(findings(opened(Loop()), mixed)) == 1
