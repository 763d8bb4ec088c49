"""Watching the tree of a run, or of a command that is started for it, until that ends or the time is up.

Knows processes that it starts and the runs that are alive.  What the looks come to is `paranoid`'s.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from occasio_core.errors import OccasioError, UsageError
from occasio_core.observed.looks import Looks
from occasio_core.run_state import living

INTERVAL = 0.05  # seconds between two looks


@dataclass(slots=True)
class Watched:
    """What was looked at: the looks, the runs that were found in the tree, for how long, and how the command ended.

    `gap` is the longest time between the ends of two looks, in seconds: what is shorter may not have been seen.
    """

    looks: Looks
    runs: set[str] = field(default_factory=set)
    seconds: float = 0.0
    gap: float = 0.0
    exit_code: int | None = None


def watch_run(
    place: Path,
    prefix: str,
    seconds: float,
    pause: Callable[[float], object] | None = None,
    begun: Callable[[], object] = lambda: None,
) -> Watched:
    """Return what was seen of the run whose id begins with `prefix`, the only one alive if that is empty.

    `begun` is called when it is found.

    Raises `UsageError` where it is not one run, `OccasioError` where there is no `/proc`.
    """
    _check_system()
    found = {run: facts for run, facts in living(place) if run.startswith(prefix)}
    if len(found) != 1:
        known = f"{len(found)} runs are" if found else "no run is"
        named = f" with an id that begins with `{prefix}`" if prefix else ""
        raise UsageError(f"{known} under way{named}", hint="give one by --run, or a command: -- occasio claude")
    ((_, facts),) = found.items()
    pid = facts.get("pid")
    if not isinstance(pid, int):
        raise UsageError("nobody knows which process that run is of", hint="give a command: -- occasio claude")
    watched = _watched(place, pid)
    begun()
    _look_on(watched, pause, lambda: watched.seconds >= seconds)
    return watched


def watch_command(
    place: Path,
    command: Sequence[str],
    environment: Mapping[str, str],
    pause: Callable[[float], object] | None = None,
) -> Watched:
    """Return what was seen of the command, from its start until it has ended.  Raises `OccasioError`."""
    _check_system()
    try:
        process = subprocess.Popen(list(command), env=dict(environment))
    except OSError as error:
        raise UsageError(f"`{command[0]}` cannot be started: {error.strerror}") from error
    watched = _watched(place, process.pid)
    try:
        _look_on(watched, pause, lambda: process.poll() is not None)
    except KeyboardInterrupt:  # the command has got it from the same key
        _look_on(watched, pause, lambda: process.poll() is not None)
    watched.exit_code = process.wait()
    return watched


def _watched(place: Path, root: int) -> Watched:
    watched = Watched(Looks(root))

    def governing() -> set[int]:
        # of a run without a proxy the process that is named is the agent itself
        found = {run: facts.get("pid") for run, facts in living(place) if "by" not in facts}
        watched.runs.update(run for run, pid in found.items() if pid in watched.looks.processes)
        return {pid for pid in found.values() if isinstance(pid, int)}

    watched.looks.governing = governing
    return watched


def _look_on(watched: Watched, pause: Callable[[float], object] | None, is_over: Callable[[], bool]) -> None:
    begun = last = time.monotonic()
    while watched.looks.look() and not is_over():
        (pause or time.sleep)(INTERVAL)
        now = time.monotonic()
        watched.seconds, watched.gap, last = now - begun, max(watched.gap, now - last), now


def _check_system() -> None:
    if sys.platform != "linux" or not Path(f"/proc/{os.getpid()}/net").exists():
        raise OccasioError("what a process is connected to can only be seen on Linux, with /proc")
