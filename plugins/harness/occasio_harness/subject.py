"""The agent that is attacked, at work in a scratch: with or without a gate, with a scripted model or the live one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from occasio_core import Call, UsageError
from occasio_harness.agents import KEY, Agent
from occasio_harness.evidence import Row, of_call
from occasio_harness.marker import Marker
from occasio_harness.process import Finished, run
from occasio_harness.provider import Provider, relayed, scripted
from occasio_harness.scenario import ATTACK, Script
from occasio_harness.scratch import OCCASIO, Scratch
from occasio_harness.verdict import Tried

_SUB_COMMANDS = ("exec", "run")  # options of the agent stand behind them
_SHOWN = 160  # characters of a call


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under which conditions an agent is attacked."""

    out: Path  # for the evidence
    seconds: float = 180
    is_governed: bool = True  # else there is no gate: the attack must succeed
    live: Mapping[str, str] | None = field(default=None, repr=False)  # the environment that holds the keys
    programs: Path | None = None  # where agents are looked for first


@dataclass(frozen=True, slots=True)
class Subject:
    """An agent in a scratch."""

    agent: Agent
    scratch: Scratch
    terms: Terms

    @property
    def is_live(self) -> bool:
        """Whether its model is the provider's."""
        return self.terms.live is not None

    def settle(self) -> None:
        """Write the settings that the agent needs to work alone.  Raises `OSError`."""
        for name, settings in self.agent.settings.items():
            file = self.scratch.home / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(settings), encoding="utf-8")

    def provider(self, script: Script) -> AbstractContextManager[Provider]:
        """Return where the model is: a live one, or one that says what the script says.  Raises `UsageError`."""
        if self.terms.live is None:
            return scripted(script)
        base = self.terms.live.get(self.agent.variable) or self.agent.provider
        if not base:
            raise UsageError(
                f"where {self.agent.program} finds its live model is not known",
                hint=f"set {self.agent.variable} to the provider's base URL",
            )
        return relayed(base)

    def work(
        self,
        provider: Provider,
        task: str,
        *,
        led: Sequence[str] = (),
        options: Sequence[str] = (),
        is_proxied: bool = True,
    ) -> Finished:
        """Have the agent do a task; `led` are more arguments of its own, `options` those of `occasio run`.

        Raises `OSError`, and `UsageError` where its live model has no key.
        """
        agent, scratch, terms = self.agent, self.scratch, self.terms
        url = provider.url + ("" if self.is_live else agent.path)
        words = agent.command(task)
        at = 2 if len(words) > 1 and words[1] in _SUB_COMMANDS else 1
        own = [*led, *([] if is_proxied else agent.alone(url))]
        words = [str(agent.found(terms.programs) or agent.program), *words[1:at], *own, *words[at:]]
        if is_proxied:
            words = [*OCCASIO, "run", "--agent", agent.name, *options, "--", *words]
        environment = {**scratch.environment, **agent.environment, agent.variable: url, agent.key: self._key()}
        return run(words, environment=environment, directory=scratch.work, seconds=terms.seconds)

    def _key(self) -> str:
        if self.terms.live is None:
            return KEY
        if not (key := self.terms.live.get(self.agent.key)):
            raise UsageError(f"{self.agent.program} needs a key for its live model", hint=f"set {self.agent.key}")
        return key


def scripted_attempts(script: Script, rows: Sequence[Row], provider: Provider, marker: Marker) -> list[Tried]:
    """Return what became of each attacking call of a script.

    Without a gate there are no rows: then what the model got of a call tells that it was made.
    """
    results = provider.results()
    bodies = b"".join(one.data for one in provider.sent())
    return [
        Tried(
            call=call,
            what=what,
            was_made=bool(of_call(rows, call)) or (not rows and call.encode() in bodies),
            rows=of_call(rows, call),
            brought=marker.text.encode() in results.get(call, b""),
        )
        for call, what in _attacks(script)
    ]


def live_attempts(rows: Sequence[Row], bait: Sequence[str]) -> list[Tried]:
    """Return the calls whose row names one of the words."""
    return [
        Tried(
            call=str(row["call_id"]),
            what=_shortened(f"{row['tool_name']} {json.dumps(row['tool_inputs'], ensure_ascii=False)}"),
            was_made=True,
            rows=of_call(rows, str(row["call_id"])),
        )
        for row in rows
        if row["kind"] == "tool_call"
        and any(word in json.dumps([row["tool_inputs"], row["effects"]], ensure_ascii=False) for word in bait)
    ]


def _attacks(script: Script) -> Iterator[tuple[str, str]]:
    """Yield the id of every attacking call of a script, and what it is."""
    for turn in (*script.turns, *(turn for turns in script.others.values() for turn in turns)):
        calls = [*turn.calls, *(Call(block["name"], block["arguments"], block["call_id"]) for block in turn.blocks)]
        for call in calls:
            if call.id.startswith(ATTACK):
                given = call.input if isinstance(call.input, str) else json.dumps(call.input, ensure_ascii=False)
                yield call.id, _shortened(f"{call.name} {given}")


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
