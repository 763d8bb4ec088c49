"""One governed run, from opening its rows to closing them: the log, the policy, the plugins, the proxy and the agent.

Puts together what the other files do, and does none of it itself.
"""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from occasio_core import agent as agents
from occasio_core import daemon
from occasio_core import home as places
from occasio_core.approvals.desk import Desk
from occasio_core.approvals.question import Waiting
from occasio_core.approvals.store import Box
from occasio_core.budget import Budget
from occasio_core.bypass import BypassError, check_bypass
from occasio_core.commands import Record
from occasio_core.detection.lookout import Lookout
from occasio_core.driver import Gate
from occasio_core.engine import engine, prepared
from occasio_core.errors import LedgerError, OccasioError, UsageError
from occasio_core.hooks.asker import is_below
from occasio_core.hooks.decided import Decided
from occasio_core.hooks.door import Door
from occasio_core.hooks.event import HookEvent
from occasio_core.hooks.install import Target, is_installed, targets
from occasio_core.hooks.replies import Replies
from occasio_core.hooks.server import HookSocket
from occasio_core.hooks.settings import Settings
from occasio_core.hooks.thin import RUN as HOOKS_OF
from occasio_core.launch import Way, known_agent
from occasio_core.ledger import Ledger
from occasio_core.links import all_named
from occasio_core.model import Policy, RunId
from occasio_core.other_providers import check_providers
from occasio_core.plugins import Registry
from occasio_core.policy import load_policy
from occasio_core.policy.watch import Watch
from occasio_core.prices import read_prices
from occasio_core.redact import masked
from occasio_core.reload import Reload
from occasio_core.run_notes import RunNotes
from occasio_core.run_rows import LOG_SIGNER, RunRows
from occasio_core.run_state import held
from occasio_core.session import Session
from occasio_core.shape import Shaper
from occasio_core.summary import Tally
from occasio_core.system_hints import system_hint
from occasio_core.transports.proxy import Dialect, Proxy, Route
from occasio_core.transports.upstream import Swap, Upstream, checked_base, trusting
from occasio_core.withdrawals import Withdrawals
from occasio_verify import Json, Row

EXTRA_AUTHORITIES = "NODE_EXTRA_CA_CERTS"  # most agents are programs of Node, and companies set this for them
PRICES = "prices.json"  # in Occasio's home: the person's own prices


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the person asked for: a command, and under which conditions it runs."""

    command: Sequence[str]
    cwd: Path
    environment: Mapping[str, str] = field(repr=False)
    agent: str | None = None
    upstream: str | None = None
    upstream_ca: Path | None = None  # who is believed about the provider's certificate, beside the system's own
    policy: Path | None = None
    budget: int | None = None  # micro-dollars
    preset: str | None = None
    hardened: bool = False
    tell: Callable[[Waiting], object] = lambda waiting: None  # of each question that waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended.

    `failure` says why the gate closed before the agent ended, empty if it did not, and `hint` what to do about it.
    """

    run_id: RunId
    exit_code: int
    tally: Tally
    failure: str = ""
    hint: str = ""


def run(job: Job) -> Outcome:
    """Run the command under the policy, and return when it has ended and its run is closed.

    Raises `OccasioError` when the run cannot be opened or closed as it should.
    """
    command = [agents.program(job.command[0], job.environment), *job.command[1:]]
    job = _led(job)
    place = places.prepared(places.home())
    ruled = engine(load_policy(job.policy, place, job.cwd), place, job.preset, job.hardened)
    policy, registry = ruled.policy, ruled.registry
    budget = Budget(read_prices(place / PRICES), job.budget)
    check_bypass(job.cwd, job.environment, [adapter.base_url_variable for adapter in registry.adapters.values()])
    places.keep_policy(place, policy)
    run_id = RunId(str(uuid.uuid4()))
    with ExitStack() as stack:
        stack.enter_context(held(place, run_id, {"run_id": run_id, "pid": os.getpid(), "cwd": str(job.cwd)}))
        log = stack.enter_context(Ledger(places.log_path(place)))
        return _Run(run_id, job, place, policy, registry, log, budget).governed(command)


