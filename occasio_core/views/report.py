"""What happened in a span of time, for who has to answer for it: refusals of every kind, secrets, findings, access.

Each entry names its row by position and hash, so that it can be looked up and proved.  Pure: takes rows as they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from occasio_core.model import Action
from occasio_core.reading import Counters, Health
from occasio_core.remedies import remedy
from occasio_core.views.calls import crossing_of, number, target_of, text
from occasio_verify import Json, Row

KINDS = (
    "tool_call",
    "tool_result",
    "request",
    "limit_exceeded",
    "hook_event",
    "approval_denied",
    "approval_expired",
    "policy_rejected",
    "finding",
    "recovered",
    "run_ended",
)
COLUMNS = ("seq", "ts", "run_id", "agent", "kind", "tool", "target", "reason", "rule", "remedy", "secrets", "hash")
MOST_ACCESSES = 100_000  # different targets; of what comes later only how much it was is told
_MOST_CALLS = 10_000  # whose results may still come

_About = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing to answer for; `kind` is in plain words, `remedy` what a person can do about a refusal."""

    seq: int
    ts: str
    run_id: str
    agent: str
    kind: str
    tool: str = ""
    target: str = ""
    reason: str = ""
    rule: str = ""
    remedy: str = ""
    secrets: int = 0
    hash: str = ""


@dataclass(slots=True)
class Access:
    """How often something was touched by calls that were let through, and by which row last."""

    times: int = 0
    last_seq: int = 0
    last_hash: str = ""


@dataclass(slots=True)
class Report:
    """Everything that the formats print.  `access` is by effect and target."""

    generated_at: str
    since: str | None
    until: str | None
    counters: Counters
    health: Health
    events: list[Event] = field(default_factory=list)
    access: dict[tuple[str, str], Access] = field(default_factory=dict)
    unlisted: int = 0  # touches of more targets than are listed

    def summary(self) -> dict[str, Json]:
        """Return the numbers in sum, by name."""
        counters = self.counters
        return {
            "runs": counters.runs,
            "tool_calls": counters.calls,
            "blocked_calls": counters.blocked,
            "withheld_results": counters.results_withheld,
            "changed_results": counters.results_changed,
            "secrets_kept_back": counters.secrets + counters.told_secrets,
            "limits_passed": counters.limits,
            "prompts_refused": counters.hook_denied,
            "approvals_denied": counters.denied,
            "approvals_expired": counters.expired,
            "findings": counters.findings,
            "requests": counters.requests,
            "input_tokens": counters.tokens_in,
            "output_tokens": counters.output_tokens,
            "cost_micro_usd": counters.cost_micro_usd,
            "unpriced_requests": counters.unpriced,
            "targets_touched": len(self.access),
        }

    def as_json(self) -> dict[str, Json]:
        """Return the report for programs."""
        return {
            "generated_at": self.generated_at,
            "since": self.since,
            "until": self.until,
            "summary": self.summary(),
            "counters": self.counters.as_json(),
            "log": self.health.as_json(),
            "events": [{name: getattr(event, name) for name in COLUMNS} for event in self.events],
            "access": [
                {"effect": effect, "target": target, "times": one.times, "seq": one.last_seq, "hash": one.last_hash}
                for (effect, target), one in self.access.items()
            ],
            "unlisted_touches": self.unlisted,
        }


def take_up(report: Report, rows: Iterable[Row]) -> None:
    """Add what `rows` of the kinds `KINDS` say, in the order of the log."""
    calls: dict[tuple[str, str], _About] = {}
    for row in rows:
        key = (row.run_id or "", text(row, "call_id"))
        if row.kind == "tool_call":
            calls[key] = {"tool": text(row, "tool_name"), "target": target_of(row.fields)}
            if len(calls) > _MOST_CALLS:
                del calls[next(iter(calls))]
            if text(row, "action") != "BLOCK":
                _touch(report, row)
        if (event := _event(row, calls.get(key, {}))) is not None:
            report.events.append(event)


