"""What the rows of runs show, counted, with the rows that show it.

Knows the members of rows.  It does not know frameworks, nor what any of this means for one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from occasio_core import Json, coverage

MOST_ROWS = 20  # that one fact names; the log has all, and the count is of all

Fields = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Reference:
    """A row, so that it can be found (`seq`) and proved to be the one that was meant (`hash`)."""

    seq: int
    hash: str
    kind: str
    run_id: str | None

    def as_json(self) -> dict[str, Json]:
        """Return it for programs."""
        return {"seq": self.seq, "hash": self.hash, "kind": self.kind, "run_id": self.run_id}


@dataclass(slots=True)
class Facts:
    """How often each fact was seen, and the first rows that show it; `runs` are those that were looked at."""

    counts: Counter[str] = field(default_factory=Counter)
    rows: dict[str, list[Reference]] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)

    def note(self, fact: str, row: Fields, times: int = 1) -> None:
        """Count a fact that `row` shows."""
        self.counts[fact] += times
        shown = self.rows.setdefault(fact, [])
        if len(shown) < MOST_ROWS:
            shown.append(reference(row))


def reference(row: Fields) -> Reference:
    """Return what names a row."""
    run, seq = row["run_id"], row["seq"]
    assert isinstance(seq, int)
    return Reference(seq, str(row["hash"]), str(row["kind"]), run if isinstance(run, str) else None)


def gather(runs: Iterable[tuple[str, Iterable[Fields]]], of_the_log: Iterable[Fields] = ()) -> Facts:
    """Return the facts of whole runs, each given with all its rows, and of rows that belong to no run.

    Memory is that of the calls of one run.
    """
    facts = Facts()
    for run_id, rows in runs:
        facts.runs.append(run_id)
        _gather_run(facts, rows)
    for row in of_the_log:
        if row["kind"] == "recovered":
            facts.note("log-recovered", row)
    return facts


@dataclass(slots=True)
class _Seen:
    """What has been seen of one run so far."""

    facts: Facts
    first: Fields | None = None
    last: Fields | None = None
    policies: int = 0
    undecided: Fields | None = None  # the first call before any policy
    phases: set[str] = field(default_factory=set)
    has_ended: bool = False
    calls: dict[str, Reference] = field(default_factory=dict)


def _gather_run(facts: Facts, rows: Iterable[Fields]) -> None:
    seen = _Seen(facts)
    covered = coverage(_noted(seen, rows))
    if seen.first is None or seen.last is None:
        return
    if seen.undecided is not None:
        facts.note("call-before-policy", seen.undecided)
    if not seen.has_ended:
        facts.note("run-open", seen.last)
    if seen.phases == {"run_start", "run_end"}:
        facts.note("code-at-both-ends", seen.last)
    facts.counts["calls"] += covered.calls
    for gap in covered.gaps:
        facts.counts[f"gap:{gap.kind}"] += 1
        facts.counts["gaps"] += 1
        shown = facts.rows.setdefault("gaps", [])
        if len(shown) < MOST_ROWS and (at := seen.calls.get(gap.call_id)) is not None:
            shown.append(at)


def _noted(seen: _Seen, rows: Iterable[Fields]) -> Iterable[Fields]:
    """Yield the rows as they come, after taking note of them."""
    for row in rows:
        seen.first = seen.first or row
        seen.last = row
        call = row.get("call_id")
        if isinstance(call, str) and call not in seen.calls:
            seen.calls[call] = reference(row)
        _note(seen, row)
        yield row


def _note(seen: _Seen, row: Fields) -> None:
    facts, kind = seen.facts, str(row["kind"])
    facts.counts["rows"] += 1
    match kind:
        case "run_started":
            _note_start(facts, row)
        case "run_ended":
            seen.has_ended = True
            cut = row["reason"] in ("abandoned", "failed")
            facts.note("run-cut" if cut else "run-closed", row)
        case "policy_loaded":
            seen.policies += 1
            _note_policy(facts, row)
        case "git_state":
            inputs = row["tool_inputs"]
            if isinstance(inputs, Mapping) and inputs["is_repo"] is True:
                seen.phases.add(str(inputs["phase"]))
        case "tool_call":
            if not seen.policies and seen.undecided is None:
                seen.undecided = row
            _note_call(facts, row)
        case "tool_result":
            _note_result(facts, row)
        case "request":
            facts.note("request", row)
            facts.note("request-model-named" if row["model"] is not None else "request-model-unnamed", row)
            _note_secrets(facts, row)
        case "approval_granted" | "approval_denied":
            facts.note(kind.replace("_", "-"), row)
            if row["approver"] is None:
                facts.note("approval-by-nobody-named", row)
        case "policy_rejected" | "limit_exceeded" | "finding" | "approval_requested" | "approval_expired":
            facts.note(kind.replace("_", "-"), row)


def _note_start(facts: Facts, row: Fields) -> None:
    facts.note("run-started", row)
    points = row["enforcement_points"]
    if isinstance(points, list) and len(points) > 1:
        facts.note("run-of-several-doors", row)


def _note_policy(facts: Facts, row: Fields) -> None:
    facts.note("policy-loaded", row)
    inputs = row["tool_inputs"]
    digest = inputs["rules_digest"] if isinstance(inputs, Mapping) else None
    if not isinstance(digest, Mapping):
        return
    if digest["block_secrets"] is True:
        facts.note("policy-blocks-secrets", row)
    if isinstance(digest["deny_paths_count"], int) and digest["deny_paths_count"] > 0:
        facts.note("policy-denies-paths", row)


def _note_call(facts: Facts, row: Fields) -> None:
    action, reason = str(row["action"]), str(row["reason"])
    facts.note(f"call-{action.lower()}", row)
    if reason == "provider-ran":
        facts.note("call-not-held", row)
    elif action == "BLOCK":
        facts.note("call-refused", row)
        if reason.startswith("host-"):
            facts.note("connection-refused", row)


def _note_result(facts: Facts, row: Fields) -> None:
    facts.note("result", row)
    if isinstance(left := row.get("left_out"), int) and left:
        facts.note("files-left-out", row, left)
    _note_secrets(facts, row)


def _note_secrets(facts: Facts, row: Fields) -> None:
    if isinstance(kept := row.get("secrets_redacted"), int) and kept:
        facts.note("secret-kept-back", row, kept)
