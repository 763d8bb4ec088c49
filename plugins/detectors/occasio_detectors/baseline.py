"""How much of something is ordinary in one window of active time, learned from what came before.

Robust on purpose: it is a median, the median of the distances from it, an upper quantile, and the exact tail of a
Poisson distribution, over the last buckets.  One run has a limited share of the buckets, less than what lies above the
quantile; a bucket counts no more than would have raised an alarm; and until several runs have contributed nothing that
was learned lifts a threshold above a fixed ceiling: whoever makes rows in order to be taken for ordinary moves it a
little.  What is old is forgotten as new buckets come.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from math import ceil, exp, sqrt
from statistics import median

BUCKETS = 96  # of a window each: a day of active work
RUN_SHARE = 12  # buckets that one run may fill: those of its beginning
MATURE = 8  # buckets from which on something can be said
TRUSTED_RUNS = 4  # runs from which on the ceiling is lifted
_SPREAD = 6 * 1.4826  # six standard deviations, were it a normal distribution
_UPPER = 0.85  # of the buckets are below; one run may fill an eighth of them
_ABOVE_UPPER = 1.75
_SELDOM = 1e-5  # how often chance alone may reach a threshold in one window


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Thresholds of one measure: `floor` below which nothing is said, `cold` while nothing is known, `ceiling`."""

    floor: int
    cold: int
    ceiling: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordinary:
    """What is ordinary: the median of a window, and the count from which on it is not any more."""

    middle: float
    threshold: float


class Baseline:
    """What was counted in the last windows of active time."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._buckets: deque[tuple[str, int]] = deque()
        self._shares: Counter[str] = Counter()
        self._ordinary: Ordinary | None = None

    @property
    def is_mature(self) -> bool:
        """Whether enough is known to judge by."""
        return len(self._buckets) >= MATURE

    def add(self, count: int, run: str) -> None:
        """Learn what was counted in one window of `run`."""
        if self._shares[run] >= RUN_SHARE:
            return
        clipped = min(count, int(self.ordinary().threshold)) if self.is_mature else min(count, self._bounds.ceiling)
        self._buckets.append((run, clipped))
        self._shares[run] += 1
        if len(self._buckets) > BUCKETS:
            old, _ = self._buckets.popleft()
            self._shares[old] -= 1
            if not self._shares[old]:
                del self._shares[old]
        self._ordinary = None

    def ordinary(self) -> Ordinary:
        """Return what is ordinary now."""
        if self._ordinary is None:
            self._ordinary = self._computed()
        return self._ordinary

    def _computed(self) -> Ordinary:
        if not self._buckets:
            return Ordinary(middle=0, threshold=self._bounds.cold)
        counts = sorted(count for _, count in self._buckets)
        middle = median(counts)
        spread = median(abs(count - middle) for count in counts)
        upper = counts[min(len(counts) - 1, int(_UPPER * len(counts)))]
        mean = sum(min(count, upper) for count in counts) / len(counts)
        by_chance = seldom_reached(mean)
        learned = max(self._bounds.floor, middle + _SPREAD * spread, _ABOVE_UPPER * upper, by_chance)
        if len(self._shares) < TRUSTED_RUNS:
            learned = min(learned, self._bounds.ceiling)
        return Ordinary(middle=middle, threshold=learned)


def seldom_reached(mean: float) -> int:
    """Return the smallest count that a Poisson variable of this mean reaches less often than once in 100,000 windows.

    Exact: 1 - P(X < k), summed up term by term.
    """
    term = below = exp(-mean)
    if term == 0.0:  # a mean of 745 and more, where nine standard deviations are far beyond
        return ceil(mean + 9 * sqrt(mean))
    count = 1
    while 1.0 - below >= _SELDOM:
        term *= mean / count
        below += term
        count += 1
    return count
