"""Runs that never happened, recorded as if they had: calls go through the real gate and the real writer, and the clock
is made up.

For demonstrations, benchmarks and tests of what reads logs.  Nothing is run and no file of a project is touched; what
a tool would have returned is told.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from occasio_core import home as places
from occasio_core.budget import Budget
from occasio_core.commands import Record, Refuse, Run
from occasio_core.engine import Engine, engine
from occasio_core.freeze import frozen
from occasio_core.ledger import Ledger
from occasio_core.ledger.durability import Durability
from occasio_core.links import all_named
from occasio_core.model import CallId, RequestDone, RunId, SessionId, ToolCall, ToolResult
from occasio_core.policy import load_policy
from occasio_core.prices import read_prices
from occasio_core.run_rows import RunRows
from occasio_core.session import Session
from occasio_core.shape import Shaper
from occasio_verify import Json, canonical

PROTOCOL = "anthropic-http"


class Simulation:
    """A home with a log of its own, in which time passes only when it is told to.  A context manager.

    `place` is the home, whose policy holds.  Rows are not flushed to the disk one by one.
    """

    def __init__(self, place: Path, start: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)) -> None:
        self.now = start
        self.place = places.prepared(place)
        self.log = Ledger(places.log_path(place), clock=lambda: self.now, durability=Durability.NONE)
        self._engines: dict[Path, Engine] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.log.close()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    @contextmanager
    def run(self, project: Path, agent: str = "claude") -> Iterator[SimulatedRun]:
        """Open a run of `agent` in `project`, and close it behind the block."""
        if project not in self._engines:
            self._engines[project] = engine(load_policy(None, self.place, project), self.place)
        ruled = self._engines[project]
        run_id = RunId(str(uuid.uuid4()))
        rows = RunRows(
            run_id=run_id,
            log=self.log,
            place=self.place,
            cwd=project,
            command=agent,
            points=("proxy",),
            plugins=ruled.registry.versions,
        )
        rows.open(ruled.policy)
        yield SimulatedRun(ruled, rows, run_id, agent, project)
        rows.close(0, "exit")


class SimulatedRun:
    """One run: what the agent asks for, and what it gets."""

    def __init__(self, ruled: Engine, rows: RunRows, run_id: RunId, agent: str, project: Path) -> None:
        self.run_id = run_id
        self._rows = rows
        self._agent = agent
        self._project = project
        self._calls = 0
        self._session = Session(
            policy=ruled.policy,
            rules=ruled.registry.rules,
            handlers=ruled.registry.by_tool,
            shaper=Shaper(ruled.registry.secret_scanners, ruled.registry.transforms),
            naming=all_named,
            budget=Budget(read_prices(ruled.home / "prices.json"), None),
        )

    def call(self, tool: str, given: Mapping[str, Json], result: str = "done", *, is_error: bool = False) -> bool:
        """Have the agent call a tool, and the tool return `result`; return whether the call was let through."""
        self._calls += 1
        call = ToolCall(
            session=SessionId(self.run_id),
            call=CallId(f"call_{self._calls}"),
            agent=self._agent,
            protocol=PROTOCOL,
            tool=tool,
            input=frozen(given),
            input_digest=hashlib.sha256(canonical(given)).hexdigest(),
            cwd=str(self._project),
        )
        for command in self._session.receive(call):
            match command:
                case Record():
                    self._rows.append(command)
                case Refuse() | Run():
                    return False
                case _:
                    self._returned(call, result, is_error=is_error)
        return True

    def request(self, *, tokens: int = 2000, model: str = "claude-sonnet-4-5") -> None:
        """Have the model answer a request."""
        done = RequestDone(
            session=SessionId(self.run_id),
            agent=self._agent,
            protocol=PROTOCOL,
            model=model,
            status=200,
            input_tokens=tokens,
            output_tokens=tokens // 10,
        )
        for command in self._session.receive(done):
            assert isinstance(command, Record)
            self._rows.append(command)

    def _returned(self, call: ToolCall, text: str, *, is_error: bool) -> None:
        form = canonical(text)
        result = ToolResult(
            session=call.session,
            call=call.call,
            agent=call.agent,
            protocol=call.protocol,
            tool=call.tool,
            texts=(text,),
            digest=hashlib.sha256(form).hexdigest(),
            size=len(form),
            is_error=is_error,
            input=call.input,
        )
        for command in self._session.receive(result):
            if isinstance(command, Record):
                self._rows.append(command)
