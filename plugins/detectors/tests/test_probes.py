"""Many spellings of one thing that is refused are told; many refusals of many things are not."""

from __future__ import annotations

from collections.abc import Iterable

from occasio_core import Observation, Severity
from occasio_detectors import Probing
from plugins.detectors.tests.rows import findings, opened, seen


def refused(
    numbers: Iterable[int], rule: str = "deny_paths: **/.env", apart: float = 10, **more: str
) -> list[Observation]:
    told = {"action": "BLOCK", "reason": "path-denied", "tool_name": "shell_bash", "rule": rule, **more}
    return [seen(number * apart, input_digest=str(number), **told) for number in numbers]


def test_so_many_spellings_are_told_with_their_rows() -> None:
    rows = refused(range(5))
    (found,) = findings(opened(Probing()), rows)
    assert (found.severity, found.observed, found.rows) == (Severity.MEDIUM, 5, tuple(row.hash for row in rows))
    assert "deny_paths: **/.env" in found.message


def test_one_less_is_not() -> None:
    assert findings(opened(Probing()), refused(range(4))) == []


def test_many_more_matter_more_and_are_told_once_more() -> None:
    assert [one.severity for one in findings(opened(Probing()), refused(range(40)))] == [Severity.MEDIUM, Severity.HIGH]


def test_the_same_call_again_is_no_other_spelling() -> None:
    assert findings(opened(Probing()), refused([7] * 50)) == []


def test_many_things_that_are_refused_once_each_are_not_one() -> None:
    rows = [row for number in range(50) for row in refused([number], rule=f"deny_paths: {number}")]
    assert findings(opened(Probing()), rows) == []


def test_slow_ones_are_not_seen_and_the_options_can_change_that() -> None:
    slow = refused(range(10), apart=300)
    assert findings(opened(Probing()), slow) == []
    assert len(findings(opened(Probing(), at_least=3), slow)) == 1
    assert len(findings(opened(Probing(), window=3600), slow)) == 1


def test_refusals_that_no_rule_made_are_left_out() -> None:
    assert findings(opened(Probing()), refused(range(20), reason="limit-exceeded")) == []


def test_runs_are_apart() -> None:
    rows = [row for number in range(8) for row in refused([number], run=f"run {number}")]
    assert findings(opened(Probing()), rows) == []
