"""Whether whoever answers is the person, or the agent that asks: an agent's own processes may not answer.

Looked at is who started whom: a process below one that governs a run is the agent's, and what the agent detaches stays
below it (see `occasio_core.agent`).  Knows Linux's `/proc`; elsewhere nothing can be told, and a terminal is asked for
instead.  An agent that gets another service of the person to start a process, such as cron, is not seen here; against
that helps another user for the agent.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from occasio_core.run_state import living

_MOST_ANCESTORS = 1024


def governing_run(place: Path, process: int | None = None) -> str | None:
    """Return the run that this process (or another) is governed by, None if it is the person's own."""
    above = set(_ancestors(os.getpid() if process is None else process))
    return next((run for run, facts in living(place) if facts.get("pid") in above), None)


def can_tell() -> bool:
    """Return whether `governing_run` sees anything on this system."""
    return sys.platform == "linux"


def _ancestors(process: int) -> Iterator[int]:
    """Yield the processes that started `process`, nearest first."""
    for _ in range(_MOST_ANCESTORS):
        try:
            # The name in brackets may hold anything; the parent is the second field behind the last bracket, proc(5).
            fields = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()
            process = int(fields[1])
        except (OSError, IndexError, ValueError):
            return
        if process <= 1:
            return
        yield process
