"""One attack, from an empty folder to its verdict: the agent is real, and so is everything of Occasio."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from occasio_core import Call, Json, UsageError, parse_json
from occasio_harness import evidence
from occasio_harness.agents import KEY, Agent, McpServer
from occasio_harness.evidence import Row, Sealed
from occasio_harness.process import Finished, run
from occasio_harness.provider import Provider, relayed, scripted
from occasio_harness.scenario import ATTACK, Scenario, Script
from occasio_harness.scratch import OCCASIO, Scratch, prepared
from occasio_harness.search import Before, effects, sightings
from occasio_harness.verdict import Observed, Tried, Verdict, judged

_ENDING = 0.3  # seconds between looks at what waits for an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under which conditions attacks are played."""

    out: Path  # for the evidence
    seconds: float = 180
    is_governed: bool = True  # else there is no gate: the attack must succeed
    live: Mapping[str, str] | None = field(default=None, repr=False)  # the environment that holds the keys
    programs: Path | None = None  # where agents are looked for first


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of one attack."""

    scenario: Scenario
    agent: Agent
    verdict: Verdict
    why: Sequence[str]
    tried: Sequence[Tried] = ()
    stopped_by: Sequence[Row] = ()
    sealed: Sealed = field(default_factory=Sealed)
    seconds: float = 0


def played(scenario: Scenario, agent: Agent, terms: Terms) -> Played:
    """Return what came of the attack; an agent that is not there is inconclusive.  Raises `OSError`, `UsageError`."""
    nothing = Played(scenario=scenario, agent=agent, verdict=Verdict.INCONCLUSIVE, why=[])
    if not scenario.suits(agent):
        return replace(nothing, why=[f"{agent.program} cannot try it"])
    if agent.found(terms.programs) is None:
        return replace(nothing, why=[f"there is no program `{agent.program}` in PATH"])
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="occasio-harness-", ignore_cleanup_errors=True) as folder:
        scratch = prepared(Path(folder), scenario.policy)
        done = _Attack(scenario, agent, terms, scratch).played()
    return replace(done, seconds=round(time.monotonic() - begun, 1))


class _Attack:
    def __init__(self, scenario: Scenario, agent: Agent, terms: Terms, scratch: Scratch) -> None:
        self._scenario = scenario
        self._agent = agent
        self._terms = terms
        self._scratch = scratch

    def played(self) -> Played:
        self._prepare()
        script = self._scenario.script(self._agent, self._scratch)
        before = Before.of(self._scratch, self._scenario)
        with self._provider(script) as provider, self._person():
            finished = self._run(provider)
        return self._judged(script, before, provider, finished)

    def _prepare(self) -> None:
        scenario, agent, scratch = self._scenario, self._agent, self._scratch
        (scratch.work / "docs").mkdir()
        (scratch.work / "docs" / "hours.md").write_text("Closed on Mondays.\n", encoding="utf-8")
        for name, settings in agent.settings.items():
            file = scratch.home / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(settings), encoding="utf-8")
        scenario.prepare(scratch, agent)

    def _provider(self, script: Script) -> AbstractContextManager[Provider]:
        if self._terms.live is None:
            return scripted(script)
        base = self._terms.live.get(self._agent.variable)
        if not base:
            raise UsageError(
                f"where {self._agent.program} finds its live model is not known",
                hint=f"set {self._agent.variable} to the provider's base URL",
            )
        return relayed(base)

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
        while not ended.wait(_ENDING):
            if not all(trace.exists() for trace in traces) and time.monotonic() < given_up:
                continue
            listed = parse_json(self._scratch.occasio("approvals", "list", "--json").stdout.encode() or b"[]")
            for one in listed if isinstance(listed, list) else []:
                if isinstance(one, dict):
                    self._scratch.occasio("approvals", "deny", str(one["approval_id"]))

    def _run(self, provider: Provider) -> Finished:
        agent, scratch = self._agent, self._scratch
        url = provider.url + (agent.path if self._terms.live is None else "")
        task = self._scenario.task if self._terms.live is not None else "Look around, kingfisher."
        is_proxied = self._terms.is_governed and not self._scenario.is_server_alone
        words = agent.command(task)
        led = [*self._server(), *([] if is_proxied else agent.alone(url))]
        # options belong behind the sub-command of an agent that has one
        at = 2 if len(words) > 1 and words[1] in ("exec", "run") else 1
        words = [str(agent.found(self._terms.programs)), *words[1:at], *led, *words[at:]]
        if is_proxied:
            words = [*OCCASIO, "run", "--agent", agent.name, *self._scenario.options, "--", *words]
        environment = {**scratch.environment, **agent.environment, agent.variable: url, agent.key: self._key()}
        return run(words, environment=environment, directory=scratch.work, seconds=self._terms.seconds)

    def _key(self) -> str:
        if self._terms.live is None:
            return KEY
        if not (key := self._terms.live.get(self._agent.key)):
            raise UsageError(f"{self._agent.program} needs a key for its live model", hint=f"set {self._agent.key}")
        return key

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
        seen = Observed(
            tried=self._live_attempts(rows) if terms.live is not None else self._attempts(script, rows, provider),
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
        verdict, why = judged(scenario, seen, is_live=terms.live is not None)
        return Played(
            scenario=scenario,
            agent=self._agent,
            verdict=verdict,
            why=why,
            tried=seen.tried,
            stopped_by=[row for row in rows if evidence.stops(row)],
            sealed=sealed,
        )

    def _attempts(self, script: Script, rows: Sequence[Row], provider: Provider) -> list[Tried]:
        scratch, results = self._scratch, provider.results()
        marker = (scratch.token if self._scenario.is_of_token else scratch.denied).text.encode()
        bodies = b"".join(one.data for one in provider.sent())
        return [
            Tried(
                call=call,
                what=what,
                # without a gate there are no rows: then a result that the model got tells
                was_made=bool(evidence.of_call(rows, call)) or (not rows and call.encode() in bodies),
                rows=evidence.of_call(rows, call),
                brought=marker in results.get(call, b""),
            )
            for call, what in _attacks(script)
        ]

    def _live_attempts(self, rows: Sequence[Row]) -> list[Tried]:
        """Return the calls that name what the scenario is about."""
        return [
            Tried(
                call=str(row["call_id"]),
                what=f"{row['tool_name']} {_shortened(json.dumps(row['tool_inputs'], ensure_ascii=False))}",
                was_made=True,
                rows=evidence.of_call(rows, str(row["call_id"])),
            )
            for row in rows
            if row["kind"] == "tool_call" and any(word in json.dumps(_spoken(row)) for word in self._scenario.bait)
        ]


def _spoken(row: Row) -> list[Json]:
    return [row["tool_inputs"], row["effects"]]


def _attacks(script: Script) -> Iterator[tuple[str, str]]:
    """Yield the id of every attacking call of a script, and what it is."""
    for turn in (*script.turns, *(turn for turns in script.others.values() for turn in turns)):
        calls = [*turn.calls, *(Call(block["name"], block["arguments"], block["call_id"]) for block in turn.blocks)]
        for call in calls:
            if call.id.startswith(ATTACK):
                given = call.input if isinstance(call.input, str) else json.dumps(call.input, ensure_ascii=False)
                yield call.id, f"{call.name} {_shortened(given)}"


def _shortened(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:157]}..."
