"""`secret-rate`: secrets that were kept from the model, more than is ordinary.

One result is counted once, however often agents send it again: the gate records it once.  A result that comes from
another call with the very same content counts as one secret, whatever it holds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from occasio_core import DetectorSettings, Json, Observation, Watch
from occasio_detectors.baseline import Bounds
from occasio_detectors.options import number
from occasio_detectors.rates import Event, RateWatch

_KINDS = frozenset({"tool_result", "request", "tool_call"})  # the last in rows of the Node implementation
_MOST_CONTENTS = 4096
_MOST_SECRETS = 5  # of one result; a log with a hundred says no more than one with five


class Redactions:
    """Counts secrets in results and in what requests tell the model."""

    is_distinct = False
    tags: tuple[str, ...] = ("attack.T1552", "owasp-agentic.T2")
    hint = "see which files the secrets are in, and deny them or have them rotated: `occasio replay`"

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._contents: OrderedDict[str, None] = OrderedDict()

    def events(self, row: Observation, /) -> Sequence[Event]:
        """Return an event that weighs as much as secrets were found."""
        if row.kind not in _KINDS:
            return ()
        count = _secrets(row.fields)
        if not count:
            return ()
        content = row.fields.get("content_digest")
        if isinstance(content, str) and self._is_known(content):
            count = 1
        return (Event("", min(count, _MOST_SECRETS)),)

    def told(self, count: int, minutes: int, /) -> str:
        """Return how many secrets there were."""
        return f"{count} secrets were found in what the model was about to get within {minutes} minutes"

    def _is_known(self, content: str) -> bool:
        known = content in self._contents
        self._contents[content] = None
        self._contents.move_to_end(content)
        if len(self._contents) > _MOST_CONTENTS:
            self._contents.popitem(last=False)
        return known


def _secrets(fields: Mapping[str, Json]) -> int:
    count, labels = fields.get("secrets_redacted", 0), fields.get("secret_labels", ())
    kinds = len(labels) if isinstance(labels, list | tuple) else 0
    return max(count if isinstance(count, int) else 0, kinds)


class SecretRate:
    """Alarms when more secrets are found than is ordinary."""

    name = "secret-rate"
    options: Mapping[str, Json] = MappingProxyType({"at_least": 5, "at_least_cold": 6, "ceiling": 40})

    def open(self, settings: DetectorSettings, /) -> Watch:
        """Return a watch over secrets."""
        told = settings.options
        bounds = Bounds(
            floor=number(told, "at_least"), cold=number(told, "at_least_cold"), ceiling=number(told, "ceiling")
        )
        return RateWatch(Redactions(bounds), settings)
