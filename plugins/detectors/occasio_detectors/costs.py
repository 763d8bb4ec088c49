"""`cost-rate`: requests that cost more than is ordinary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from occasio_core import DetectorSettings, Json, Observation, Watch
from occasio_detectors.baseline import Bounds
from occasio_detectors.options import number
from occasio_detectors.rates import Event, RateWatch

_CENT = 10_000  # micro-dollars


class Costs:
    """Counts cents; what a fraction of one leaves over is carried on."""

    is_distinct = False
    tags: tuple[str, ...] = ("owasp-agentic.T4",)
    hint = "look at what was asked: occasio inspect; --budget and `limits:` stop a run in time"

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._over = 0

    def events(self, row: Observation, /) -> Sequence[Event]:
        """Return the cents of a request that has a price."""
        cost = row.fields.get("cost_micro_usd") if row.kind == "request" else None
        if not isinstance(cost, int) or cost <= 0:
            return ()
        cents, self._over = divmod(cost + self._over, _CENT)
        return (Event("", cents),) if cents else ()

    def told(self, count: int, minutes: int, /) -> str:
        """Return what requests cost."""
        return f"requests cost ${count / 100:.2f} within {minutes} minutes"


class CostRate:
    """Alarms when requests cost more than is ordinary; the options are cents."""

    name = "cost-rate"
    options: Mapping[str, Json] = MappingProxyType({"at_least": 300, "at_least_cold": 1000, "ceiling": 5000})

    def open(self, settings: DetectorSettings, /) -> Watch:
        """Return a watch over what requests cost."""
        told = settings.options
        bounds = Bounds(
            floor=number(told, "at_least"), cold=number(told, "at_least_cold"), ceiling=number(told, "ceiling")
        )
        return RateWatch(Costs(bounds), settings)
