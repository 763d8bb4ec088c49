"""What can be said of runs by their rows alone, claim by claim: shown, contradicted, or nothing either way.

Pure.  A claim never says that a rule of a framework is met; it says what the rows show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from occasio_compliance.facts import Facts, Reference
from occasio_core import Json

SIX_MONTHS_DAYS = 183


class Finding(StrEnum):
    """What the rows say about a claim."""

    SHOWN = "shown"
    CONTRADICTED = "contradicted"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """What reading the log found: `fault` says in one line what is wrong with it, empty if nothing is.

    `extends` says that it was compared with its last checkpoint and goes on from it.  `days` is how far it reaches.
    """

    rows: int
    last_hash: str
    fault: str
    extends: bool
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim, what the rows say about it, in words, and the rows; `count` is of all that there are."""

    id: str
    says: str
    finding: Finding
    detail: str
    count: int = 0
    rows: tuple[Reference, ...] = field(default=())

    def as_json(self) -> dict[str, Json]:
        """Return it for programs."""
        return {
            "id": self.id,
            "claim": self.says,
            "finding": self.finding.value,
            "detail": self.detail,
            "count": self.count,
            "rows": [row.as_json() for row in self.rows],
        }


_Judged = tuple[Finding, str, int, list[Reference]]


def claims(facts: Facts, log: LogState) -> dict[str, Claim]:
    """Return every claim, by its id."""
    found = {}
    for name, (says, judge) in CLAIMS.items():
        finding, detail, count, rows = judge(facts, log)
        found[name] = Claim(id=name, says=says, finding=finding, detail=detail, count=count, rows=tuple(rows))
    return found


def _shown_by(fact: str, some: str, none: str) -> Callable[[Facts, LogState], _Judged]:
    """Return what judges a claim that is shown by one fact, and never contradicted."""

    def judge(facts: Facts, _log: LogState) -> _Judged:
        count = facts.counts[fact]
        if not count:
            return Finding.SILENT, none, 0, []
        return Finding.SHOWN, some.format(count=f"{count:,}"), count, facts.rows.get(fact, [])

    return judge


def _unless(
    against: str, told: str, judge: Callable[[Facts, LogState], _Judged]
) -> Callable[[Facts, LogState], _Judged]:
    """Return what judges as `judge` does, unless the rows show the opposite."""

    def judged(facts: Facts, log: LogState) -> _Judged:
        count = facts.counts[against]
        if count:
            return Finding.CONTRADICTED, told.format(count=f"{count:,}"), count, facts.rows.get(against, [])
        return judge(facts, log)

    return judged


def _log_holds(_facts: Facts, log: LogState) -> _Judged:
    if log.fault:
        return Finding.CONTRADICTED, log.fault, log.rows, []
    if not log.rows:
        return Finding.SILENT, "the log has no row", 0, []
    return Finding.SHOWN, f"all {log.rows:,} rows of the log hold; the last is {log.last_hash}", log.rows, []


def _checkpoint(_facts: Facts, log: LogState) -> _Judged:
    if log.fault:
        return Finding.CONTRADICTED, log.fault, 0, []
    if not log.extends:
        return Finding.SILENT, "the log was not compared with a checkpoint", 0, []
    return Finding.SHOWN, "the log extends the last checkpoint that was kept of it", 1, []


def _reaches_back(_facts: Facts, log: LogState) -> _Judged:
    told = f"from the first row of the log to the last there are {log.days:,} days"
    if log.days < SIX_MONTHS_DAYS:
        return Finding.SILENT, f"{told}: less than six months, so how long rows are kept cannot be seen", log.days, []
    return Finding.SHOWN, told, log.days, []


def _runs_closed(facts: Facts, _log: LogState) -> _Judged:
    closed, still_open = facts.counts["run-closed"], facts.counts["run-open"]
    if still_open:
        told = f"runs without a last row, which go on or were cut: {still_open:,}"
        return Finding.SILENT, told, still_open, facts.rows["run-open"]
    if not closed:
        return Finding.SILENT, "no run was recorded", 0, []
    return Finding.SHOWN, f"runs with their last row: {closed:,}", closed, facts.rows["run-closed"]


def _calls_decided(facts: Facts, _log: LogState) -> _Judged:
    calls, gaps = facts.counts["calls"], facts.counts["gaps"]
    if gaps:
        kinds = sorted(name.removeprefix("gap:") for name in facts.counts if name.startswith("gap:"))
        told = f"gaps: {gaps:,} ({', '.join(kinds)}); calls: {calls:,}"
        return Finding.CONTRADICTED, told, gaps, facts.rows.get("gaps", [])
    if not calls:
        return Finding.SILENT, "no tool was called", 0, []
    return Finding.SHOWN, f"each call has a decision, and an outcome if it was let through; calls: {calls:,}", calls, []


