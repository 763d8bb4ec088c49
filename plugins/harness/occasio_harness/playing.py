"""One scenario, from an empty folder to its verdict: the agent is real, and so is everything of Occasio."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from occasio_core import parse_json
from occasio_harness import evidence
from occasio_harness.agents import Agent, McpServer
from occasio_harness.evidence import Row, Sealed
from occasio_harness.process import Finished
from occasio_harness.provider import Provider
from occasio_harness.scenario import Scenario, Script
from occasio_harness.scratch import OCCASIO, prepared
from occasio_harness.search import Before, effects, sightings
from occasio_harness.subject import Subject, Terms, live_attempts, scripted_attempts
from occasio_harness.verdict import Observed, Tried, Verdict, judged

_PAUSE = 0.3  # seconds between looks at what waits for an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of one scenario."""

    scenario: Scenario
    agent: Agent
    verdict: Verdict
    why: Sequence[str]
    tried: Sequence[Tried] = ()
    stopped_by: Sequence[Row] = ()
    sealed: Sealed = field(default_factory=Sealed)
    seconds: float = 0


def played(scenario: Scenario, agent: Agent, terms: Terms) -> Played:
    """Return what came of it; an agent that is not there is inconclusive.  Raises `OSError`, `UsageError`."""
    nothing = Played(scenario=scenario, agent=agent, verdict=Verdict.INCONCLUSIVE, why=[])
    if not scenario.suits(agent):
        return replace(nothing, why=[f"{agent.program} cannot try it"])
    if agent.found(terms.programs) is None:
        return replace(nothing, why=[f"there is no program `{agent.program}` in PATH"])
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="occasio-harness-", ignore_cleanup_errors=True) as folder:
        scratch = prepared(Path(folder), scenario.policy)
        done = _Attack(scenario, Subject(agent, scratch, terms)).played()
    return replace(done, seconds=round(time.monotonic() - begun, 1))


class _Attack:
    def __init__(self, scenario: Scenario, subject: Subject) -> None:
        self._scenario = scenario
        self._subject = subject
        self._agent = subject.agent
        self._scratch = subject.scratch
        self._terms = subject.terms

    def played(self) -> Played:
        self._subject.settle()
        if self._scenario.has_hooks and self._terms.is_governed:  # without the gate they would refuse everything
            self._scratch.occasio("hook", "install", "--agent", self._agent.name)
        self._scenario.prepare(self._scratch, self._agent)
        script = self._scenario.script(self._agent, self._scratch)
        before = Before.of(self._scratch, self._scenario)
        with self._subject.provider(script) as provider, self._person():
            finished = self._run(provider)
        return self._judged(script, before, provider, finished)

    @contextmanager
    def _person(self) -> Iterator[None]:
        """While entered, answer what waits with no, once the attack has left the traces that it must leave."""
        if not self._scenario.answers or not self._terms.is_governed:
            yield
            return
        ended = threading.Event()
        person = threading.Thread(target=self._answer, args=(ended,))
        person.start()
        try:
            yield
        finally:
            ended.set()
            person.join()

    def _answer(self, ended: threading.Event) -> None:
        given_up = time.monotonic() + self._terms.seconds / 2
        traces = [self._scratch.root / name for name in self._scenario.traces]
        while not ended.wait(_PAUSE):
            if not all(trace.exists() for trace in traces) and time.monotonic() < given_up:
                continue
            listed = parse_json(self._scratch.occasio("approvals", "list", "--json").stdout.encode() or b"[]")
            for one in listed if isinstance(listed, list) else []:
                if isinstance(one, dict):
                    self._scratch.occasio("approvals", "deny", str(one["approval_id"]))

    def _run(self, provider: Provider) -> Finished:
        task = self._scenario.task if self._subject.is_live else "Look around."
        is_proxied = self._terms.is_governed and not self._scenario.is_server_alone
        return self._subject.work(
            provider, task, led=self._server(), options=self._scenario.options, is_proxied=is_proxied
        )

    def _server(self) -> list[str]:
        """Return the arguments by which the agent has the scenario's server, behind the gateway if there is a gate."""
        if self._scenario.server is None:
            return []
        server = self._scenario.server(self._scratch)
        if self._terms.is_governed:
            wrap = (*OCCASIO, "mcp", "wrap", "--name", server.name, "--")
            home = {"OCCASIO_HOME": str(self._scratch.occasio_home)}
            server = McpServer(name=server.name, command=(*wrap, *server.command), environment=home)
        return self._agent.with_server(server)

    def _judged(self, script: Script, before: Before, provider: Provider, finished: Finished) -> Played:
        scenario, scratch, terms = self._scenario, self._scratch, self._terms
        rows = evidence.rows_of_last_run(scratch.log) if terms.is_governed else []
        name = f"{scenario.name}-{self._agent.program}"
        sealed = evidence.sealed(scratch, terms.out, name) if rows else Sealed(why_not="there was no run to seal")
        sent = provider.sent()
        marker = scenario.marker(scratch)
        is_live = self._subject.is_live
        seen = Observed(
            tried=live_attempts(rows, scenario.bait) if is_live else scripted_attempts(script, rows, provider, marker),
            rows=rows,
            sightings=sightings(scenario, scratch, sent, finished, sealed.bundle),
            effects=effects(scenario, self._agent, scratch, before),
            requests=len(sent),
            control_came=any(scratch.control.text.encode() in one.data for one in sent),
            missing_traces=[one for one in scenario.traces if not (scratch.root / one).exists()],
            why_not_sealed=sealed.why_not,
            in_time=finished.in_time,
            words=finished.words,
        )
        verdict, why = judged(scenario, seen, is_live=is_live)
        return Played(
            scenario=scenario,
            agent=self._agent,
            verdict=verdict,
            why=why,
            tried=seen.tried,
            stopped_by=[row for row in rows if evidence.stops(row)],
            sealed=sealed,
        )
