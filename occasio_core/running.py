"""One governed run, from opening its rows to closing them: the log, the policy, the plugins, the proxy and the agent.

Puts together what the other files do, and does none of it itself.
"""

from __future__ import annotations

import asyncio
import os
import platform
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from occasio_core import agent as agents
from occasio_core import home as places
from occasio_core.approvals.desk import Desk
from occasio_core.approvals.question import Waiting
from occasio_core.approvals.store import Box
from occasio_core.budget import Budget
from occasio_core.bypass import BypassError, check_bypass
from occasio_core.commands import Record
from occasio_core.driver import Gate
from occasio_core.engine import engine, prepared
from occasio_core.errors import LedgerError
from occasio_core.git_state import git_state
from occasio_core.launch import Way, known_agent
from occasio_core.ledger import Entry, Ledger
from occasio_core.model import Policy, RunId
from occasio_core.paths import named
from occasio_core.plugins import Registry
from occasio_core.policy import load_policy
from occasio_core.policy.watch import Watch
from occasio_core.prices import read_prices
from occasio_core.reload import Reload, loaded_members
from occasio_core.run_state import held
from occasio_core.session import Session
from occasio_core.shape import Shaper
from occasio_core.summary import Tally
from occasio_core.transports.proxy import Dialect, Proxy, Route
from occasio_core.transports.upstream import Swap, Upstream, checked_base
from occasio_core.version import __version__
from occasio_verify import Json

RECORDER = "occasio"
INTERNAL = "internal"
PRICES = "prices.json"  # in Occasio's home: the person's own prices


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the person asked for: a command, and under which conditions it runs."""

    command: Sequence[str]
    cwd: Path
    environment: Mapping[str, str] = field(repr=False)
    agent: str | None = None
    upstream: str | None = None
    policy: Path | None = None
    budget: int | None = None  # micro-dollars
    preset: str | None = None
    hardened: bool = False
    tell: Callable[[Waiting], object] = lambda waiting: None  # of each question that waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended.  `failure` says why the gate closed before the agent ended, and is empty if it did not."""

    run_id: RunId
    exit_code: int
    tally: Tally
    failure: str = ""


def run(job: Job) -> Outcome:
    """Run the command under the policy, and return when it has ended and its run is closed.

    Raises `OccasioError` when the run cannot be opened or closed as it should.
    """
    command = [agents.program(job.command[0], job.environment), *job.command[1:]]
    place = places.prepared(places.home())
    ruled = engine(load_policy(job.policy, place, job.cwd), place, job.preset, job.hardened)
    policy, registry = ruled.policy, ruled.registry
    budget = Budget(read_prices(place / PRICES), job.budget)
    check_bypass(job.cwd, job.environment, [adapter.base_url_variable for adapter in registry.adapters.values()])
    if (known := known_agent(job.agent, job.command[0])) and (around := known.way_around(job.command[1:])):
        raise BypassError(f"`{around}` would lead {known.name} around the gate", hint=f"leave `{around}` away")
    places.keep_policy(place, policy)
    run_id = RunId(str(uuid.uuid4()))
    with ExitStack() as stack:
        stack.enter_context(held(place, run_id, {"run_id": run_id, "pid": os.getpid(), "cwd": str(job.cwd)}))
        log = stack.enter_context(Ledger(places.log_path(place)))
        return _Run(run_id, job, place, policy, registry, log, budget).governed(command)