def _persons(facts: Facts, _log: LogState) -> _Judged:
    names = ("approval-granted", "approval-denied", "approval-expired")
    asked = facts.counts["approval-requested"]
    if not asked and not any(facts.counts[name] for name in names):
        return Finding.SILENT, "nobody was asked in these runs", 0, []
    told = ", ".join(f"{facts.counts[name]:,} {name.removeprefix('approval-')}" for name in names)
    rows = [row for name in ("approval-requested", *names) for row in facts.rows.get(name, [])]
    return Finding.SHOWN, f"questions to a person: {asked:,}; {told}", asked, rows


CLAIMS: Mapping[str, tuple[str, Callable[[Facts, LogState], _Judged]]] = {
    "log-holds": ("every row of the log is whole and in its chain", _log_holds),
    "log-extends-checkpoint": ("nothing was cut from the log's end or changed since its last checkpoint", _checkpoint),
    "log-unbroken": (
        "the log was never recovered after a loss",
        _unless(
            "log-recovered",
            "times that the log was recovered after a loss or a torn last line: {count}",
            _shown_by("rows", "no row says that the log was recovered", "there are no rows"),
        ),
    ),
    "log-reaches-back": ("the log reaches back six months", _reaches_back),
    "runs-recorded": (
        "runs of agents are recorded from their start",
        _shown_by("run-started", "runs with their first row: {count}", "no run was recorded"),
    ),
    "runs-closed": (
        "runs are recorded to their end",
        _unless("run-cut", "runs that were given up, or ended because the gate failed: {count}", _runs_closed),
    ),
    "policy-in-force": (
        "a policy, known by its digest, was in force before the first call of every run",
        _unless(
            "call-before-policy",
            "runs with a call before any policy: {count}",
            _shown_by("policy-loaded", "policies that were loaded: {count}", "no policy was loaded"),
        ),
    ),
    "policy-sound": (
        "no edit of the policy was refused in a run",
        _unless(
            "policy-rejected",
            "edits of the policy that could not be used, so that the one before stayed in force: {count}",
            _shown_by(
                "policy-loaded", "policies that were loaded: {count}, and no edit was refused", "no policy was loaded"
            ),
        ),
    ),
    "policy-denies-paths": (
        "the policy denied paths to agents",
        _shown_by(
            "policy-denies-paths", "loaded policies that deny paths: {count}", "no policy that was loaded denies paths"
        ),
    ),
    "policy-blocks-secrets": (
        "the policy kept secrets in results from models",
        _shown_by(
            "policy-blocks-secrets",
            "loaded policies that do so: {count}",
            "no policy that was loaded says that it does so",
        ),
    ),
    "calls-decided": ("every call that the doors saw was decided before it took effect", _calls_decided),
    "calls-held": (
        "no call took effect before it could be decided",
        _unless(
            "call-not-held",
            "calls that took effect on the provider's side before anybody was told: {count}",
            _shown_by("calls", "no row says that one did; calls: {count}", "no tool was called"),
        ),
    ),
    "calls-refused": (
        "calls that the policy forbids were refused",
        _shown_by(
            "call-refused", "calls that were refused: {count}", "no call was refused: that it would be was not seen"
        ),
    ),
    "connections-refused": (
        "connections that the policy forbids were refused",
        _shown_by(
            "connection-refused",
            "calls that were refused for their host: {count}",
            "no connection was refused: nothing was seen",
        ),
    ),
    "secrets-kept-back": (
        "secrets that were found were kept from models",
        _shown_by("secret-kept-back", "secrets that were kept back: {count}", "no secret was found"),
    ),
    "persons-asked": ("persons were asked to decide, and their answers held", _persons),
    "approvers-named": (
        "whoever answered is named",
        _unless(
            "approval-by-nobody-named",
            "answers that name nobody: {count}",
            _shown_by("approval-granted", "approvals that name a person: {count}", "no approval was given"),
        ),
    ),
    "limits-enforced": (
        "limits stopped agents",
        _shown_by("limit-exceeded", "times that a limit was exceeded: {count}", "no limit was exceeded"),
    ),
    "findings-made": (
        "detectors told of runs that were unlike others",
        _shown_by("finding", "findings: {count}", "no finding: nothing was seen, or no detector looked"),
    ),
    "models-named": (
        "each request names the model that was asked for",
        _unless(
            "request-model-unnamed",
            "requests that name no model: {count}",
            _shown_by("request-model-named", "requests that name their model: {count}", "no model was asked"),
        ),
    ),
    "usage-recorded": (
        "what models were asked and what it took is recorded",
        _shown_by("request", "requests that are recorded with tokens and status: {count}", "no model was asked"),
    ),
    "code-recorded": (
        "the state of the code is recorded at both ends of runs",
        _shown_by(
            "code-at-both-ends",
            "runs that have it at both ends: {count}",
            "no run has the state of a repository at both ends",
        ),
    ),
    "several-doors": (
        "calls were recorded independently at more than one door",
        _shown_by("run-of-several-doors", "runs with more than one door: {count}", "no run had more than one door"),
    ),
}
