"""A ratio that has become worse than noise explains is found, and noise is not."""

from __future__ import annotations

import math

from benchmarks.check import Kept, regressions


def found(kept: list[float], seen: list[float], *, is_more_better: bool = False) -> list[tuple[str, float, float]]:
    before: dict[str, Kept] = {"it": {"ratios": kept, "is_more_better": is_more_better}}
    return list(regressions(before, {"it": seen}, 0.15))


def test_what_is_as_it_was_is_no_regression() -> None:
    assert found([1.0, 1.1, 1.2], [1.1, 1.3, 1.2]) == []


def test_one_good_round_shows_that_the_others_were_noise() -> None:
    assert found([1.0, 1.2], [3.0, 1.15, 2.0]) == []


def test_what_takes_longer_in_every_round_is_one() -> None:
    assert found([1.0, 1.2], [1.5, 1.4, 1.6]) == [("it", 1.2, 1.4)]


def test_what_lies_between_the_kept_rounds_and_the_slack_is_none() -> None:
    assert found([1.0, 1.2], [1.37, 1.5]) == []


def test_a_speed_that_falls_is_one_and_one_that_rises_is_none() -> None:
    assert found([3.0, 2.8], [2.0, 1.5], is_more_better=True) == [("it", 2.8, 2.0)]
    assert found([3.0, 2.8], [9.0], is_more_better=True) == []


def test_what_is_not_measured_any_more_is_one() -> None:
    ((name, worst, seen),) = found([1.0], [])
    assert (name, worst) == ("it", 1.0) and math.isnan(seen)
