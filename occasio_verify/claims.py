"""What a bundle claims, and what each claim rests on (SPEC section 11.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

from occasio_verify import node
from occasio_verify.canonical import Json, canonical
from occasio_verify.certificate import LATE, run_end
from occasio_verify.coverage import Coverage, coverage
from occasio_verify.evidence import Evidence
from occasio_verify.fields import REQUIRED, UUID
from occasio_verify.keyless import Certified
from occasio_verify.report import Basis, Check, Claim, Report, Status, Verdict, clipped

_PROVES = (
    "Proves: the signer stated exactly these rows; none was changed, dropped, added or moved since; the counts, blocks "
    "and policy follow from them. Does not prove: that the recorder was honest, that every call passed the gate, or "
    "that its clock was right."
)
_NOT_PROVED = {
    "unsigned": "Not proved: who wrote this. It is not signed, and anybody can compute every hash in it anew.",
    "signer-unknown": (
        "Not proved: who wrote this. Name the signer's key with --key, or accept it with `occasio key trust FILE "
        "--name NAME`. A key inside a bundle is nobody's."
    ),
    "sigstore-unsupported": (
        "Not proved: that its Sigstore signature holds, and whose it is. To check that, offline: pip install "
        "'occasio[sigstore]'."
    ),
}
_NOT_NAMED = (
    "Not proved: that this signer is one whom you accept. Name whom you expect: --identity ID --issuer URL, and on "
    "GitHub --repository OWNER/NAME."
)
_SIGNED_LATE = (
    "Signed long after: the run ended {ended}, and the signature is from {signed}. What was recorded may have been "
    "changed in between."
)
_COUNTED = ("tool_calls", "passed", "local", "transformed", "blocked", "secrets_redacted")
_BLOCKED = ("tool", "target", "rule", "at_offset_s")


def report(evidence: Evidence, checks: tuple[Check, ...], profile: str) -> Report:
    """Return the report of `checks`, with the claims that they support."""
    passed = {check.name for check in checks if check.status is Status.PASS}
    predicate = evidence.predicate if "predicate" in passed else None  # what was refuted is not repeated
    signer = evidence.signer.name if evidence.signer else None
    found = Report(
        subject=_subject(evidence),
        profile=profile,
        checks=checks,
        claims=() if predicate is None else tuple(_claims(evidence, predicate, passed, signer)),
        blocked=_blocked(predicate),
        signer=signer,
    )
    return replace(found, notes=tuple(_notes(found, evidence)))


def _subject(evidence: Evidence) -> str:
    run_id = evidence.bundle.get("run_id") if evidence.bundle else None
    if run_id is None:
        return "bundle"
    # in quotes, a name that somebody chose cannot pass for words of this report
    return f"run {run_id if UUID.admits(run_id) else clipped(canonical(run_id).decode(), 80)}"


def _blocked(predicate: Mapping[str, Json] | None) -> tuple[Mapping[str, Json], ...]:
    events = _part(predicate, "execution_summary").get("blocked_events", [])
    return tuple({name: event.get(name) for name in _BLOCKED} for event in cast("list[Mapping[str, Json]]", events))


def _part(value: Mapping[str, Json] | None, name: str) -> Mapping[str, Json]:
    part = value.get(name) if value else None
    return part if isinstance(part, Mapping) else {}


def _claims(evidence: Evidence, predicate: Mapping[str, Json], passed: set[str], signer: str | None) -> Iterator[Claim]:
    summary, agent, policy = (_part(predicate, name) for name in ("execution_summary", "agent", "policy"))
    for name in _COUNTED:
        yield Claim(name, summary.get(name), Basis.VERIFIED)
    yield Claim("rows", _part(predicate, "audit_chain").get("event_count"), Basis.VERIFIED)
    policy_holds = "policy" in passed and any(row.kind == "policy_loaded" for row in evidence.checked_rows())
    yield Claim("policy sha256", policy.get("file_hash"), Basis.VERIFIED if policy_holds else Basis.SELF_REPORTED)
    yield Claim("signer", signer, _if("signer" in passed and signer is not None))
    if evidence.certified is not None:
        yield Claim("signed_at", evidence.certified.first.isoformat(), Basis.VERIFIED)
    yield Claim("place in the log", None, _log_basis(evidence, passed))
    yield Claim("complete run", None, _if(not evidence.free_form and "run-chain" in passed))
    for name in ("platform", "model", "started_at", "ended_at"):
        yield Claim(name, agent.get(name), Basis.ABSENT if agent.get(name) is None else Basis.SELF_REPORTED)
    yield Claim("rules counted", None, Basis.SELF_REPORTED)
    has_git = "git_state" in _part(predicate, "subject")
    yield Claim("git state", None, Basis.SELF_REPORTED if has_git else Basis.ABSENT)
    if not evidence.free_form:
        yield Claim("calls with gaps", len({gap.call_id for gap in _coverage(evidence).gaps}), Basis.VERIFIED)
    yield Claim("nothing went round the gate", None, Basis.ABSENT)


def _coverage(evidence: Evidence) -> Coverage:
    return coverage(row.fields for row in evidence.checked_rows())


def _log_basis(evidence: Evidence, passed: set[str]) -> Basis:
    if evidence.members().get("log") is None or "log-position" not in passed:
        return Basis.ABSENT
    return Basis.VERIFIED if evidence.log_is_known else Basis.SELF_REPORTED


def _if(holds: bool) -> Basis:
    return Basis.VERIFIED if holds else Basis.ABSENT


def _notes(found: Report, evidence: Evidence) -> list[str]:
    notes = []
    unknown = Counter(
        row.kind for row in evidence.rows or () if row.fields["audit_schema"] == 2 and row.kind not in REQUIRED
    )
    if unknown:
        kinds = clipped(", ".join(sorted(unknown)))
        notes.append(f"{unknown.total()} rows of kinds that this version does not know: {kinds}")
    if found.claims and not evidence.free_form and (gaps := _coverage(evidence).gaps):
        told = clipped(", ".join(f"{gap.kind} {gap.tool or '?'} {gap.call_id}" for gap in gaps))
        notes.append(f"Gaps in what the doors saw of calls: {told}")
    if found.profile == node.PROFILE:
        notes.append(node.CANNOT_PROVE)
    if found.verdict is Verdict.VERIFIED and found.profile != node.PROFILE:
        notes.append(_PROVES)
    if found.verdict is Verdict.INTACT:
        codes = [check.code for check in found.checks if check.name == "signature"]
        notes += [_NOT_PROVED[code] for code in codes if code in _NOT_PROVED]
    if evidence.certified is not None:
        notes += _notes_on_certificate(found, evidence, evidence.certified)
    return notes


def _notes_on_certificate(found: Report, evidence: Evidence, certified: Certified) -> Iterator[str]:
    if found.verdict is Verdict.INTACT and found.signer is None:
        yield _NOT_NAMED
    ended = run_end(evidence)
    if certified.last - ended > LATE:
        yield _SIGNED_LATE.format(ended=ended.isoformat(), signed=certified.last.isoformat())
