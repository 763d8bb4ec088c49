"""`unusual-hours`: an agent works in a project at an hour at which it hardly ever did.

Days are counted, not calls: a busy night is one day of many.  The hours are of UTC, as rows are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from occasio_core import DetectorSettings, Finding, Json, Observation, Severity, Watch
from occasio_detectors.bounded import PLACES, Bounded
from occasio_detectors.options import number

_DAY = 86_400
_DAYS = 60  # that are remembered
_SELDOM = 0.05  # of the days, the hours beside counted in


@dataclass(slots=True)
class _Place:
    """The last days of an agent in a project: of each, which hours it worked in, as bits."""

    days: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=_DAYS))
    today: int = -1
    hours: int = 0
    told: int = -1  # the day


class _Hours:
    kinds = frozenset({"tool_call"})

    def __init__(self, settings: DetectorSettings) -> None:
        self._days = number(settings.options, "days_before") * settings.multiplier
        self._places: Bounded[tuple[str, str], _Place] = Bounded(PLACES, _Place)

    def observe(self, row: Observation, /) -> Sequence[Finding]:
        """Return one finding a day at most, for work at an hour that is unlike the days before."""
        place = self._places.of((row.agent, row.project))
        day, hour = int(row.at // _DAY), int(row.at % _DAY // 3600)
        if day > place.today:
            if place.hours:
                place.days.append((place.today, place.hours))
            place.today, place.hours = day, 0
        is_seldom = self._is_seldom(place, hour)
        place.hours |= 1 << hour
        if not is_seldom or place.told == day:
            return ()
        place.told = day
        days = len(place.days)
        return [
            Finding(
                severity=Severity.LOW,
                message=f"the agent works at {hour:02d} o'clock (UTC), as it hardly did on {days} days before",
                rows=(row.hash,),
                tags=("attack.T1078",),
                hint="ask whoever started the run: occasio runs",
            )
        ]

    def _is_seldom(self, place: _Place, hour: int) -> bool:
        """Return whether the agent has hardly ever worked within two hours of `hour`."""
        if len(place.days) < self._days:
            return False
        near = sum(1 << (hour + offset) % 24 for offset in (-2, -1, 0, 1, 2))
        return sum(1 for _, hours in place.days if hours & near) <= _SELDOM * len(place.days)


class UnusualHours:
    """Tells of work at hours that are unlike the days before."""

    name = "unusual-hours"
    options: Mapping[str, Json] = MappingProxyType({"days_before": 14})

    def open(self, settings: DetectorSettings, /) -> Watch:
        """Return a watch over the hours of work."""
        return _Hours(settings)
