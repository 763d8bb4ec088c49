"""What happens more often than is ordinary for one agent in one project, by the time in which it was active.

A window of the clock is compared with windows of *active* time: a gap in which nothing happened counts as a short one,
so that nights and meetings do not make every busy hour look strange.  Each measure says what is counted.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import nan
from typing import NamedTuple, Protocol

from occasio_core import DetectorSettings, Finding, Observation, Severity
from occasio_detectors.baseline import Baseline, Bounds
from occasio_detectors.bounded import PLACES, Bounded

IDLE_SECONDS = 120.0  # what a longer gap counts as
MOST_EVENTS = 4096  # of a window; what comes beyond is an alarm long since
_HIGH = 8.0  # times the threshold
_ABOVE_PEAK = 2.0  # times what the worst alarm before came to: who alarms often is not more suspicious for it
_MEDIUM = 1.5
_ROWS = 8


class Event(NamedTuple):
    """Something that is counted: equal keys count once where the measure is of distinct things."""

    key: str
    weight: int = 1


class Measure(Protocol):
    """What is counted, and how it is told."""

    bounds: Bounds
    is_distinct: bool
    tags: tuple[str, ...]
    hint: str

    def events(self, row: Observation, /) -> Sequence[Event]:
        """Return what of `row` is counted."""

    def told(self, count: int, minutes: int, /) -> str:
        """Return a sentence about so many in a window."""


class _Entry(NamedTuple):
    at: float
    event: Event
    row: str


class Window:
    """What was counted in the last seconds; distinct things once."""

    def __init__(self, seconds: float, *, is_distinct: bool) -> None:
        self._seconds = seconds
        self._is_distinct = is_distinct
        self._entries: deque[_Entry] = deque()
        self._keys: Counter[str] = Counter()
        self._total = 0

    @property
    def count(self) -> int:
        """How much it is."""
        return len(self._keys) if self._is_distinct else self._total

    @property
    def rows(self) -> tuple[str, ...]:
        """The hashes of some of the rows: the first, and the last ones."""
        rows = list(dict.fromkeys(entry.row for entry in self._entries))
        return tuple(rows if len(rows) <= _ROWS else [rows[0], *rows[1 - _ROWS :]])

    def add(self, at: float, event: Event, row: str) -> None:
        """Count an event."""
        self._entries.append(_Entry(at, event, row))
        self._total += event.weight
        if self._is_distinct:
            self._keys[event.key] += 1
        if len(self._entries) > MOST_EVENTS:
            self._drop()

    def expire(self, at: float) -> None:
        """Forget what is older than the window at the time `at`; what is of a time to come, too: a clock was set."""
        while self._entries and not at - self._seconds <= self._entries[0].at <= at:
            self._drop()

    def _drop(self) -> None:
        entry = self._entries.popleft()
        self._total -= entry.event.weight
        if self._is_distinct:
            self._keys[entry.event.key] -= 1
            if not self._keys[entry.event.key]:
                del self._keys[entry.event.key]


@dataclass(slots=True)
class _Place:
    """One agent in one project."""

    window: Window
    baseline: Baseline
    last: float = nan  # of the row before; no gap is told from none
    active: float = 0.0  # seconds of the bucket that is being filled
    bucket: int = 0
    keys: set[str] = field(default_factory=set)
    told: Severity | None = None  # of the alarm that is on
    peak: int = 0  # of the alarms that are over
    height: int = 0  # of the one that is on


class RateWatch:
    """Watches one measure, for each agent in each project."""

    def __init__(self, measure: Measure, settings: DetectorSettings) -> None:
        self._measure = measure
        self._settings = settings
        self._places: Bounded[tuple[str, str], _Place] = Bounded(PLACES, self._new_place)
        self._agents: Bounded[str, Baseline] = Bounded(PLACES, lambda: Baseline(measure.bounds))
        self._key = ("", "")  # of the row before; most rows are of the same place
        self._here: _Place | None = None

    def observe(self, row: Observation, /) -> Sequence[Finding]:
        """Return an alarm when the window of the row's agent and project becomes unlike those before it."""
        key = row.agent, row.project
        place = self._here
        if place is None or key != self._key:
            self._key = key
            place = self._here = self._places.of(key)
        gap, place.last = row.at - place.last, row.at
        if gap > 0:
            place.active += min(gap, IDLE_SECONDS)
            if place.active >= self._settings.window:
                self._learn(place, row)
        events = self._measure.events(row)
        if not events:
            return ()
        place.window.expire(row.at)
        for event in events:
            place.window.add(row.at, event, row.hash)
            self._fill(place, event)
        return self._judged(place, row)

    def _new_place(self) -> _Place:
        window = Window(self._settings.window, is_distinct=self._measure.is_distinct)
        return _Place(window, Baseline(self._measure.bounds))

    def _learn(self, place: _Place, row: Observation) -> None:
        """Learn the bucket that is full, and begin another."""
        place.baseline.add(place.bucket, row.run_id)
        self._agents.of(row.agent).add(place.bucket, row.run_id)
        place.active, place.bucket = 0.0, 0
        place.keys.clear()

    def _fill(self, place: _Place, event: Event) -> None:
        if not self._measure.is_distinct:
            place.bucket += event.weight
        elif event.key not in place.keys and len(place.keys) < MOST_EVENTS:
            place.keys.add(event.key)
            place.bucket += 1

    def _judged(self, place: _Place, row: Observation) -> Sequence[Finding]:
        count = place.window.count
        known = place.baseline if place.baseline.is_mature else self._agents.of(row.agent)
        bounds = self._measure.bounds
        threshold = known.ordinary().threshold if known.is_mature else bounds.cold
        threshold *= self._settings.multiplier
        if count < threshold / 2:
            place.peak, place.height, place.told = max(place.peak, place.height), 0, None
        if count < threshold:
            return ()
        place.height = max(place.height, count)
        is_extreme = known.is_mature and count >= _ABOVE_PEAK * place.peak
        severity = _severity(count / threshold, is_extreme=is_extreme)
        if place.told is not None and place.told.rank >= severity.rank:
            return ()
        place.told = severity
        return [self._finding(count, severity, known, place)]

    def _finding(self, count: int, severity: Severity, known: Baseline, place: _Place) -> Finding:
        minutes = max(1, round(self._settings.window / 60))
        told, middle = self._measure.told(count, minutes), round(known.ordinary().middle)
        ordinary = f"{middle} is ordinary here" if known.is_mature else "nothing is known yet of what is ordinary here"
        return Finding(
            severity=severity,
            message=f"{told}; {ordinary}",
            rows=place.window.rows,
            tags=self._measure.tags,
            hint=self._measure.hint,
            observed=count,
            expected=middle if known.is_mature else None,
        )


def _severity(ratio: float, *, is_extreme: bool) -> Severity:
    """Return how much it matters that a threshold is exceeded so many times.

    HIGH is only what is extreme beside all that is known; where nothing is known of what is ordinary, nothing is.
    """
    if is_extreme and ratio >= _HIGH:
        return Severity.HIGH
    return Severity.MEDIUM if ratio >= _MEDIUM else Severity.LOW
