"""From many opinions to one decision: the strictest wins, and whatever fails refuses.

Knows calls, rules and handlers.  It does not know files, rows or wires: names of paths are filled in by a function that
the caller brings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from occasio_core.freeze import frozen
from occasio_core.guess import commands_of_unknown, effects_of_unknown
from occasio_core.interfaces import (
    JoiningToolHandler,
    PolicyRule,
    RunningToolHandler,
    SelectiveToolHandler,
    ToolHandler,
)
from occasio_core.limits import Exceeded
from occasio_core.model import Action, Case, Decision, Earlier, Effect, Opinion, Policy, Reason, ToolCall, ToolPolicy

CORE = "occasio"
TOOLS = "policy.tools"
LIMITS = "policy.limits"
SHELL = "Bash"  # the tool whose handler reads commands in the input of a tool that nobody knows
OFF = "off"  # the preset under which rules are asked and written down, and not obeyed

_LOCAL = Opinion(action=Action.LOCAL, reason="ok")

# What no preset lifts: what Occasio itself rests on, and calls and rules of which nobody knows what they say.
_HELD = frozenset({"malformed-input", "path-protected", "rule-failed", "tool-changed"})

_TOOL_REASONS = {Action.ASK: "approval-required", Action.BLOCK: "tool-denied"}

Naming = Callable[[Iterable[Effect], str, Policy], tuple[Effect, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A decision, and what it was made on.

    `tool` is the canonical name, the agent's own where there is none.  `runner` is the handler that carries the call
    out instead of the agent; None on TRANSFORM means that the agent runs the tool and only the result is shaped.
    `guessed` says that nobody knows the tool: the effects are then a worst reading of every word in the input, good to
    judge by and not to be recorded.
    """

    case: Case
    decision: Decision
    tool: str
    runner: RunningToolHandler | None
    guessed: bool


def rule_on(
    call: ToolCall,
    policy: Policy,
    handler: ToolHandler | None,
    rules: Mapping[str, PolicyRule],
    naming: Naming,
    *,
    can_ask: bool = False,
    shell: ToolHandler | None = None,
    earlier: Sequence[Earlier] = (),
    at: float = 0.0,
) -> Ruling:
    """Work out what `call` would touch, and decide on it.  Never raises for anything that a plugin does.

    `can_ask` says that there is a person who can be asked; without one ASK is a refusal.  `shell` reads the commands
    in the input of a call without a `handler`.  `earlier` are the calls of the same handler that were let through
    before `at`, if it asks for them.
    """
    effects: tuple[Effect, ...] = ()
    joined: ToolCall | None = None
    failure: Opinion | None = None
    if not call.problem:
        try:
            joined = _joined(call, handler, earlier)
            effects = naming(_effects(joined, handler, shell), call.cwd, policy)
        except ValueError as error:  # what cannot be understood cannot be allowed
            failure = refusal("effects-unknown", f"what it would touch cannot be told: {error}")
    tool = _tool_names(call, handler)[-1]
    case = Case(call=call, effects=effects, policy=policy, tool=tool, earlier=tuple(earlier), at=at, joined=joined)
    decision = decide(case, rules, handler, can_ask=can_ask) if failure is None else _from_core(failure)
    return Ruling(
        case=case,
        decision=decision,
        tool=tool,
        runner=_runs(decision, handler, call),
        guessed=handler is None,
    )


def decide(
    case: Case,
    rules: Mapping[str, PolicyRule],
    handler: ToolHandler | None = None,
    *,
    can_ask: bool = False,
    can_run: bool | None = None,
) -> Decision:
    """Ask every rule and the policy's table of tools about `case`; the strictest opinion decides.

    All opinions are kept, in an order that does not depend on the order of the rules.  `can_run` says whether the
    handler can carry out the call; where that is not known it is asked.
    """
    if case.call.problem:
        return _from_core(refusal("malformed-input", case.call.problem))
    able = cache(lambda: _runner(handler, case.call) is not None if can_run is None else can_run)
    judged = [_of_door(case.call), *(_asked(name, rules[name], case) for name in rules)]
    reasons = [*_of_tools(case, handler, able), *(reason for reason in judged if reason)]
    reasons.sort(key=_rank)
    if case.policy.preset == OFF:
        reasons = [*_lifted(reasons), *reasons]
    if case.call.only_here:
        reasons = _here(reasons)
    if objection := _objection(reasons, handler, able, can_ask):
        reasons.insert(0, Reason(by=CORE, opinion=objection))
    return Decision(action=reasons[0].opinion.action, reasons=tuple(reasons))