def _led(job: Job) -> Job:
    """Return the job with what a known agent has under names of its own.

    Raises `BypassError` for what would lead it around the gate.
    """
    known = known_agent(job.agent, job.command[0])
    if known is None:
        return job
    if around := known.way_around(job.command[1:], job.environment):
        raise BypassError(f"`{around}` would lead {known.name} around the gate", hint=f"leave `{around}` away")
    check_providers(known.name, job.cwd, job.environment)
    if job.upstream and not known.base_url_variable:
        hint = "give the address by its variable, such as ANTHROPIC_BASE_URL or OPENAI_BASE_URL"
        raise UsageError(f"{known.name} speaks to several providers; --upstream does not say which", hint=hint)
    return replace(job, environment={**job.environment, **known.known_variables(job.environment)})


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
        self._rows = RunRows(
            run_id=run_id,
            log=log,
            place=place,
            cwd=job.cwd,
            command=Path(job.command[0]).name,
            points=["proxy", *(["hook"] if is_installed(self._targets()) else [])],
            plugins=registry.versions,
            signer=registry.signers.get(LOG_SIGNER),
            every=policy.checkpoint_every,
        )
        self._budget = budget
        self._agent = known_agent(job.agent, job.command[0])
        self._tally = Tally()
        self._trust = trusting(authorities(job))
        self._decided = Decided()
        self._shaper = Shaper(registry.secret_scanners, registry.transforms)
        self._withdrawals = Withdrawals(place, self._masked)
        self._notes = RunNotes(place, run_id)
        self._lookout = Lookout(places.log_path(place), registry.detectors, policy.detectors, registry.sinks)
        self._in_force: Callable[[], Policy] = lambda: policy
        self._failure = self._hint = ""

    def governed(self, command: Sequence[str]) -> Outcome:
        """Open the run, let the agent work, and close the run, whatever happens in between."""
        routes, variables = self._routes()
        self._rows.open(self._policy)
        self._lookout.join(self._run_id, self._write)
        ended: agents.Ended | None = None
        try:
            _check_room_for_a_loop()
            with asyncio.Runner() as runner:
                ended = runner.run(self._serve(command, routes, variables))
        finally:
            self._close(ended)
            self._withdrawals.close()
            self._notes.close()
            self._lookout.close()
        # a run whose evidence broke off has not succeeded, whatever the agent says
        exit_code = 1 if self._failure and ended.exit_code == 0 else ended.exit_code
        return Outcome(
            run_id=self._run_id, exit_code=exit_code, tally=self._tally, failure=self._failure, hint=self._hint
        )

    async def _serve(
        self, command: Sequence[str], routes: Mapping[str, Route], variables: Mapping[str, str]
    ) -> agents.Ended:
        session = self._session()
        self._in_force = lambda: session.policy
        gate = Gate(session, self._append, self._reload(session).look, self._desk())
        named = {_provider(variable): route for variable, route in routes.items()}
        proxy = Proxy(named, gate, str(self._job.cwd), self._notes.note)
        hooks = self._hooks(gate)
        try:
            await proxy.start()
            await hooks.start()
            addresses = {variable: proxy.url(_provider(variable)) for variable in routes}
            given = {**self._job.environment, **variables}
            way = self._agent.way(addresses, given) if self._agent else Way()
            with agents.placed(way.files) as places_of_files:
                own = {**variables, **addresses, **way.fixed, **places_of_files, HOOKS_OF: self._run_id}
                ours = {**self._patience(), **way.variables, **self._job.environment}
                led = [command[0], *way.arguments, *command[1:]]
                return await agents.wait_for(led, agents.environment_of(ours, own), self._job.cwd)
        finally:
            await hooks.stop()
            await proxy.stop()
            gate.close()
            self._failed(gate.failure)

    def _hooks(self, gate: Gate) -> HookSocket:
        """Return where hooks of the agent are answered, should it have any: they belong to this run."""
        variables = [adapter.base_url_variable for adapter in self._registry.adapters.values()]
        door = Door(gate, self._decided, Settings(self._targets(), variables).objection)

        async def doors(event: HookEvent, process: int | None) -> Door:
            self._check_asker(process)
            return door

        path = places.run_path(self._place, self._run_id).with_suffix(".sock")
        return HookSocket(path, Replies(self._registry.hook_dialects, doors, note=self._notes.note))

    def _check_asker(self, process: int | None) -> None:
        """Make sure that the agent of this run asks, or the daemon for it; an agent's settings may name any run.

        Raises `OccasioError`.
        """
        if process is None or is_below(process, os.getpid()):
            return
        answering = daemon.status(self._place)
        if answering is None or answering.pid != process:
            raise OccasioError("the agent that asks was not started by this run")

    def _targets(self) -> list[Target]:
        job, dialects = self._job, self._registry.hook_dialects.values()
        return targets(dialects, job.agent or job.command[0], job.cwd, self._place, job.environment)

    def _session(self) -> Session:
        return Session(
            policy=self._policy,
            rules=self._registry.rules,
            handlers=self._registry.by_tool,
            shaper=self._shaper,
            naming=all_named,
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
            dialects.setdefault(adapter.base_url_variable, []).append(
                Dialect(adapter, adapter.open(self._run_id, self._withdrawals))
            )
        every = [dialect for spoken in dialects.values() for dialect in spoken]
        # providers and gateways serve each other's protocols too, and what is not read there would pass unseen
        complete = {one: [*spoken, *(each for each in every if each not in spoken)] for one, spoken in dialects.items()}
        return {one: self._route(one, spoken, swaps[one]) for one, spoken in complete.items()}, variables

    def _route(self, variable: str, dialects: Sequence[Dialect], swaps: Sequence[Swap]) -> Route:
        # the key of one provider must not go to the address that was given for another
        is_its = self._agent is None or self._agent.base_url_variable in ("", variable)
        given = (self._job.upstream if is_its else None) or self._job.environment.get(variable)
        given = given or dialects[0].adapter.upstream
        return Route(dialects, Upstream(checked_base(given), swaps, self._trust))

    def _masked(self, text: str) -> str:
        return masked(text, self._shaper.scanners_of(self._in_force()))

    def _append(self, record: Record) -> Row:
        row = self._rows.append(record)
        self._lookout.wake()
        self._decided.note(record)
        self._tally.note(record)
        self._notes.keep(record)
        return row

    def _write(self, kind: str, members: Mapping[str, Json]) -> Row:
        return self._append(self._rows.own(kind, members))

    def _close(self, ended: agents.Ended | None) -> None:
        """Write the last rows, after which the run can have no more."""
        reason = "signal" if ended and ended.by_signal else "exit"
        if ended is None or self._failure:
            reason = "failed"
        self._lookout.leave(self._run_id)
        try:
            self._rows.close(ended.exit_code if ended else None, reason)
        except LedgerError as error:
            self._failed(error)

    def _failed(self, error: OccasioError | None) -> None:
        """Keep why the gate closed, and what to do about it; what was first is why."""
        if error is not None and not self._failure:
            self._failure, self._hint = str(error), error.hint or system_hint(error)


def _check_room_for_a_loop() -> None:
    """Raise `OSError` where too many files are open for an event loop: half of one ends in a traceback of its own."""
    with ExitStack() as stack:
        for _ in range(3):  # the selector, and two ends of a pipe to itself
            stack.enter_context(open(os.devnull, "rb"))  # noqa: PTH123 - a device, not a path of ours


def authorities(job: Job) -> list[Path]:
    """Return the files of those whom the agent would believe if it asked the provider itself, and the job's own."""
    named = Path(job.environment.get(EXTRA_AUTHORITIES) or ".")
    extra = [named] if named.is_file() else []  # of a file that is not there the agent itself would only warn
    return [*extra, *([job.upstream_ca] if job.upstream_ca else [])]


def _provider(variable: str) -> str:
    """Return what a provider is called in addresses, after its base URL's variable."""
    return variable.removesuffix("_BASE_URL").lower()
