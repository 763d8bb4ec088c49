"""Runs without a proxy: one for each session that an agent's hooks tell of, opened by the first, closed by the last.

Knows the log, the policy and the plugins, and that sessions may end without a word.  It does not know sockets.
"""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from occasio_core import home as places
from occasio_core.budget import Budget
from occasio_core.commands import Record
from occasio_core.detection.lookout import Lookout
from occasio_core.driver import Gate
from occasio_core.engine import Engine, prepared
from occasio_core.errors import LedgerError
from occasio_core.hooks.asker import agent_process, is_running
from occasio_core.hooks.decided import Decided
from occasio_core.hooks.door import Door
from occasio_core.hooks.event import HOOK, HookEvent, Moment
from occasio_core.hooks.install import targets
from occasio_core.hooks.settings import Settings
from occasio_core.ledger import Entry, Ledger
from occasio_core.links import all_named
from occasio_core.model import RunId
from occasio_core.policy import load_policy
from occasio_core.policy.watch import Watch
from occasio_core.prices import read_prices
from occasio_core.reload import Reload
from occasio_core.run_notes import RunNotes
from occasio_core.run_rows import LOG_SIGNER, RunRows
from occasio_core.run_state import held, is_alive
from occasio_core.session import Session
from occasio_core.shape import Shaper
from occasio_verify import Json, MalformedError, parse_json

IDLE_SECONDS = 12 * 3600.0  # a session that says nothing for so long has ended
_PRICES = "prices.json"
_DAEMON = "daemon"


@dataclass(slots=True)
class HookRun:
    """One session of an agent: its door, and what closes with it."""

    door: Door
    gate: Gate
    rows: RunRows
    notes: RunNotes
    stack: ExitStack
    process: int | None
    last: float = field(default=0.0)