def approved(ruling: Ruling, handler: ToolHandler | None) -> Ruling:
    """Return the ruling on a call that a person has let through: what the other opinions say of it."""
    asked = ruling.decision.first
    others = [reason for reason in ruling.decision.reasons if reason.opinion.action is not Action.ASK]
    then = others[0].opinion if others else Opinion(action=Action.PASS, reason="ok")
    opinion = Opinion(action=then.action, reason="approved", rule=asked.rule, transform=then.transform)
    reasons = [Reason(by=CORE, opinion=opinion), *ruling.decision.reasons]
    able = cache(lambda: _runner(handler, ruling.case.call) is not None)
    if objection := _cannot_be_done(opinion, handler, able, can_ask=False):
        reasons.insert(0, Reason(by=CORE, opinion=objection))
    return _with(ruling, Decision(action=reasons[0].opinion.action, reasons=tuple(reasons)), handler)


def only_told(decision: Decision) -> Decision:
    """Return what is written down of a call that the provider has carried out already, with what would have decided."""
    opinion = Opinion(action=Action.PASS, reason="provider-ran", rule=decision.first.rule)
    return Decision(action=Action.PASS, reasons=(Reason(by=CORE, opinion=opinion), *decision.reasons))


def touched(ruling: Ruling) -> tuple[str, ...]:
    """Return everything that the call would touch, by every name that rules compare."""
    return tuple(f"{effect.kind} {effect.target} {effect.names}" for effect in ruling.case.effects)


def limited(decision: Decision, exceeded: Exceeded, policy: Policy) -> Decision:
    """Return the decision once a limit is passed; with the preset `off` it is only told."""
    if policy.preset == OFF:
        return decision
    opinion = refusal("limit-exceeded", exceeded.message, exceeded.rule)
    return Decision(action=Action.BLOCK, reasons=(Reason(by=LIMITS, opinion=opinion), *decision.reasons))


def refusal(reason: str, message: str, rule: str | None = None) -> Opinion:
    """Return the opinion that a call must not happen."""
    return Opinion(action=Action.BLOCK, reason=reason, rule=rule, message=message)


def _joined(call: ToolCall, handler: ToolHandler | None, earlier: Sequence[Earlier]) -> ToolCall:
    """Return `call` as it is judged.  Raises `ValueError` when that cannot be told."""
    if not isinstance(handler, JoiningToolHandler):
        return call
    try:
        return replace(call, input=handler.joined(call, earlier).input)
    except Exception as error:  # whatever the plugin raised, the call is not understood
        raise ValueError(f"the handler {handler.name} failed with {type(error).__name__}") from error


def _effects(call: ToolCall, handler: ToolHandler | None, shell: ToolHandler | None) -> tuple[Effect, ...]:
    """Return what `call` would touch.  Raises `ValueError` when that cannot be told."""
    if handler is None:
        commands = commands_of_unknown(call) if shell else ()
        as_shell = [replace(call, tool=SHELL, input=frozen({"command": command})) for command in commands]
        return (*effects_of_unknown(call), *(effect for one in as_shell for effect in _effects(one, shell, None)))
    try:
        effects = tuple(handler.effects(call))
    except Exception as error:  # whatever the plugin raised, the call is not understood
        # The class alone: a message may quote what the call holds.
        raise ValueError(f"the handler {handler.name} failed with {type(error).__name__}") from error
    if not all(isinstance(effect, Effect) for effect in effects):
        raise ValueError(f"the handler {handler.name} returned something that is no effect")
    return effects


def _of_door(call: ToolCall) -> Reason | None:
    return Reason(by=CORE, opinion=refusal("tool-changed", call.objection)) if call.objection else None


def _asked(name: str, rule: PolicyRule, case: Case) -> Reason | None:
    try:
        opinion: object = rule.judge(case)
    except Exception as error:  # noqa: BLE001 - a broken rule must not open the gate
        return Reason(by=name, opinion=refusal("rule-failed", f"the rule {name} failed with {type(error).__name__}"))
    if opinion is None:
        return None
    if not isinstance(opinion, Opinion) or not isinstance(opinion.action, Action):
        return Reason(by=name, opinion=refusal("rule-failed", f"the rule {name} returned something that is no opinion"))
    return Reason(by=name, opinion=opinion)


def _of_tools(case: Case, handler: ToolHandler | None, able: Callable[[], bool]) -> list[Reason]:
    """Return what the policy's `tools:` says, under the agent's name and under the canonical one.

    A tool that it does not name is up to `default_action`.
    """
    entries = entries_of(case.policy, *_tool_names(case.call, handler))
    opinions = [_of_entry(name, entry, able) for name, entry in entries.items()]
    return [Reason(by=TOOLS, opinion=opinion) for opinion in opinions or [_unlisted(case.policy)]]


def entries_of(policy: Policy, *names: str) -> dict[str, ToolPolicy]:
    """Return what `tools:` says of a tool by any of its names; for a tool of MCP without a word, that of its server.

    A tool of MCP is `mcp__SERVER__TOOL`, and `mcp__SERVER` stands for all of the server's that have no entry.
    """
    found = {name: entry for name in names if (entry := policy.tools.get(name))}
    servers = ["__".join(name.split("__")[:2]) for name in names if name.startswith("mcp__")]
    return found or {server: entry for server in servers if (entry := policy.tools.get(server))}