def _touch(report: Report, call: Row) -> None:
    effects = call.fields.get("effects")
    for effect in effects if isinstance(effects, list | tuple) else ():
        kind, _, target = str(effect).partition(" ")
        key = (kind, target)
        if key not in report.access and len(report.access) >= MOST_ACCESSES:
            report.unlisted += 1
            continue
        one = report.access.setdefault(key, Access())
        one.times, one.last_seq, one.last_hash = one.times + 1, call.seq, call.hash


def _event(row: Row, of_call: _About) -> Event | None:
    """Return what there is to answer for in a row, None if there is nothing."""
    match row.kind:
        case "tool_call" if text(row, "action") == "BLOCK":
            reason, rule = text(row, "reason"), text(row, "rule")
            told = {"reason": reason, "rule": rule, "remedy": remedy(Action.BLOCK, reason, rule or None)}
            return _made(row, "call refused", {**of_call, **told})
        case "tool_result" if text(row, "result_kind") == "withheld":
            return _made(row, "result withheld", {**of_call, "reason": _with_labels(row, crossing_of(row).why)})
        case "tool_result" if _labels(row):
            kind = "secrets redacted" if number(row, "secrets_redacted") else "secrets let through"
            return _made(row, kind, {**of_call, "reason": _with_labels(row, "")})
        case "request" if _labels(row):
            kind = "secrets redacted" if number(row, "secrets_redacted") else "secrets let through"
            return _made(row, kind, {"target": "the request", "reason": _with_labels(row, "")})
        case "limit_exceeded":
            reason = f"{text(row, 'limit')}: {number(row, 'actual')} of {number(row, 'max')}"
            return _made(row, "limit passed", {"reason": reason})
        case "hook_event" if text(row, "answer") == "deny":
            reason = _with_labels(row, text(row, "event"))
            return _made(row, "refused by a hook", {"tool": text(row, "tool_name"), "reason": reason})
        case "approval_denied" | "approval_expired":
            return _made(row, row.kind.replace("_", " "), {"reason": text(row, "approver")})
        case "policy_rejected":
            reason = text(row, "error")
            return _made(row, "policy edit not used", {"target": text(row, "policy_path"), "reason": reason})
        case "finding":
            reason = f"{text(row, 'severity')}: {text(row, 'message')}"
            return _made(row, "finding", {"tool": text(row, "detector"), "reason": reason})
        case "recovered":
            return _made(row, "log recovered", {"reason": text(row, "reason")})
        case "run_ended" if text(row, "reason") in ("failed", "abandoned"):
            return _made(row, f"run {text(row, 'reason')}", {})
    return None


def _made(row: Row, kind: str, told: Mapping[str, str]) -> Event:
    return Event(
        seq=row.seq,
        ts=text(row, "ts"),
        run_id=row.run_id or "",
        agent=text(row, "agent"),
        kind=kind,
        tool=told.get("tool", ""),
        target=told.get("target", ""),
        reason=told.get("reason", ""),
        rule=told.get("rule", ""),
        remedy=told.get("remedy", ""),
        secrets=number(row, "secrets_redacted"),
        hash=row.hash,
    )


def _labels(row: Row) -> list[str]:
    labels = row.fields.get("secret_labels")
    return [str(label) for label in labels] if isinstance(labels, list | tuple) else []


def _with_labels(row: Row, told: str) -> str:
    return ": ".join(part for part in (told, ", ".join(_labels(row))) if part)


def kinds_of(report: Report) -> Iterator[tuple[str, int]]:
    """Yield each kind of event and how many there are, the most frequent first."""
    counts: dict[str, int] = {}
    for event in report.events:
        counts[event.kind] = counts.get(event.kind, 0) + 1
    yield from sorted(counts.items(), key=lambda one: (-one[1], one[0]))
