"""Where findings go: each sink that the policy's `sinks:` names, with what it says of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from occasio_core import Json, Sink, hookimpl


class Stderr:
    """Says a finding in one line on standard error."""

    name = "stderr"

    def write(self, row: Mapping[str, Json], /) -> None:
        """Print the finding."""
        severity, message = str(row["severity"]).upper(), " ".join(str(row["message"]).split())
        print(f"occasio: {severity} {row['detector']}: {message}", file=sys.stderr, flush=True)


@hookimpl
def occasio_register_sinks(wanted: Mapping[str, Mapping[str, Json]]) -> list[Sink]:
    """Return the sinks that the policy names."""
    return [Stderr()] if Stderr.name in wanted else []


__all__ = ["Stderr", "occasio_register_sinks"]