class HookRuns:
    """All sessions that are under way, by agent and session id.

    `engine` has the plugins; each run has the policy as it is read from its own directory.  `points` are the doors that
    the rows name, `keeper` is what keeps the runs, `command` what they are called after, if not the agent.
    """

    def __init__(
        self,
        place: Path,
        log: Ledger,
        engine: Engine,
        *,
        points: Sequence[str] = (HOOK,),
        keeper: str = _DAEMON,
        command: str = "",
        idle: float = IDLE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._place = place
        self._log = log
        self._engine = engine
        self._points = points
        self._keeper = keeper
        self._command = command
        self._idle = idle
        self._clock = clock
        self._runs: dict[tuple[str, str], HookRun] = {}
        self._tainted: set[tuple[str, str]] = set()
        self._opening = asyncio.Lock()
        registry, watching = engine.registry, engine.policy.detectors
        self._lookout = Lookout(log.path, registry.detectors, watching, registry.sinks)

    def __len__(self) -> int:
        return len(self._runs)

    async def door(self, event: HookEvent, process: int | None) -> Door:
        """Return the door of the event's run, which is opened if need be.  Raises `OccasioError`."""
        run = self._runs.get(_key(event)) or await self._open(event, process)
        run.last = self._clock()
        return run.door

    async def _open(self, event: HookEvent, process: int | None) -> HookRun:
        async with self._opening:  # several hooks may ask at once about a session's first call
            run = self._runs.get(_key(event))
            if run is None:
                run = await asyncio.to_thread(self._opened, event, process)
                run.door.is_tainted = _key(event) in self._tainted
                self._runs[_key(event)] = run
        return run

    async def ended(self, event: HookEvent) -> None:
        """Close the run whose session has said that it ends."""
        if event.moment is Moment.END and (run := self._runs.pop(_key(event), None)) is not None:
            if run.door.is_tainted:
                self._tainted.add(_key(event))
            await asyncio.to_thread(self._close, run, "exit")

    async def sweep(self) -> None:
        """Close the runs whose agent is gone, and those that have been silent for long."""
        now = self._clock()
        for key, run in list(self._runs.items()):
            gone = run.process is not None and not is_running(run.process)
            if gone or now - run.last > self._idle:
                del self._runs[key]
                await asyncio.to_thread(self._close, run, "abandoned")

    async def close(self, reason: str = "abandoned") -> None:
        """Close every run: nobody is there any more to hear of them."""
        while self._runs:
            _, run = self._runs.popitem()
            await asyncio.to_thread(self._close, run, reason)
        await asyncio.to_thread(self._lookout.close)

    def recover(self) -> int:
        """Seal the runs that a daemon left open when it was killed; return how many.  Raises `LedgerError`."""
        dead = [path for path in sorted((self._place / "runs").glob("*.json")) if self._is_left(path)]
        for path in dead:
            with suppress(LedgerError):  # it had ended, or never begun
                self._log.append(_abandoned(path.stem))
            path.unlink(missing_ok=True)
        return len(dead)

    def _is_left(self, path: Path) -> bool:
        try:
            state = parse_json(path.read_bytes())
        except (OSError, MalformedError):
            return False
        return isinstance(state, dict) and state.get("by") == _DAEMON and not is_alive(self._place, path.stem)

    def _opened(self, event: HookEvent, process: int | None) -> HookRun:
        cwd, run_id = Path(event.cwd), RunId(str(uuid.uuid4()))
        ruled = self._engine.under(load_policy(None, self._place, cwd))
        policy = ruled.policy
        places.keep_policy(self._place, policy)
        agent = agent_process(process)
        facts: dict[str, Json] = {"run_id": run_id, "cwd": event.cwd, "by": self._keeper}
        if agent is not None:
            facts["pid"] = agent  # what it starts may not answer for a person
        with ExitStack() as stack:
            stack.enter_context(held(self._place, run_id, facts))
            run = self._built(run_id, cwd, ruled, event, agent)
            run.rows.open(policy)
            self._lookout.join(run_id, lambda kind, members: run.rows.append(run.rows.own(kind, members)))
            run.stack = stack.pop_all()
        return run

    def _built(self, run_id: RunId, cwd: Path, ruled: Engine, event: HookEvent, agent: int | None) -> HookRun:
        policy, registry, decided = ruled.policy, ruled.registry, Decided()
        notes = RunNotes(self._place, run_id)
        rows = RunRows(
            run_id=run_id,
            log=self._log,
            place=self._place,
            cwd=cwd,
            command=self._command or event.agent,
            points=self._points,
            plugins=registry.versions,
            signer=registry.signers.get(LOG_SIGNER),
            every=policy.checkpoint_every,
        )
        session = Session(
            policy=policy,
            rules=registry.rules,
            handlers=registry.by_tool,
            shaper=Shaper(registry.secret_scanners, registry.transforms),
            naming=all_named,
            budget=Budget(read_prices(self._place / _PRICES), None),
            # what such an agent detaches is known to nobody as the agent's, and could answer for the person
            can_ask=False,
            clock=self._clock,
        )

        def append(record: Record) -> None:
            rows.append(record)
            self._lookout.wake()
            decided.note(record)
            notes.keep(record)

        def write(kind: str, members: Mapping[str, Json]) -> None:
            append(rows.own(kind, members))

        watch = Watch(places.policy_path(self._place), lambda: load_policy(None, self._place, cwd), policy)
        reload = Reload(watch, session, self._place, lambda found: prepared(found, registry), write)
        gate = Gate(session, append, reload.look)
        places_of_hooks = targets(registry.hook_dialects.values(), event.agent, cwd, self._place, os.environ)
        door = Door(gate, decided, Settings(places_of_hooks).objection)
        return HookRun(door=door, gate=gate, rows=rows, notes=notes, stack=ExitStack(), process=agent)

    def _close(self, run: HookRun, reason: str) -> None:
        with run.stack:
            run.gate.close()
            self._lookout.leave(run.rows.run_id)
            # where the log takes no more rows the run stays open, and whoever comes next says that it was abandoned
            with suppress(LedgerError):
                run.rows.close(None, "failed" if run.gate.failure else reason)
            run.notes.close()


def _key(event: HookEvent) -> tuple[str, str]:
    return event.agent, event.session


def _abandoned(run: str) -> Entry:
    return Entry(
        kind="run_ended",
        agent="occasio",
        protocol="internal",
        run_id=run,
        session_id=run,
        fields={"exit_code": None, "reason": "abandoned"},
    )
