"""Work at hours that are unlike the days before is told."""

from __future__ import annotations

from collections.abc import Iterator

from occasio_core import Observation, Severity
from occasio_detectors import UnusualHours
from plugins.detectors.tests.rows import findings, opened, seen

DAY, HOUR = 86_400, 3_600


def days(count: int, hours: range = range(9, 18)) -> Iterator[Observation]:
    for day in range(count):
        for hour in hours:
            yield seen(day * DAY + hour * HOUR)


def test_work_at_night_is_told_once_a_day() -> None:
    watch = opened(UnusualHours())
    assert findings(watch, days(20)) == []
    night = [seen(20 * DAY + 3 * HOUR + minute * 60) for minute in range(50)]
    (found,) = findings(watch, night)
    assert (found.severity, found.rows) == (Severity.LOW, (night[0].hash,))
    assert "03 o'clock (UTC), as it hardly did on 20 days before" in found.message


def test_an_hour_beside_is_not_unusual() -> None:
    watch = opened(UnusualHours())
    findings(watch, days(20))
    assert findings(watch, [seen(20 * DAY + hour * HOUR) for hour in (7, 19)]) == []


def test_before_there_are_enough_days_nothing_is() -> None:
    watch = opened(UnusualHours())
    findings(watch, days(10))
    assert findings(watch, [seen(10 * DAY + 3 * HOUR)]) == []


def test_one_night_full_of_calls_is_one_day() -> None:
    watch = opened(UnusualHours())
    findings(watch, days(20))
    findings(watch, [seen(20 * DAY + 3 * HOUR + second) for second in range(3000)])
    assert len(findings(watch, [seen(21 * DAY + 3 * HOUR)])) == 1


def test_whoever_works_at_night_every_day_is_ordinary() -> None:
    assert findings(opened(UnusualHours()), days(40, range(5))) == []
