"""One run's gate: events in, commands out.

Whoever drives it carries out the commands in the order given and stops at the first that fails; that is what makes
"recorded before released" true.  Knows calls, results, rules and scanners.  It does not know sockets, files or clocks;
what a path may open is told by a function that the caller brings.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from occasio_core.decide import CORE, Naming, Ruling, permit, refusal, rule_on
from occasio_core.interfaces import Permit, PolicyRule, RunningToolHandler, SecretScanner, ToolHandler
from occasio_core.members import Kept, call_members, kept, refusal_text, request_members, result_members, result_of
from occasio_core.model import Action, CallId, Decision, Policy, Reason, RequestDone, ToolCall, ToolResult
from occasio_core.redact import Shaped, masked, shape_result
from occasio_verify import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A call was carried out here instead of by the agent; the model has not seen `text` yet."""

    call: ToolCall
    text: str = field(repr=False)
    is_error: bool


Event: TypeAlias = ToolCall | Ran | ToolResult | RequestDone


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Append a row, durably.  `members` are those of the row's kind (SPEC section 5)."""

    kind: str
    agent: str
    protocol: str
    session: str
    members: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Release:
    """Let what is held for the call go on, byte for byte."""

    call: CallId


@dataclass(frozen=True, slots=True)
class Refuse:
    """Give the agent the call in a form that it cannot run; `text` is what the model will be told."""

    call: CallId
    text: str


@dataclass(frozen=True, slots=True)
class Run:
    """Carry the call out here, and bring back a `Ran`."""

    call: ToolCall
    runner: RunningToolHandler
    permit: Permit


@dataclass(frozen=True, slots=True)
class Answer:
    """As `Refuse`, for a call that was carried out here: `text` is its result."""

    call: CallId
    text: str = field(repr=False)
    is_error: bool


@dataclass(frozen=True, slots=True)
class Return:
    """Put `texts` in the place of a result's texts, one for one."""

    call: CallId
    texts: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Withhold:
    """Put `notice` in the place of a whole result."""

    call: CallId
    notice: str


Command: TypeAlias = Record | Release | Refuse | Run | Answer | Return | Withhold


