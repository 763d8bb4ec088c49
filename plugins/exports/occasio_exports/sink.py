"""The sink `otlp`: each finding to a collector, while the run goes on.

The record is the one that `occasio export` makes of the row: whoever gets both has it twice, and can tell by its hash.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

from occasio_core import Json, OccasioError, PluginError, Severity, UsageError, __version__
from occasio_exports.collector import HEADERS_VARIABLE, Collector, Encoding, Signal, headers_of
from occasio_exports.otlp import log_records, logs_data

_KEYS = ("url", "protocol", "at_least")


class OtlpSink:
    """Sends findings as log records.  Raises `PluginError` for settings that cannot be meant."""

    name = "otlp"

    def __init__(
        self,
        told: Mapping[str, Json],
        environment: Mapping[str, str] = os.environ,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        for key in told:
            if key not in _KEYS:
                raise PluginError(f"sinks: otlp: `{key}` is not known", hint=f"known are {', '.join(_KEYS)}")
        self._base = _word(told, "url", "")
        self._encoding = Encoding(_one_of(told, "protocol", Encoding.JSON, list(Encoding)))
        self._least = Severity(_one_of(told, "at_least", Severity.INFO, list(Severity)))
        self._environment = environment
        self._sleep = sleep
        self._collector({})

    def write(self, row: Mapping[str, Json], /) -> None:
        """Send the finding.  Raises `OccasioError` when the collector does not take it."""
        if Severity(str(row["severity"])).rank < self._least.rank:
            return
        collector = self._collector(headers_of(self._environment.get(HEADERS_VARIABLE, "")))
        for batch in logs_data(log_records([row]), __version__):
            collector.send(batch)
        if collector.rejected:
            raise OccasioError(f"the collector rejected the finding: {collector.said}")

    def _collector(self, headers: Mapping[str, str]) -> Collector:
        try:
            return Collector(self._base, Signal.LOGS, self._encoding, self._sleep, headers)
        except UsageError as error:
            raise PluginError(f"sinks: otlp: `url`: {error}", hint=error.hint) from None


def _word(told: Mapping[str, Json], key: str, default: str) -> str:
    value = told.get(key, default)
    return value if isinstance(value, str) else ""


def _one_of(told: Mapping[str, Json], key: str, default: str, known: list[str]) -> str:
    word = _word(told, key, default)
    if word not in known:
        raise PluginError(f"sinks: otlp: `{word}` is no {key}", hint=f"known are {', '.join(known)}")
    return word
