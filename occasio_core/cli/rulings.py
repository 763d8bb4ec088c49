"""How a decision that was not carried out is shown: to a person in lines, to a program as JSON."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator

import click

from occasio_core.decide import Ruling
from occasio_core.model import Action, Effect, Policy
from occasio_core.policy.describe import statements
from occasio_core.remedies import remedy
from occasio_core.visible import written_out
from occasio_verify import Json

_COLORS = {Action.BLOCK: "red", Action.ASK: "yellow"}
_LABEL = 10  # columns
_NARROW, _WIDE = 40, 100
_MOST_EFFECTS = 12


def ruling_json(ruling: Ruling) -> dict[str, Json]:
    """Return everything that was thought about the call."""
    opinion, policy = ruling.decision.first, ruling.case.policy
    return {
        "action": ruling.decision.action.value,
        "reason": opinion.reason,
        "rule": opinion.rule,
        "message": opinion.message,
        "remedy": remedy(ruling.decision.action, opinion.reason, opinion.rule),
        "transform": opinion.transform,
        "tool": ruling.case.call.tool,
        "tool_name": ruling.tool,
        "known": not ruling.guessed,
        "effects": [_effect_json(effect) for effect in ruling.case.effects],
        "opinions": [
            {
                "action": reason.opinion.action.value,
                "by": reason.by,
                "reason": reason.opinion.reason,
                "rule": reason.opinion.rule,
                "message": reason.opinion.message,
            }
            for reason in ruling.decision.reasons
        ],
        "policy": {"source": policy.source, "path": policy.path, "sha256": policy.sha256},
    }


def ruling_lines(ruling: Ruling, *, whole: bool) -> Iterator[str]:
    """Yield the decision in lines; with `whole` also what the call would touch, and every other opinion."""
    decision, policy = ruling.decision, ruling.case.policy
    opinion = decision.first
    yield f"{shown_action(decision.action)}  {opinion.reason}"
    yield from fields(
        [
            ("rule", _rule(opinion.rule, policy)),
            ("why", opinion.message),
            ("to do", remedy(decision.action, opinion.reason, opinion.rule)),
        ]
    )
    if whole:
        yield from fields([("tool", _tool(ruling)), ("by", decision.reasons[0].by)])
        yield from fields(_touched(ruling.case.effects))
        yield from fields(_others(ruling))
    yield from fields([("policy", policy_name(policy))])


def policy_name(policy: Policy) -> str:
    """Return where the policy is, and the beginning of its hash."""
    return f"{policy.path or 'built in'} ({policy.sha256[:12]})"


def shown_action(action: Action) -> str:
    """Return the action in its color."""
    return click.style(action.value, fg=_COLORS.get(action, "green"), bold=True)


def fields(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield each text behind its label, in as many lines as it takes; those without a text are left out."""
    shown = [(label, said) for label, said in pairs if said]
    column = max([_LABEL, *(len(label) + 1 for label, _ in shown)])
    width = min(max(shutil.get_terminal_size().columns, _NARROW), _WIDE) - column - 2
    for label, said in shown:
        one_line = written_out(said)
        wrapped = textwrap.wrap(one_line, width, break_on_hyphens=False, break_long_words=False)
        for place, line in enumerate(wrapped):
            yield f"  {'' if place else label:<{column}}{line}"


def _rule(rule: str | None, policy: Policy) -> str:
    """Return the rule, and on which line of the person's own policy it stands."""
    line = next((one.line for one in statements(policy) if rule in {one.subject, f"{one.subject}: {one.value}"}), 0)
    return f"{rule} (line {line})" if rule and line else rule or ""


def _tool(ruling: Ruling) -> str:
    name = ruling.case.call.tool
    if ruling.guessed:
        return f"{name}, which no plugin knows: judged by every word in its input"
    return name if ruling.tool == name else f"{name} ({ruling.tool})"


def _touched(effects: tuple[Effect, ...]) -> Iterator[tuple[str, str]]:
    if not effects:
        yield "touches", "nothing that can be seen"
    for place, effect in enumerate(effects[:_MOST_EFFECTS]):
        yield "" if place else "touches", _effect(effect)
    if len(effects) > _MOST_EFFECTS:
        yield "", f"and {len(effects) - _MOST_EFFECTS} more; --json has all"


def _effect(effect: Effect) -> str:
    if effect.unknown:
        return f"{effect.kind} something made up at run time: {effect.target}"
    others = [name for name in effect.names if name != effect.target]
    return f"{effect.kind} {effect.target}" + (f" -> {', '.join(others)}" if others else "")


def _others(ruling: Ruling) -> Iterator[tuple[str, str]]:
    for place, reason in enumerate(ruling.decision.reasons[1:]):
        opinion = reason.opinion
        said = " ".join(part for part in (opinion.action.value, opinion.reason, opinion.rule or "") if part)
        yield "" if place else "also", f"{said}, says {reason.by}"


def _effect_json(effect: Effect) -> dict[str, Json]:
    return {
        "kind": effect.kind.value,
        "target": effect.target,
        "names": list(effect.names),
        "wild": effect.wild,
        "unknown": effect.unknown,
    }