class Session:
    """Says what becomes of each event of a run.  May be asked from several threads at once.

    `handlers` are found by the agents' names of the tools.  `agent`, if given, is what rows call the agent, whatever it
    says of itself.
    """

    def __init__(
        self,
        *,
        policy: Policy,
        rules: Mapping[str, PolicyRule],
        handlers: Mapping[str, ToolHandler],
        scanners: Mapping[str, SecretScanner],
        naming: Naming,
        agent: str | None = None,
    ) -> None:
        self._policy = policy
        self._rules = rules
        self._handlers = handlers
        self._scanners = scanners
        self._naming = naming
        self._agent = agent
        self._lock = threading.Lock()
        self._transforms: dict[CallId, str] = {}
        self._recorded: set[tuple[CallId, str]] = set()
        self._clean: set[tuple[CallId, str]] = set()
        self._changed: dict[tuple[CallId, str], Shaped] = {}

    @property
    def policy(self) -> Policy:
        """The policy that decides the next event."""
        return self._policy

    @policy.setter
    def policy(self, policy: Policy) -> None:
        with self._lock:
            self._policy = policy
            self._clean.clear()
            self._changed.clear()

    def receive(self, event: Event) -> list[Command]:
        """Return what must be done about `event`, in order."""
        match event:
            case ToolCall():
                return self._on_call(event)
            case Ran():
                return self._on_ran(event)
            case ToolResult():
                return self._on_result(event)
            case RequestDone():
                return [self._record("request", event, request_members(event))]
        assert_never(event)

    def _on_call(self, call: ToolCall) -> list[Command]:
        ruling = rule_on(call, self._policy, self._handlers.get(call.tool), self._rules, self._naming)
        decision, written = ruling.decision, Kept()
        try:
            written = self._kept(ruling)
        except ValueError as error:  # what cannot be written down must not happen
            opinion = refusal("not-recordable", str(error))
            decision = Decision(action=Action.BLOCK, reasons=(Reason(by=CORE, opinion=opinion), *decision.reasons))
        text = self._masked(refusal_text(decision)) if decision.action is Action.BLOCK else ""
        recorded = self._record("tool_call", call, call_members(ruling, decision, written, text))
        return [recorded, self._carry_out(ruling, decision, text)]

    def _carry_out(self, ruling: Ruling, decision: Decision, text: str) -> Command:
        call = ruling.case.call
        match decision.action:
            case Action.PASS:
                return Release(call.call)
            case Action.LOCAL | Action.TRANSFORM:
                self._remember(call.call, decision.first.transform)
                if ruling.runner is None:
                    return Release(call.call)
                return Run(call, ruling.runner, permit(ruling, self._rules, self._naming))
            case Action.BLOCK | Action.ASK:
                return Refuse(call.call, text)
        assert_never(decision.action)

    def _on_ran(self, ran: Ran) -> list[Command]:
        result = result_of(ran.call, ran.text, is_error=ran.is_error)
        shaped = shape_result(result, self._policy, self._scanners, self._transforms.get(result.call))
        recorded = self._record("tool_result", result, result_members(result, shaped, unchanged="local"))
        text = shaped.texts[0] if shaped.notice is None else shaped.notice
        return [recorded, Answer(result.call, text, ran.is_error or shaped.notice is not None)]

    def _on_result(self, result: ToolResult) -> list[Command]:
        shaped = self._shaped_once(result)
        commands: list[Command] = []
        if self._is_new(result):
            commands.append(self._record("tool_result", result, result_members(result, shaped, unchanged="pass")))
        if shaped.notice is not None:
            commands.append(Withhold(result.call, shaped.notice))
        elif shaped.texts != result.texts:
            commands.append(Return(result.call, shaped.texts))
        return commands

    def _shaped_once(self, result: ToolResult) -> Shaped:
        """Return what the model may see of `result`; agents send the whole history each time, and scanning is slow."""
        key = (result.call, result.digest)
        with self._lock:
            policy, transform = self._policy, self._transforms.get(result.call)
            if key in self._clean:
                return Shaped(texts=result.texts)
            known = self._changed.get(key)
        if known is None:
            known = shape_result(result, policy, self._scanners, transform)
            self._keep(key, known, policy, is_clean=known.texts == result.texts and known.notice is None)
        return known

    def _keep(self, key: tuple[CallId, str], shaped: Shaped, policy: Policy, *, is_clean: bool) -> None:
        with self._lock:
            if policy is not self._policy:
                return  # replaced meanwhile: the next request shapes it anew
            if is_clean:
                self._clean.add(key)  # the text itself is in every request: no need to keep it
            else:
                self._changed[key] = shaped

    def _is_new(self, result: ToolResult) -> bool:
        with self._lock:
            is_new = (result.call, result.digest) not in self._recorded
            self._recorded.add((result.call, result.digest))
        return is_new

    def _remember(self, call: CallId, transform: str | None) -> None:
        if transform is not None:
            with self._lock:
                self._transforms[call] = transform

    def _record(self, kind: str, event: ToolCall | ToolResult | RequestDone, members: Mapping[str, Json]) -> Record:
        return Record(
            kind=kind,
            agent=self._agent or event.agent,
            protocol=event.protocol,
            session=event.session,
            members=members,
        )

    def _kept(self, ruling: Ruling) -> Kept:
        """Return what a row keeps of the call.  Raises `ValueError` for what no row can hold."""
        call, handler = ruling.case.call, self._handlers.get(ruling.case.call.tool)
        if handler is None or call.problem:
            return Kept()  # what is only guessed is no evidence
        try:
            inputs = handler.normalised(call)
        except Exception as error:  # whatever the plugin raised, there is nothing to write down
            raise ValueError(f"the handler {handler.name} failed with {type(error).__name__}") from error
        return kept(inputs, ruling.case.effects, self._masked)

    def _masked(self, text: str) -> str:
        return masked(text.encode("utf-8", "backslashreplace").decode(), self._scanners)
