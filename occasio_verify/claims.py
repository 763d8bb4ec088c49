"""What a bundle claims, and what each claim rests on (SPEC section 11.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import cast

from occasio_verify import node
from occasio_verify.canonical import Json
from occasio_verify.evidence import Evidence
from occasio_verify.fields import REQUIRED
from occasio_verify.report import Basis, Check, Claim, Report, Status, Verdict

_PROVES = (
    "Proves: the signer stated exactly these rows; none was changed, dropped, added or moved since; the counts, blocks "
    "and policy follow from them. Does not prove: that the recorder was honest, that every call passed the gate, or "
    "that its clock was right."
)
_INTACT = (
    "Not proved: who wrote this. Name the signer's key with --key, or accept it with `occasio key trust FILE --name "
    "NAME`. Without a signature anybody can compute every hash in it anew."
)


def report(evidence: Evidence, checks: tuple[Check, ...], profile: str) -> Report:
    """Return the report of `checks`, with the claims that they support."""
    predicate = _believed(evidence, checks)
    summary = _part(predicate, "execution_summary")
    blocked = summary.get("blocked_events", [])
    found = Report(
        subject=_subject(evidence),
        profile=profile,
        checks=checks,
        claims=() if predicate is None else tuple(_claims(evidence, predicate, checks, profile)),
        blocked=tuple(cast("list[Mapping[str, Json]]", blocked)),
        signer=evidence.signer.name if evidence.signer else None,
    )
    return Report(
        subject=found.subject,
        profile=found.profile,
        checks=found.checks,
        claims=found.claims,
        blocked=found.blocked,
        signer=found.signer,
        notes=tuple(_notes(found, evidence)),
    )


def _believed(evidence: Evidence, checks: tuple[Check, ...]) -> Mapping[str, Json] | None:
    """Return the predicate if the check of it passed: claims that were refuted are not repeated."""
    passed = any(check.name == "predicate" and check.status is Status.PASS for check in checks)
    return evidence.predicate if passed else None


def _subject(evidence: Evidence) -> str:
    run_id = evidence.bundle.get("run_id") if evidence.bundle else None
    return f"run {run_id}" if isinstance(run_id, str) else "bundle"


def _part(value: Mapping[str, Json] | None, name: str) -> Mapping[str, Json]:
    part = value.get(name) if value else None
    return part if isinstance(part, Mapping) else {}


def _claims(evidence: Evidence, predicate: Mapping[str, Json], checks: tuple[Check, ...], profile: str) -> list[Claim]:
    summary, agent, policy = (_part(predicate, name) for name in ("execution_summary", "agent", "policy"))
    passed = {check.name for check in checks if check.status is Status.PASS}
    counted = ("tool_calls", "passed", "local", "transformed", "blocked", "secrets_redacted")
    found = [Claim(name, summary.get(name), Basis.VERIFIED) for name in counted]
    found.append(Claim("rows", _part(predicate, "audit_chain").get("event_count"), Basis.VERIFIED))
    found.append(
        Claim("policy sha256", policy.get("file_hash"), Basis.VERIFIED if "policy" in passed else Basis.SELF_REPORTED)
    )
    found.append(Claim("signer", evidence.signer.name if evidence.signer else None, _if("signer" in passed)))
    in_log = profile != node.PROFILE and evidence.members().get("log") is not None
    found.append(Claim("place in the log", None, _if(in_log and "log-position" in passed)))
    found.append(Claim("complete run", None, _if(profile != node.PROFILE and "run-chain" in passed)))
    for name in ("platform", "model", "started_at", "ended_at"):
        found.append(Claim(name, agent.get(name), Basis.ABSENT if agent.get(name) is None else Basis.SELF_REPORTED))
    found.append(Claim("rules counted", None, Basis.SELF_REPORTED))
    has_git = "git_state" in _part(predicate, "subject")
    found.append(Claim("git state", None, Basis.SELF_REPORTED if has_git else Basis.ABSENT))
    found.append(Claim("nothing went round the gate", None, Basis.ABSENT))
    return found


def _if(holds: bool) -> Basis:
    return Basis.VERIFIED if holds else Basis.ABSENT


def _notes(found: Report, evidence: Evidence) -> list[str]:
    notes = []
    unknown = Counter(
        row.kind for row in evidence.rows or () if row.fields["audit_schema"] == 2 and row.kind not in REQUIRED
    )
    if unknown:
        notes.append(f"{unknown.total()} rows of kinds that this version does not know: {', '.join(sorted(unknown))}")
    if found.profile == node.PROFILE:
        notes.append(node.CANNOT_PROVE)
    if found.verdict is Verdict.VERIFIED and found.profile != node.PROFILE:
        notes.append(_PROVES)
    if found.verdict is Verdict.INTACT:
        notes.append(_INTACT)
    return notes
