"""Where findings go: each sink that the policy's `sinks:` names, with what it says of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from occasio_core import Json, Sink, hookimpl
from occasio_sinks.settings import checked, line, matters, threshold
from occasio_sinks.syslog import Syslog
from occasio_sinks.webhook import Webhook


class Stderr:
    """Says a finding in one line on standard error."""

    name = "stderr"

    def __init__(self, told: Mapping[str, Json]) -> None:
        self._least = threshold(self.name, checked(self.name, told, ()))

    def write(self, row: Mapping[str, Json], /) -> None:
        """Print the finding."""
        if matters(row, self._least):
            print(f"occasio: {line(row)}", file=sys.stderr, flush=True)


SINKS: Mapping[str, Callable[[Mapping[str, Json]], Sink]] = {
    Stderr.name: Stderr,
    Syslog.name: Syslog,
    Webhook.name: Webhook,
}


@hookimpl
def occasio_register_sinks(wanted: Mapping[str, Mapping[str, Json]]) -> list[Sink]:
    """Return the sinks that the policy names.  Raises `PluginError` for settings that cannot be meant."""
    return [make(wanted[name]) for name, make in SINKS.items() if name in wanted]


__all__ = ["SINKS", "Stderr", "Syslog", "Webhook", "occasio_register_sinks"]