def _of_entry(name: str, entry: ToolPolicy, able: Callable[[], bool]) -> Opinion:
    action = entry.action
    if action is Action.LOCAL and entry.otherwise is not Action.BLOCK and not able():
        action = entry.otherwise
    return Opinion(
        action=action,
        reason=entry.reason or _TOOL_REASONS.get(action, "ok"),
        rule=f"tools: {name}",
        message=entry.message,
        transform=entry.transform,
    )


def _unlisted(policy: Policy) -> Opinion:
    action = policy.default_action
    if action is Action.PASS:
        return Opinion(action=action, reason="ok")
    return Opinion(action=action, reason=_TOOL_REASONS.get(action, "ok"), rule=f"default_action: {action}")


def _here(reasons: list[Reason]) -> list[Reason]:
    """Return the reasons for a call that only Occasio can carry out: what would let it go says LOCAL."""
    first = reasons[0].opinion
    ours = Reason(by=CORE, opinion=replace(first, action=Action.LOCAL) if first.action is Action.PASS else _LOCAL)
    return [ours, *reasons] if first.action is Action.PASS else [*reasons, ours]


def _lifted(reasons: list[Reason]) -> list[Reason]:
    """Return what comes before the opinions when they are only written down: nothing if one of them holds always."""
    first = reasons[0].opinion
    if first.action is Action.PASS or any(reason.opinion.reason in _HELD for reason in reasons):
        return []
    opinion = Opinion(action=Action.PASS, reason="preset-off", rule=first.rule, message=first.message)
    return [Reason(by=CORE, opinion=opinion)]


def _objection(
    reasons: list[Reason], handler: ToolHandler | None, able: Callable[[], bool], can_ask: bool
) -> Opinion | None:
    """Return why what was decided cannot be done; what is shaped or asked about may be for here too."""
    first = reasons[0].opinion
    local = next((reason.opinion for reason in reasons if reason.opinion.action is Action.LOCAL), None)
    if local and first.action in {Action.TRANSFORM, Action.ASK}:
        return _cannot_be_done(local, handler, able, can_ask) or _cannot_be_done(first, handler, able, can_ask)
    return _cannot_be_done(first, handler, able, can_ask)


def _cannot_be_done(
    opinion: Opinion, handler: ToolHandler | None, able: Callable[[], bool], can_ask: bool
) -> Opinion | None:
    match opinion.action:
        case Action.ASK if not can_ask:
            return refusal("approval-unavailable", "a person would have to be asked, and nobody can be", opinion.rule)
        case Action.LOCAL if not isinstance(handler, RunningToolHandler):
            return refusal("no-local-handler", "no plugin can run this tool in place of the agent", opinion.rule)
        case Action.LOCAL if not able():
            return refusal("not-local", "it is to be run here, and it is not among what can be run here", opinion.rule)
        case _:
            return None


def _rank(reason: Reason) -> tuple[int, str, str, str, str]:
    opinion = reason.opinion
    return -opinion.action.strictness, reason.by, opinion.reason, opinion.rule or "", opinion.message


def _from_core(opinion: Opinion) -> Decision:
    return Decision(action=opinion.action, reasons=(Reason(by=CORE, opinion=opinion),))


def _tool_names(call: ToolCall, handler: ToolHandler | None) -> tuple[str, ...]:
    """Return the agent's name of the tool, then the canonical one if there is one."""
    canonical = handler.tools.get(call.tool) if handler else None
    return (call.tool,) if canonical is None else (call.tool, canonical)


def _with(ruling: Ruling, decision: Decision, handler: ToolHandler | None) -> Ruling:
    return replace(ruling, decision=decision, runner=_runs(decision, handler, ruling.case.call))


def _runs(decision: Decision, handler: ToolHandler | None, call: ToolCall) -> RunningToolHandler | None:
    wants_local = any(reason.opinion.action is Action.LOCAL for reason in decision.reasons)
    if decision.action is Action.TRANSFORM and isinstance(handler, SelectiveToolHandler) and not wants_local:
        return None  # who wants results shaped did not ask for some of them to come from elsewhere
    return _runner(handler, call) if decision.action in {Action.LOCAL, Action.TRANSFORM} else None


def _runner(handler: ToolHandler | None, call: ToolCall) -> RunningToolHandler | None:
    """Return what carries out exactly this call in the agent's place, None if nothing can."""
    if not isinstance(handler, RunningToolHandler):
        return None
    if not isinstance(handler, SelectiveToolHandler):
        return handler
    try:
        return handler if handler.can_run(call) is True else None
    except Exception:  # noqa: BLE001 - whatever the plugin raised, it does not know how to run the call
        return None
