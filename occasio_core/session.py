"""One run's gate: events in, commands out.

Knows calls, results, rules, limits and what shapes results.  It does not know sockets, files or clocks; what a path may
open is told by a function that the caller brings.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import assert_never

from occasio_core.approvals.question import Ending, Question, Verdict
from occasio_core.budget import LIMIT, Budget, OverBudgetError
from occasio_core.commands import (
    Again,
    Answer,
    Answered,
    Ask,
    Asked,
    Await,
    Command,
    Event,
    Prompted,
    Ran,
    Record,
    Refuse,
    RefuseRequest,
    Relayed,
    Release,
    RequestAsked,
    Round,
    Run,
    Shown,
    TakeOut,
    Told,
    Withhold,
)
from occasio_core.decide import (
    CORE,
    OFF,
    SHELL,
    Naming,
    Ruling,
    approved,
    limited,
    only_told,
    refusal,
    rule_on,
    touched,
)
from occasio_core.interfaces import JoiningToolHandler, PolicyRule, ToolHandler
from occasio_core.limits import Counter, Exceeded
from occasio_core.members import (
    Kept,
    answered_members,
    asked_members,
    call_members,
    kept,
    question_of,
    refusal_text,
    request_members,
    result_members,
    result_of,
    subject,
    told_members,
)
from occasio_core.model import Action, Decision, Earlier, Policy, Reason, RequestDone, ToolCall, ToolResult
from occasio_core.offers import Offers
from occasio_core.permit import permit
from occasio_core.redact import Shaped, masked, notice, raw_of, secrets_in_prompt, without_secrets
from occasio_core.results import Results, changes
from occasio_core.shape import Shaper
from occasio_core.told import NotSent, retold
from occasio_core.wires.offers import Offered
from occasio_verify import Json

APPROVALS = "occasio.approvals"
MOST_EARLIER = 1024  # calls of one handler that a later one is judged with


class Session:
    """Says what becomes of each event of a run.  May be asked from several threads at once.

    `handlers` are found by the agents' names of the tools.  `agent`, if given, is what rows call the agent, whatever it
    says of itself.  `can_ask` says that whoever drives it can ask a person.  `clock` tells seconds and never goes back.
    """

    def __init__(
        self,
        *,
        policy: Policy,
        rules: Mapping[str, PolicyRule],
        handlers: Mapping[str, ToolHandler],
        shaper: Shaper,
        naming: Naming,
        budget: Budget,
        agent: str | None = None,
        can_ask: bool = False,
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._policy = policy
        self._rules = rules
        self._handlers = handlers
        self._shaper = shaper
        self._naming = naming
        self._budget = budget
        self._agent = agent
        self._can_ask = can_ask
        self._clock = clock
        self._earlier: dict[str, deque[Earlier]] = {}  # by handler; all sessions of a run share one screen
        self._counter = Counter()
        self._results = Results(shaper)
        self._offers = Offers(rules, naming)

    @property
    def policy(self) -> Policy:
        """The policy that decides the next event."""
        return self._policy

    @policy.setter
    def policy(self, policy: Policy) -> None:
        self._policy = policy

    def receive(self, event: Event, here: Round | None = None) -> list[Command]:
        """Return what must be done about `event`, in order; `here` is the round that it belongs to."""
        here = here or Round()
        policy = self._policy  # the same for all of this event, whatever is loaded meanwhile
        match event:
            case ToolCall():
                return self._on_call(event, policy, here)
            case Again():
                return self._on_again(event, policy, here)
            case Ran():
                return self._on_ran(event, policy, here)
            case ToolResult():
                return self._on_result(event, policy, here)
            case Told():
                return self._on_told(event, policy, here)
            case Offered():
                return self._on_offered(event, policy)
            case Relayed(result):
                return self._back(result, self._results.shaped(result, policy, self._tool(result.tool)), policy)
            case Shown():
                return self._on_shown(event, policy)
            case Prompted():
                return self._on_prompt(event, policy)
            case Asked():
                members = asked_members(event.waiting)
                return [self._record("approval_requested", event, members), Await(event.waiting)]
            case Answered():
                return self._on_answer(event, policy, here)
            case RequestAsked():
                return self._on_request(event, policy, here)
            case RequestDone():
                cost = self._budget.settle(here.reserved, event)
                here.reserved = 0
                return [self._record("request", event, {**request_members(event, cost), **told_members(here)})]
        assert_never(event)

    def is_alike(self, call: ToolCall, tool: str, effects: tuple[str, ...]) -> bool:
        """Return whether `call` may happen, and is what a row says of a call of `tool` with these effects.

        Another door may spell a call differently.  Nothing is counted; without effects nothing is alike.
        """
        ruling = self._ruling(call, self._policy)
        if ruling.decision.action is Action.BLOCK or ruling.tool != tool:
            return False
        try:
            return bool(effects) and self._kept(ruling).effects == effects
        except ValueError:  # what cannot be written down is like nothing
            return False

    def _on_call(self, call: ToolCall, policy: Policy, here: Round) -> list[Command]:
        ruling = self._ruling(call, policy)
        exceeded = self._counter.call(ruling.tool, here.counts, policy.limits)
        decision = ruling.decision
        commands: list[Command] = []
        if exceeded and decision.action is not Action.BLOCK:
            commands.append(self._limit(call, exceeded))
            decision = limited(decision, exceeded, policy)
        return [*commands, *self._decided(ruling, decision)]

    def _on_again(self, event: Again, policy: Policy, here: Round) -> list[Command]:
        """Let the call go on as it was decided, unless what is known of it now says no, or that a person be asked."""
        ruling = self._ruling(event.call, policy)
        if event.is_approved and ruling.decision.action is Action.ASK:
            ruling = approved(ruling, self._handlers.get(event.call.tool))
        match ruling.decision.action:
            case Action.BLOCK:
                return self._decided(ruling, ruling.decision)
            case Action.ASK:
                return self._on_call(event.call, policy, here)
            case _:
                return [self._carry_out(ruling, ruling.decision, "")]

    def _decided(self, ruling: Ruling, decision: Decision, approval_id: str | None = None) -> list[Command]:
        """Return the row of a decision and what it leads to; of one that a person must take, her question."""
        call, policy, written = ruling.case.call, ruling.case.policy, Kept()
        try:
            written = self._kept(ruling)
        except ValueError as error:  # what cannot be written down must not happen
            opinion = refusal("not-recordable", str(error))
            decision = Decision(action=Action.BLOCK, reasons=(Reason(by=CORE, opinion=opinion), *decision.reasons))
        if call.done_by_provider:
            decision = only_told(decision)
        if decision.action is Action.ASK:
            return [Ask(question_of(ruling, decision, written, lambda text: self._masked(text, policy)))]
        text = self._masked(refusal_text(decision), policy) if decision.action is Action.BLOCK else ""
        recorded = self._record("tool_call", call, call_members(ruling, decision, written, text, approval_id))
        return [recorded, self._carry_out(ruling, decision, text)]

    def _on_answer(self, event: Answered, policy: Policy, here: Round) -> list[Command]:
        question, verdict = event.waiting.question, event.verdict
        kind, members = f"approval_{verdict.answer}", answered_members(event.waiting, verdict)
        recorded = self._record(kind, event, members)
        ruling = self._answered(self._ruling(question.call, policy), question, verdict)
        return [recorded, *self._decided(ruling, ruling.decision, event.waiting.approval_id)]

    def _answered(self, ruling: Ruling, question: Question, verdict: Verdict) -> Ruling:
        """Return what becomes of the call now; the answer holds only for what was asked, as it was asked."""
        if ruling.decision.action is Action.BLOCK:
            return ruling
        rule = question.opinion.rule
        if verdict.answer is not Ending.GRANTED:
            opinion = refusal(f"approval-{verdict.answer}", verdict.message or "a person said no", rule)
        elif self._stale(ruling, question):
            opinion = refusal("approval-stale", "the policy, or what the call would touch, changed meanwhile", rule)
        else:
            return approved(ruling, self._handlers.get(question.call.tool))
        reasons = (Reason(by=APPROVALS, opinion=opinion), *ruling.decision.reasons)
        return replace(ruling, decision=Decision(action=Action.BLOCK, reasons=reasons))

    def _stale(self, ruling: Ruling, question: Question) -> bool:
        return ruling.case.policy.sha256 != question.policy_sha256 or touched(ruling) != question.touched

    def _ruling(self, call: ToolCall, policy: Policy) -> Ruling:
        handler = self._handlers.get(call.tool)
        return rule_on(
            call,
            policy,
            handler,
            self._rules,
            self._naming,
            can_ask=self._can_ask,
            shell=self._handlers.get(SHELL),
            earlier=tuple(self._earlier_of(handler)),
            at=self._clock(),
        )

    def _earlier_of(self, handler: ToolHandler | None) -> deque[Earlier]:
        if not isinstance(handler, JoiningToolHandler):
            return deque()
        return self._earlier.setdefault(handler.name, deque(maxlen=MOST_EARLIER))

    def _carry_out(self, ruling: Ruling, decision: Decision, text: str) -> Command:
        call = ruling.case.call
        if decision.action not in {Action.BLOCK, Action.ASK}:
            self._earlier_of(self._handlers.get(call.tool)).append(Earlier(call=call, at=ruling.case.at))
        match decision.action:
            case Action.PASS:
                return Release(call.call)
            case Action.LOCAL | Action.TRANSFORM:
                self._results.remember(call.call, decision.first.transform)
                if ruling.runner is None:
                    return Release(call.call)
                return Run(call, ruling.runner, permit(ruling, self._rules, self._naming))
            case Action.BLOCK | Action.ASK:
                return Refuse(call.call, text)
        assert_never(decision.action)

    def _on_ran(self, ran: Ran, policy: Policy, here: Round) -> list[Command]:
        result = result_of(ran.call, ran.text, is_error=ran.is_error)
        shaped = self._results.shaped(result, policy, self._tool(result.tool))
        shaped, commands = self._counted(result, shaped, policy, here)
        commands.append(self._outcome(result, shaped, policy, unchanged="local", left_out=ran.left_out))
        text = shaped.texts[0] if shaped.notice is None else shaped.notice
        return [*commands, Answer(result.call, text, ran.is_error or shaped.notice is not None)]

    def _on_result(self, result: ToolResult, policy: Policy, here: Round) -> list[Command]:
        shaped = self._results.shaped_once(result, policy, self._tool(result.tool))
        if not self._results.is_new(result):
            return changes(result, shaped)
        shaped, commands = self._counted(result, shaped, policy, here)
        return [*commands, *self._back(result, shaped, policy)]

    def _back(self, result: ToolResult, shaped: Shaped, policy: Policy) -> list[Command]:
        """Return the row of a result that the agent's tool gave, and what it is changed to."""
        return [self._outcome(result, shaped, policy), *changes(result, shaped)]

    def _on_told(self, event: Told, policy: Policy, here: Round) -> list[Command]:
        try:
            return retold(event, self._results, policy, here)
        except NotSent as refused:
            return [self._record("finding", event, refused.finding), RefuseRequest(str(refused))]

    def _on_offered(self, event: Offered, policy: Policy) -> list[Command]:
        """Take out of a request what the provider may not run; one that insists on it does not go."""
        ruling = self._offers.refused(event, policy)
        if ruling is None:
            return []
        text = self._masked(refusal_text(ruling.decision), policy) if event.is_chosen else ""
        members = call_members(ruling, ruling.decision, Kept(), text)
        recorded = [self._record("tool_call", event.call, members)] if self._offers.is_new(event, policy) else []
        return [*recorded, RefuseRequest(text) if text else TakeOut(event.call.call)]

    def _on_shown(self, event: Shown, policy: Policy) -> list[Command]:
        """Hold back what has a secret in it, whatever was said of it before; nothing else can be done to it."""
        result = event.result
        shaped = without_secrets(result, policy, self._shaper.scanners_of(policy))
        if shaped.texts != result.texts and shaped.notice is None:
            shaped = replace(shaped, texts=(), notice=notice(f"it holds secrets ({', '.join(shaped.labels)})"))
        if not event.can_be_held:
            shaped = Shaped(texts=result.texts, labels=shaped.labels)  # the row says what the model gets
        if shaped.notice is None:
            return [self._outcome(result, shaped, policy)] if event.is_new else []
        return [self._outcome(result, shaped, policy), Withhold(result.call, shaped.notice)]

    def _on_prompt(self, event: Prompted, policy: Policy) -> list[Command]:
        """Let a prompt with a secret in it go nowhere, where results with one would not go as they are."""
        refusal = secrets_in_prompt(event.text, policy, self._shaper.scanners_of(policy))
        members: dict[str, Json] = {"answer": "deny" if refusal.text else "none", "event": event.name}
        if refusal.labels:
            members["secret_labels"] = list(refusal.labels)
        recorded = self._record("hook_event", event, members)
        return [recorded, RefuseRequest(refusal.text)] if refusal.text else [recorded]

    def _counted(self, result: ToolResult, shaped: Shaped, policy: Policy, here: Round) -> tuple[Shaped, list[Command]]:
        """Return what the model gets once the bytes are counted: a notice if they are too many, for the whole run."""
        if shaped.notice is not None:
            return shaped, []
        exceeded = self._counter.result(shaped.size_of(result), here.counts, policy.limits)
        if exceeded is None:
            return shaped, []
        if policy.preset != OFF:
            shaped = replace(shaped, texts=(), notice=notice(f"{exceeded.rule}: {exceeded.message}"))
            self._results.withhold(result, shaped)
        return shaped, [self._limit(result, exceeded)]

    def _on_request(self, asked: RequestAsked, policy: Policy, here: Round) -> list[Command]:
        exceeded = self._counter.request(policy.limits)
        if exceeded is not None:
            refusals = [] if policy.preset == OFF else [RefuseRequest(f"{exceeded.rule}: {exceeded.message}")]
            return [self._limit(asked, exceeded), *refusals]
        try:
            here.reserved = self._budget.reserve(asked.model, asked.size, asked.output_limit)
        except OverBudgetError as error:
            exceeded = Exceeded(limit=LIMIT, max=self._budget.maximum or 0, actual=error.actual)
            refuses = policy.block_requests_over_budget
            return [self._limit(asked, exceeded), *([RefuseRequest(str(error))] if refuses else [])]
        return []

    def _outcome(
        self, result: ToolResult, shaped: Shaped, policy: Policy, unchanged: str = "pass", left_out: int = 0
    ) -> Record:
        recorded = self._record(
            "tool_result", result, result_members(result, shaped, unchanged=unchanged, left_out=left_out)
        )
        raw = raw_of(result, shaped, policy, self._shaper.scanners_of(policy))
        return replace(recorded, raw=raw) if raw else recorded

    def _limit(self, event: Event, exceeded: Exceeded) -> Record:
        members: dict[str, Json] = {"limit": exceeded.limit, "max": exceeded.max, "actual": exceeded.actual}
        return self._record("limit_exceeded", event, members)

    def _record(self, kind: str, event: Event, members: Mapping[str, Json]) -> Record:
        told = subject(event)
        agent = self._agent or told.agent
        return Record(kind=kind, agent=agent, protocol=told.protocol, session=told.session, members=members)

    def _kept(self, ruling: Ruling) -> Kept:
        """Return what a row keeps of the call.  Raises `ValueError` for what no row can hold."""
        call, handler = ruling.case.call, self._handlers.get(ruling.case.call.tool)
        if handler is None or call.problem:
            return Kept()  # what is only guessed is no evidence
        try:
            inputs = handler.normalised(call)
        except Exception as error:  # whatever the plugin raised, there is nothing to write down
            raise ValueError(f"the handler {handler.name} failed with {type(error).__name__}") from error
        policy = ruling.case.policy
        return kept(inputs, ruling.case.effects, lambda text: self._masked(text, policy))

    def _masked(self, text: str, policy: Policy) -> str:
        return masked(text.encode("utf-8", "backslashreplace").decode(), self._shaper.scanners_of(policy))

    def _tool(self, name: str) -> str:
        """Return the canonical name of a tool, the agent's own where there is none."""
        handler = self._handlers.get(name)
        return handler.tools[name] if handler else name
