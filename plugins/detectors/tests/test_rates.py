"""Rates are those of one agent in one project, over the time in which it was active."""

from __future__ import annotations

from collections.abc import Iterator

from occasio_core import Observation, Severity
from occasio_detectors import DenyRate
from occasio_detectors.bounded import PLACES
from occasio_detectors.rates import MOST_EVENTS, Event, RateWatch, Window
from plugins.detectors.tests.rows import findings, opened, seen

HOUR = 3600.0
DAY = 24 * HOUR


def work(start: float, hours: float, denied_every: int = 0, **more: str) -> Iterator[Observation]:
    """Work with a call each minute; of so many calls one is refused."""
    for number in range(int(hours * 60)):
        is_denied = denied_every and number % denied_every == 0
        yield seen(start + 60 * number, action="BLOCK" if is_denied else "PASS", **more)


def days(count: int, denied_every: int = 0, **more: str) -> Iterator[Observation]:
    """Days with three hours of work in each, and nights."""
    for day in range(count):
        yield from work(day * DAY, 3, denied_every, run=f"run {day}", **more)


def refused(start: float, count: int, apart: float = 5, **more: str) -> list[Observation]:
    return [seen(start + apart * number, action="BLOCK", **more) for number in range(count)]


def severities(rows: list[Observation], before: list[Observation]) -> list[Severity]:
    watch = opened(DenyRate())
    assert findings(watch, before) == []
    return [one.severity for one in findings(watch, rows)]


def test_154_idle_nights_make_no_busy_hour_strange() -> None:
    watch = opened(DenyRate())
    # two refusals in each quarter of an hour of work; by the clock, with its nights, that would be one in an hour
    assert findings(watch, days(20, denied_every=7)) == []
    assert findings(watch, [*work(20 * DAY, 1, denied_every=4, run="busy")]) == []


def test_more_than_is_ordinary_here_is_told() -> None:
    assert severities(refused(10 * DAY, 12), list(days(5))) == [Severity.LOW, Severity.MEDIUM]


def test_what_is_ordinary_here_is_no_alarm() -> None:
    assert severities(refused(10 * DAY, 8), list(days(8, denied_every=4))) == []


def test_a_first_alarm_is_not_high_but_for_an_extreme_one() -> None:
    assert severities(refused(10 * DAY, 40), list(days(5)))[-1] is Severity.MEDIUM
    assert severities(refused(10 * DAY, 60), list(days(5)))[-1] is Severity.HIGH


def test_who_alarms_often_is_high_only_for_far_more_than_before() -> None:
    watch = opened(DenyRate())
    findings(watch, [*days(5), *refused(10 * DAY, 40)])
    again = [one.severity for one in findings(watch, [*work(11 * DAY, 0.1), *refused(11 * DAY + HOUR, 60)])]
    assert again[-1] is Severity.MEDIUM
    worse = [one.severity for one in findings(watch, [*work(12 * DAY, 0.1), *refused(12 * DAY + HOUR, 130)])]
    assert worse[-1] is Severity.HIGH


def test_where_nothing_is_known_nothing_is_high() -> None:
    assert max(severities(refused(0, 500, apart=1), []), key=lambda each: each.rank) is Severity.MEDIUM


def test_an_alarm_is_told_once_while_it_lasts_and_again_when_it_has_gone() -> None:
    watch = opened(DenyRate())
    assert len(findings(watch, refused(0, 9))) == 1
    assert findings(watch, [*work(60, 0.1), *refused(700, 2)]) == []
    assert len(findings(watch, [*work(3000, 0.5), *refused(5000, 9)])) == 1


def test_155_agents_and_projects_are_apart() -> None:
    for other in ({"agent": "codex"}, {"project": "/q"}):
        watch = opened(DenyRate())
        mixed = [row for pair in zip(refused(0, 7), refused(0, 7, **other), strict=True) for row in pair]
        assert findings(watch, mixed) == []


def test_a_new_project_of_a_known_agent_is_judged_by_what_is_known_of_the_agent() -> None:
    watch = opened(DenyRate())
    assert findings(watch, [*days(8, denied_every=3)]) == []
    assert findings(watch, refused(10 * DAY, 8, project="/new")) == []
    assert findings(watch, refused(11 * DAY, 8, project="/new", agent="unknown"))


def test_155_an_attacker_who_goes_slowly_moves_it_little() -> None:
    watch = opened(DenyRate())
    findings(watch, days(8))
    slow = [*work(20 * DAY, 24, denied_every=4, run="attacker")]  # four in each window, below every threshold
    assert findings(watch, slow) == []
    found = findings(watch, refused(22 * DAY, 14, run="attacker"))
    assert found[0].observed is not None
    assert found[0].observed <= 9


def test_a_clock_that_goes_back_or_far_ahead_breaks_nothing() -> None:
    watch = opened(DenyRate())
    rows = [*refused(1e9, 4), *refused(9e9, 4), *refused(1e9 + 100, 4)]
    assert findings(watch, rows) == []
    assert findings(watch, refused(1e9 + 200, 8))


def test_memory_is_bounded_whatever_comes() -> None:
    watch = opened(DenyRate())
    assert isinstance(watch, RateWatch)
    findings(watch, [seen(0, action="BLOCK", agent=f"a{number}") for number in range(PLACES + 50)])
    assert len(watch._places) <= PLACES
    window = Window(900, is_distinct=True)
    for number in range(MOST_EVENTS + 500):
        window.add(0, Event(str(number)), "row")
    assert (len(window._entries), window.count) == (MOST_EVENTS, MOST_EVENTS)


def test_thresholds_are_multiplied() -> None:
    assert findings(opened(DenyRate(), multiplier=2), refused(0, 15)) == []
    assert findings(opened(DenyRate(), multiplier=0.5), refused(0, 4))


def test_distinct_things_count_once_and_are_forgotten_one_by_one() -> None:
    window = Window(10, is_distinct=True)
    for at, key in ((0, "a"), (1, "b"), (2, "a")):
        window.add(at, Event(key), f"row {at}")
    assert window.count == 2
    window.expire(10.5)
    assert window.count == 2
    window.expire(11.5)
    assert (window.count, window.rows) == (1, ("row 2",))
