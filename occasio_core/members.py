"""What rows say of calls, results and requests (SPEC sections 5.2, 5.3), and what the model is told of a refusal.

Knows the names of the members.  It does not know the rest of a row, nor when one is written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from occasio_core.approvals.question import Question, Verdict, Waiting
from occasio_core.commands import (
    Again,
    Answered,
    Asked,
    Event,
    Prompted,
    Ran,
    Relayed,
    RequestAsked,
    Round,
    Shown,
    Told,
)
from occasio_core.decide import CORE, Ruling, touched
from occasio_core.model import Decision, Effect, RequestDone, ToolCall, ToolResult
from occasio_core.redact import Shaped
from occasio_core.wires.offers import Offered
from occasio_verify import Json, MalformedError, canonical

MAX_KEPT = 512 << 10  # bytes of one call's inputs and effects; a row holds a megabyte

MOST_NAMES = 32  # members of an input that a row names
UNNAMED = "?"  # stands for names that are more than a word
_NAME = re.compile(r"[A-Za-z_][A-Za-z_-]{0,39}[0-9]?")  # keys and tokens are longer, or have digits

Masked = Callable[[str], str]

_NO_POLICY = "This is protected in every policy, and only a person can do it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a row keeps of a call's input, and of what it would touch."""

    inputs: Mapping[str, Json] = field(default_factory=dict)
    effects: tuple[str, ...] = ()


def kept(inputs: Mapping[str, Json], effects: tuple[Effect, ...], mask: Masked) -> Kept:
    """Return what a row keeps, secrets masked.  Raises `ValueError` for what no row can hold."""
    noted = {mask(name): _noted(value, mask) for name, value in inputs.items()}
    touched = tuple(dict.fromkeys(mask(f"{effect.kind} {_target(effect)}") for effect in effects))
    try:
        size = len(canonical(noted)) + len(canonical(list(touched)))
    except MalformedError as error:
        raise ValueError(f"a row cannot hold the input ({error.code})") from None
    if size > MAX_KEPT:
        raise ValueError("what it would touch is too much for a row")
    return Kept(inputs=noted, effects=touched)


def shown(inputs: Mapping[str, Json], mask: Masked) -> Mapping[str, Json]:
    """Return the whole input as a person reads it, a text for each member, secrets masked."""
    return {
        mask(name): mask(value if isinstance(value, str) else canonical(value).decode())
        for name, value in inputs.items()
    }


def call_members(
    ruling: Ruling, decision: Decision, written: Kept, message: str, approval_id: str | None = None
) -> Mapping[str, Json]:
    """Return the members of a `tool_call` row; `message` is what the model is told, empty if nothing."""
    opinion = decision.first
    optional = {
        "approval_id": approval_id,
        "input_names": list(input_names(ruling.case.call.input)) or None,
        "message": message or None,
        "rule": opinion.rule,
        "transform": opinion.transform,
    }
    return {
        "action": decision.action.value,
        "call_id": ruling.case.call.call,
        "effects": list(written.effects),
        "input_digest": ruling.case.call.input_digest,
        "reason": opinion.reason,
        "tool_inputs": written.inputs,
        "tool_name": ruling.tool,
        **{name: value for name, value in optional.items() if value is not None},
    }


def input_names(given: Mapping[str, Json]) -> tuple[str, ...]:
    """Return what a row says of the input's shape: the names of its members, sorted, none that could be a secret."""
    return tuple(sorted({name if _NAME.fullmatch(name) else UNNAMED for name in given}))[:MOST_NAMES]


def question_of(ruling: Ruling, decision: Decision, written: Kept, mask: Masked) -> Question:
    """Return what a person is asked about a call; `mask` takes secrets out of what she is shown."""
    return Question(
        call=ruling.case.call,
        tool=ruling.tool,
        inputs=shown(ruling.case.together.input, mask),
        effects=written.effects,
        touched=touched(ruling),
        opinion=replace(decision.first, message=mask(decision.first.message)),
        policy_sha256=ruling.case.policy.sha256,
    )


def asked_members(waiting: Waiting) -> Mapping[str, Json]:
    """Return the members of an `approval_requested` row."""
    return {
        "approval_id": waiting.approval_id,
        "call_id": waiting.question.call.call,
        "expires_at": waiting.expires_at,
        "input_digest": waiting.question.call.input_digest,
        "tool_name": waiting.question.tool,
    }


def answered_members(waiting: Waiting, verdict: Verdict) -> Mapping[str, Json]:
    """Return the members of an `approval_granted`, `approval_denied` or `approval_expired` row."""
    return {"approval_id": waiting.approval_id, "approver": verdict.approver, "method": verdict.method}