class _Run:
    """A run with everything it needs, from its first row to its last."""

    def __init__(
        self,
        run_id: RunId,
        job: Job,
        place: Path,
        policy: Policy,
        registry: Registry,
        log: Ledger,
        budget: Budget,
    ) -> None:
        self._run_id = run_id
        self._job = job
        self._place = place
        self._policy = policy
        self._registry = registry
        self._log = log
        self._budget = budget
        self._agent = known_agent(job.agent, job.command[0])
        self._tally = Tally()
        self._failure = ""

    def governed(self, command: Sequence[str]) -> Outcome:
        """Open the run, let the agent work, and close the run, whatever happens in between."""
        routes, variables = self._routes()
        self._log.append_many([self._entry(kind, fields) for kind, fields in self._opening()])
        ended: agents.Ended | None = None
        try:
            ended = asyncio.run(self._serve(command, routes, variables))
        finally:
            self._close(ended)
        # a run whose evidence broke off has not succeeded, whatever the agent says
        exit_code = 1 if self._failure and ended.exit_code == 0 else ended.exit_code
        return Outcome(run_id=self._run_id, exit_code=exit_code, tally=self._tally, failure=self._failure)

    async def _serve(
        self, command: Sequence[str], routes: Mapping[str, Route], variables: Mapping[str, str]
    ) -> agents.Ended:
        session = self._session()
        gate = Gate(session, self._append, self._reload(session).look, self._desk())
        proxy = Proxy({_provider(variable): route for variable, route in routes.items()}, gate, str(self._job.cwd))
        try:
            await proxy.start()
            addresses = {variable: proxy.url(_provider(variable)) for variable in routes}
            way = self._agent.way(addresses, self._job.environment) if self._agent else Way()
            defaults = {**self._patience(), **way.variables}
            environment = agents.environment_of({**defaults, **self._job.environment}, {**variables, **addresses})
            led = [command[0], *way.arguments, *command[1:]]
            return await agents.wait_for(led, environment, self._job.cwd)
        finally:
            await proxy.stop()
            gate.close()
            self._failure = str(gate.failure or "")

    def _session(self) -> Session:
        return Session(
            policy=self._policy,
            rules=self._registry.rules,
            handlers=self._registry.by_tool,
            shaper=Shaper(self._registry.secret_scanners, self._registry.transforms),
            naming=named,
            budget=self._budget,
            agent=self._job.agent,
            can_ask=True,
            clock=time.monotonic,
        )

    def _desk(self) -> Desk:
        return Desk(Box(self._place), self._run_id, tell=self._job.tell)

    def _reload(self, session: Session) -> Reload:
        job, place = self._job, self._place
        watch = Watch(
            job.policy or places.policy_path(place), lambda: load_policy(job.policy, place, job.cwd), self._policy
        )

        def ready(policy: Policy) -> Policy:
            return prepared(policy, self._registry, job.preset, job.hardened)

        return Reload(watch, session, place, ready, self._write)

    def _patience(self) -> dict[str, str]:
        """Return the variables by which agents wait for what a person must answer."""
        adapters = self._registry.adapters.values()
        return {name: text for adapter in adapters for name, text in adapter.variables.items()}

    def _routes(self) -> tuple[dict[str, Route], dict[str, str]]:
        """Return the providers by their base URLs' variables, and the variables that hold throw-away tokens."""
        key = agents.token_key(self._place / "token.key")
        variables: dict[str, str] = {}
        swaps: dict[str, list[Swap]] = {}
        dialects: dict[str, list[Dialect]] = {}
        for adapter in self._registry.adapters.values():
            tokens, stand_ins = agents.tokens(adapter, self._job.environment, key)
            variables |= tokens
            swaps.setdefault(adapter.base_url_variable, []).extend(stand_ins)
            dialects.setdefault(adapter.base_url_variable, []).append(Dialect(adapter, adapter.open(self._run_id)))
        return {one: self._route(one, spoken, swaps[one]) for one, spoken in dialects.items()}, variables

    def _route(self, variable: str, dialects: Sequence[Dialect], swaps: Sequence[Swap]) -> Route:
        # the key of one provider must not go to the address that was given for another
        is_its = self._agent is None or self._agent.base_url_variable in ("", variable)
        given = (self._job.upstream if is_its else None) or self._job.environment.get(variable)
        given = given or dialects[0].adapter.upstream
        return Route(dialects, Upstream(checked_base(given), swaps))

    def _append(self, record: Record) -> None:
        self._log.append(
            Entry(
                kind=record.kind,
                agent=record.agent,
                protocol=record.protocol,
                run_id=self._run_id,
                session_id=record.session,
                fields=record.members,
            )
        )
        self._tally.note(record)

    def _write(self, kind: str, members: Mapping[str, Json]) -> None:
        self._append(Record(kind=kind, agent=RECORDER, protocol=INTERNAL, session=self._run_id, members=members))

    def _close(self, ended: agents.Ended | None) -> None:
        """Write the last rows, after which the run can have no more."""
        reason = "signal" if ended and ended.by_signal else "exit"
        if ended is None or self._failure:
            reason = "failed"
        last = {"exit_code": ended.exit_code if ended else None, "reason": reason}
        try:
            self._log.append_many(
                [
                    self._entry("git_state", {"tool_inputs": git_state(self._job.cwd, "run_end")}),
                    self._entry("run_ended", last),
                ]
            )
        except LedgerError as error:
            self._failure = self._failure or str(error)

    def _entry(self, kind: str, fields: Mapping[str, Json]) -> Entry:
        return Entry(
            kind=kind,
            agent=RECORDER,
            protocol=INTERNAL,
            run_id=self._run_id,
            session_id=self._run_id,
            fields=fields,
        )

    def _opening(self) -> list[tuple[str, dict[str, Json]]]:
        return [
            ("run_started", self._started()),
            ("policy_loaded", loaded_members(self._policy)),
            ("git_state", {"tool_inputs": git_state(self._job.cwd, "run_start")}),
        ]

    def _started(self) -> dict[str, Json]:
        return {
            "chain_file": str(places.log_path(self._place).absolute()),
            "command": Path(self._job.command[0]).name,
            "cwd": str(self._job.cwd),
            "enforcement_points": ["proxy"],
            "plugins": [{"name": name, "version": version} for name, version in self._registry.versions],
            "versions": {"occasio": __version__, "python": platform.python_version()},
        }


def _provider(variable: str) -> str:
    """Return what a provider is called in addresses, after its base URL's variable."""
    return variable.removesuffix("_BASE_URL").lower()
