"""Requests that cost more than is ordinary are told."""

from __future__ import annotations

from occasio_core import Observation, Severity
from occasio_detectors import CostRate
from plugins.detectors.tests.rows import findings, opened, seen


def asked(at: float, dollars: float) -> Observation:
    return seen(at, "request", cost_micro_usd=int(dollars * 1_000_000), run=f"run {at // 3600}")


def test_where_nothing_is_known_ten_dollars_are_many() -> None:
    assert findings(opened(CostRate()), [asked(at, 0.5) for at in range(19)]) == []
    (found,) = findings(opened(CostRate()), [asked(at, 0.5) for at in range(20)])
    assert found.message.startswith("requests cost $10.00 within 15 minutes")


def test_fractions_of_a_cent_add_up() -> None:
    assert len(findings(opened(CostRate(), at_least_cold=1), [asked(at, 0.004) for at in range(3)])) == 1


def test_what_is_ordinary_here_is_no_alarm_and_many_times_as_much_is() -> None:
    watch = opened(CostRate())
    month = [asked(at * 60, 0.4) for at in range(3000)]
    assert [one for one in findings(watch, month) if one.severity is not Severity.LOW] == []
    assert findings(watch, [asked(3000 * 60 + at, 5) for at in range(60)])[-1].severity.rank >= Severity.MEDIUM.rank


def test_requests_without_a_price_count_nothing() -> None:
    rows = [seen(at, "request", input_tokens=10**6) for at in range(100)]
    assert findings(opened(CostRate(), at_least_cold=1), rows) == []
