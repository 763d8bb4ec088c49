"""`read-volume`: files that were read, more different ones than is ordinary.

Collecting comes before carrying away.  So does a first day in a new project: which it is, the place where the files are
may tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import cast

from occasio_core import DetectorSettings, Json, Observation, Watch
from occasio_detectors.baseline import Bounds
from occasio_detectors.options import number
from occasio_detectors.rates import Event, RateWatch

_READ = "read "
_MOST = 256  # files of one call that are counted


class Reads:
    """Counts different files that calls which were let through would read."""

    is_distinct = True
    tags: tuple[str, ...] = ("attack.T1119", "attack.T1005")
    hint = "look at which files these are: `occasio replay`; stop the run if its task does not need them"

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds

    def events(self, row: Observation, /) -> Sequence[Event]:
        """Return an event for each file; one that was seen in this window does not count again."""
        if row.kind != "tool_call" or row.fields.get("action") == "BLOCK":
            return ()
        return [Event(path) for path in islice(read_by(row), _MOST)]

    def told(self, count: int, minutes: int, /) -> str:
        """Return how many files were read."""
        return f"{count} different files were read within {minutes} minutes"


def read_by(row: Observation) -> Iterator[str]:
    """Yield what a call would read."""
    effects = cast("list[str]", row.fields.get("effects") or [])
    return (effect.removeprefix(_READ) for effect in effects if effect.startswith(_READ))


class ReadVolume:
    """Alarms when more different files are read than is ordinary."""

    name = "read-volume"
    options: Mapping[str, Json] = MappingProxyType({"at_least": 40, "at_least_cold": 60, "ceiling": 400})

    def open(self, settings: DetectorSettings, /) -> Watch:
        """Return a watch over files that are read."""
        told = settings.options
        bounds = Bounds(
            floor=number(told, "at_least"), cold=number(told, "at_least_cold"), ceiling=number(told, "ceiling")
        )
        return RateWatch(Reads(bounds), settings)
