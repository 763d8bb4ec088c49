"""`deny-rate`: calls that were refused, more of them than is ordinary.

An agent that is led astray runs into the policy again and again; so does one that was told a wrong path.  What it is
only a person can say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from occasio_core import DetectorSettings, Json, Observation, Watch
from occasio_detectors.baseline import Bounds
from occasio_detectors.options import number
from occasio_detectors.rates import Event, RateWatch


class Denials:
    """Counts refused calls."""

    is_distinct = False
    tags: tuple[str, ...] = ("attack.TA0007", "owasp-agentic.T2")
    hint = "look at what was refused and why: `occasio explain`; stop the run if nobody asked for it"

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds

    def events(self, row: Observation, /) -> Sequence[Event]:
        """Return one event for a refused call."""
        return (Event(""),) if row.kind == "tool_call" and row.fields.get("action") == "BLOCK" else ()

    def told(self, count: int, minutes: int, /) -> str:
        """Return how many calls were refused."""
        return f"{count} calls were refused within {minutes} minutes"


class DenyRate:
    """Alarms when more calls are refused than is ordinary."""

    name = "deny-rate"
    options: Mapping[str, Json] = MappingProxyType({"at_least": 6, "at_least_cold": 8, "ceiling": 40})

    def open(self, settings: DetectorSettings, /) -> Watch:
        """Return a watch over refused calls."""
        told = settings.options
        bounds = Bounds(
            floor=number(told, "at_least"), cold=number(told, "at_least_cold"), ceiling=number(told, "ceiling")
        )
        return RateWatch(Denials(bounds), settings)