def result_members(result: ToolResult, shaped: Shaped, *, unchanged: str, left_out: int = 0) -> Mapping[str, Json]:
    """Return the members of a `tool_result` row; `unchanged` is its kind if the model gets it as it is.

    `left_out` counts what the policy kept out of the result of a local run.
    """
    members: dict[str, Json] = {
        "call_id": result.call,
        "content_digest": result.digest,
        "result_kind": _result_kind(result, shaped, unchanged),
        "size": result.size,
    }
    if result.is_error:
        members["is_error"] = True
    if shaped.labels:
        members["secret_labels"] = list(shaped.labels)
    if shaped.count:
        members["secrets_redacted"] = shaped.count
    if left_out:
        members["left_out"] = left_out
    if members["result_kind"] in ("transform", "withheld"):
        members |= _returned(result, shaped)
    if shaped.by and shaped.notice is None:
        members["shaped_by"] = list(shaped.by)
    return members


def request_members(done: RequestDone, cost: int | None) -> Mapping[str, Json]:
    """Return the members of a `request` row; `cost` is in micro-dollars, None where the model has no price."""
    members: dict[str, Json] = {
        "cache_read_tokens": done.cache_read_tokens,
        "cache_write_tokens": done.cache_write_tokens,
        "input_tokens": done.input_tokens,
        "model": done.model,
        "output_tokens": done.output_tokens,
        "status": done.status,
    }
    if cost is not None:
        members["cost_micro_usd"] = cost
    return members if done.complete else {**members, "complete": False}


def told_members(here: Round) -> Mapping[str, Json]:
    """Return the members of a `request` row about secrets in what the request told the model besides results."""
    members: dict[str, Json] = {}
    if here.secret_labels:
        members["secret_labels"] = list(here.secret_labels)
    if here.secrets_redacted:
        members["secrets_redacted"] = here.secrets_redacted
    return members


def subject(event: Event) -> ToolCall | ToolResult | Told | Prompted | RequestAsked | RequestDone:
    """Return what the event is about: a row of it has its agent, its protocol and its session."""
    match event:
        case Ran() | Again() | Offered():
            return event.call
        case Asked() | Answered():
            return event.waiting.question.call
        case Shown() | Relayed():
            return event.result
        case _:
            return event


def result_of(call: ToolCall, text: str, *, is_error: bool) -> ToolResult:
    """Return the result of a call that was carried out here: a single text."""
    text = text.encode("utf-8", "backslashreplace").decode()
    form = canonical(text)
    return ToolResult(
        session=call.session,
        call=call.call,
        agent=call.agent,
        protocol=call.protocol,
        tool=call.tool,
        texts=(text,),
        digest=_sha256(form),
        size=len(form),
        is_error=is_error,
        input=call.input,
    )


def refusal_text(decision: Decision) -> str:
    """Return what the model is told of a refused call: a stable code, the rule, and what a person can do."""
    by, opinion = decision.reasons[0].by, decision.first
    what = ": ".join(part for part in (opinion.rule, opinion.message) if part) or "no reason was given"
    what = what.rstrip(".")  # a person's own message may be a sentence
    if by == CORE and opinion.rule is None:
        return f"Refused by Occasio ({opinion.reason}): {what}. Nothing was run."
    remedy = _NO_POLICY if opinion.reason == "path-protected" else "A person can change this in policy.yml"
    return (
        f"Refused by policy ({opinion.reason}): {what}. Nothing was run. {remedy}; do not try another way to reach it."
    )


def _noted(value: Json, mask: Masked) -> Json:
    """Return `value` as a row may hold it: no secrets, no fractions."""
    match value:
        case str():
            return mask(value)
        case None | bool() | int():
            return value
        case Mapping():
            return {mask(name): _noted(member, mask) for name, member in value.items()}
        case list() | tuple():
            return [_noted(item, mask) for item in value]
        case _:
            raise ValueError(f"a row cannot hold a {type(value).__name__}")


def _target(effect: Effect) -> str:
    return effect.names[0] if effect.names else effect.target


def _result_kind(result: ToolResult, shaped: Shaped, unchanged: str) -> str:
    if shaped.notice is not None:
        return "withheld"
    return unchanged if shaped.texts == result.texts else "transform"


def _returned(result: ToolResult, shaped: Shaped) -> dict[str, Json]:
    """Return the digest and the size of what the model got instead.

    How a content of several parts looks only the wire can tell; where it does not, the size is about what is left.
    """
    form = _returned_form(result, shaped)
    if form is None:
        return {"returned_size": shaped.size_of(result)}
    return {"returned_digest": _sha256(form), "returned_size": len(form)}


def _returned_form(result: ToolResult, shaped: Shaped) -> bytes | None:
    if shaped.notice is not None:
        return canonical(shaped.notice)
    if result.rewritten is not None:
        return result.rewritten(shaped.texts)
    if len(result.texts) != 1 or _sha256(canonical(result.texts[0])) != result.digest:
        return None
    return canonical(shaped.texts[0])


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
