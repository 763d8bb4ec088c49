"""Who decides on what comes by a door that is a process of its own: the run it was started in, or one that it opens.

`OCCASIO_RUN` names the run; its owner answers at a socket, as it answers hooks.  Agents do not hand every variable on:
without it the run is known by its process, if that has started us.  Where there is none the door opens a run for
itself, which ends with it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from occasio_core import home as places
from occasio_core.engine import engine
from occasio_core.errors import OccasioError
from occasio_core.hooks.asker import is_below
from occasio_core.hooks.door import Door
from occasio_core.hooks.event import HookAnswer
from occasio_core.hooks.guest import GUEST, GUESTS, answer_of
from occasio_core.hooks.runs import HookRuns
from occasio_core.hooks.server import asked
from occasio_core.hooks.thin import MAX_BYTES, RUN
from occasio_core.ledger import Ledger
from occasio_core.policy import load_policy
from occasio_core.run_state import is_alive, living
from occasio_core.wires.splice import written
from occasio_verify import Json


class Gatekeeper(Protocol):
    """Answers the events that `told_call` and its like make."""

    async def answer(self, event: Mapping[str, Json], /) -> HookAnswer:
        """Return what becomes of `event`; every row that it leads to is durable then.

        Raises `OccasioError` when nobody can tell; then nothing may happen.
        """


class OwnRun:
    """A run that the door has opened itself, with its first event."""

    def __init__(self, runs: HookRuns) -> None:
        self._runs = runs
        self._door: Door | None = None
        self._opening = asyncio.Lock()

    async def answer(self, event: Mapping[str, Json], /) -> HookAnswer:
        """Return what becomes of `event`.  Raises `OccasioError`."""
        told = GUESTS.event(event)
        async with self._opening:
            self._door = self._door or await self._runs.door(told, os.getpid())
        return await self._door.answer(told)


class JoinedRun:
    """A run of another process, which answers at the socket `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def answer(self, event: Mapping[str, Json], /) -> HookAnswer:
        """Return what the other process says.  Raises `OccasioError` where it says nothing."""
        data = written(event).encode("utf-8", "backslashreplace")
        if len(data) > MAX_BYTES:
            raise OccasioError(f"the event is longer than {MAX_BYTES} bytes")
        try:
            reply = await asked(self._path, GUEST, data)
        except OSError as error:
            raise OccasioError(f"the run that this was started in gives no answer: {error.strerror or error}") from None
        if reply.exit_code:
            raise OccasioError("the run that this was started in refuses to answer")
        return answer_of(reply.stdout)


@asynccontextmanager
async def open_gatekeeper(*, door: str, agent: str, cwd: Path) -> AsyncIterator[Gatekeeper]:
    """Yield who decides on the events of `door`, one of the enforcement points, for as long as this is entered.

    `agent` is what a run of our own is called after.  Raises `OccasioError` when the run that the environment names is
    not there, or when none can be opened.
    """
    place = places.prepared(places.home())
    if run := os.environ.get(RUN) or _started_in(place):
        if not is_alive(place, run):
            raise OccasioError(f"the run {run}, which {RUN} names, is not under way", hint=f"start it without {RUN}")
        yield JoinedRun(places.run_path(place, run).with_suffix(".sock"))
        return
    ruled = engine(load_policy(None, place, cwd), place)
    with Ledger(places.log_path(place)) as log:
        runs = HookRuns(place, log, ruled, points=(door,), keeper=door, command=agent)
        reason = "failed"
        try:
            yield OwnRun(runs)
            reason = "exit"
        finally:
            await runs.close(reason)


def _started_in(place: Path) -> str:
    """Return the run of `occasio run` whose process is above ours, empty if there is none."""
    for run, facts in living(place):
        if "by" not in facts and isinstance(owner := facts.get("pid"), int) and is_below(os.getpid(), owner):
            return run
    return ""
