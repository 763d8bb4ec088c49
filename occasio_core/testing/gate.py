"""A gate in memory: the real engine and session, with the plugin under test beside the built-in ones.

Nothing is run by an agent, written or sent.  It stands in for a run: calls and results go in, and what the model would
get comes out, with every row that would have been recorded before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from occasio_core.budget import Budget
from occasio_core.commands import Answer, Ask, Command, Record, Refuse, Release, Return, Run, Withhold
from occasio_core.detection.finding import Finding
from occasio_core.detection.watcher import Watcher
from occasio_core.driver import carried_out
from occasio_core.engine import Engine, prepared, supposed
from occasio_core.links import all_named
from occasio_core.model import Action, CallId, Opinion, ToolCall, ToolResult
from occasio_core.plugins import Origin, collect, load
from occasio_core.policy import policy_of
from occasio_core.prices import read_prices
from occasio_core.session import Session
from occasio_core.shape import Shaper
from occasio_verify import Json, canonical

UNDER_TEST = "under-test"  # the distribution that the plugin seems to come from

_BEGUN = datetime(2026, 1, 1, 9, tzinfo=UTC)  # a Thursday

Annotations: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What became of one call, as its row has it.

    `reason` is the stable code of the opinion that decided, `rule` what that opinion names of the policy.  `text` is
    what the model gets instead of a result of the agent's own; None where the agent runs the call or a person is asked.
    """

    action: Action
    reason: str
    rule: str | None
    text: str | None


class TestGate:
    """One run's gate.  `plugin` is the module, or any object with hooks; `name` is what an entry point would call it.

    `policy` is the text of a policy.yml, `settings` what stands for this plugin under `plugins:`; `cwd` is where the
    agent seems to work.  Raises `PolicyError` and `PluginError` as the start of a run does.
    """

    __test__ = False  # pytest would collect it

    def __init__(
        self,
        plugin: object = None,
        *,
        name: str = "mine",
        policy: str = "version: 1\n",
        settings: Mapping[str, Json] = MappingProxyType({}),
        cwd: Path | None = None,
        home: Path | None = None,
    ) -> None:
        self._name = name
        self.cwd = cwd or Path.cwd()
        self.rows: list[Record] = []
        home = home or self.cwd / ".occasio"
        plugins = load([])
        if plugin is not None:
            plugins.add(plugin, name, Origin(distribution=UNDER_TEST, version="0"))
        given = policy_of(policy.encode(), self.cwd / "policy.yml", home, str(self.cwd))
        given = replace(given, plugins={**given.plugins, UNDER_TEST: settings})
        registry = collect(plugins, given.plugins, home)
        self.engine = Engine(policy=prepared(given, registry), registry=registry, home=home)
        self._session = Session(
            policy=self.engine.policy,
            rules=registry.rules,
            handlers=registry.by_tool,
            shaper=Shaper(registry.secret_scanners, registry.transforms),
            naming=all_named,
            budget=Budget(read_prices(home / "prices.json"), None),
            can_ask=True,
        )
        self._count = 0

    def opinions(self, tool: str, **given: Json) -> Mapping[str, Opinion]:
        """Return what every rule thinks of a call, by the rule's name; those without an opinion are left out."""
        ruling = self.engine.rule(self._made(tool, given, {}))
        return {reason.by: reason.opinion for reason in ruling.decision.reasons}

    def call(self, tool: str, *, annotations: Annotations = MappingProxyType({}), **given: Json) -> Called:
        """Return what becomes of a call of `tool`, an agent's name of it, with this input.

        A tool that is run here is run.
        """
        call = self._made(tool, given, annotations)
        before, text = len(self.rows), None
        commands = self._session.receive(call)
        while commands:
            command = commands.pop(0)
            match command:
                case Record():
                    self.rows.append(command)
                case Run():
                    commands = self._session.receive(carried_out(command)) + commands
                case Answer(_, answered, _):
                    text = answered
                case Refuse(_, refused):
                    text = refused
                case Ask() | Release():
                    pass
                case _:
                    raise AssertionError(f"{type(command).__name__} does not follow from a call")
        row = next((row.members for row in self.rows[before:] if row.kind == "tool_call"), None)
        if row is None:  # a person is asked first, and the call's row says what came of that
            asked = self.engine.rule(call).decision
            return Called(action=asked.action, reason=asked.first.reason, rule=asked.first.rule, text=None)
        rule = row.get("rule")
        return Called(
            action=Action(str(row["action"])),
            reason=str(row["reason"]),
            rule=rule if isinstance(rule, str) else None,
            text=text,
        )

    def result(self, tool: str, *texts: str, **given: Json) -> tuple[str, ...]:
        """Return what the model gets of a result that the agent brought, a text for each of `texts`."""
        call = self._made(tool, given, {})
        form = canonical(list(texts))
        event = ToolResult(
            session=call.session,
            call=call.call,
            agent=call.agent,
            protocol=call.protocol,
            tool=tool,
            texts=texts,
            digest=hashlib.sha256(form).hexdigest(),
            size=len(form),
            input=call.input,
        )
        shown = texts
        for command in self._session.receive(event):
            shown = self._shown(command, shown)
        return shown

    def findings(self, apart: float = 1.0) -> list[Finding]:
        """Return what the plugin's detectors find in the rows so far, `apart` seconds from each other."""
        mine = {name: one for name, one in self.engine.registry.detectors.items() if name.startswith(f"{self._name}.")}
        watcher = Watcher(mine, self.engine.policy.detectors)
        return [found.finding for row in self._as_in_a_log(apart) for found in watcher.observe(row)]

    def _as_in_a_log(self, apart: float) -> Iterator[Mapping[str, Json]]:
        """Yield the rows with what a log adds to them, behind that of a run's start; the hashes are made up."""
        start = {"command": "test", "cwd": str(self.cwd)}
        told = [("run_started", start), *((row.kind, row.members) for row in self.rows)]
        for position, (kind, members) in enumerate(told):
            ts = (_BEGUN + timedelta(seconds=position * apart)).isoformat().replace("+00:00", "Z")
            yield {**members, "kind": kind, "ts": ts, "run_id": "test", "agent": "test", "hash": f"{position:064x}"}

    def _shown(self, command: Command, shown: tuple[str, ...]) -> tuple[str, ...]:
        match command:
            case Record():
                self.rows.append(command)
            case Return(_, texts):
                return tuple(texts)
            case Withhold(_, notice):
                return (notice,)
            case _:
                raise AssertionError(f"{type(command).__name__} does not follow from a result")
        return shown

    def _made(self, tool: str, given: Mapping[str, Json], annotations: Annotations) -> ToolCall:
        self._count += 1
        call = supposed(tool, given, self.cwd, agent="test", annotations=annotations)
        return replace(call, call=CallId(f"call-{self._count}"))
