"""A signature by certificate: whose it is, when it was made, and that the attestation tells of no other (SPEC 9.4).

Knows the evidence of earlier checks and whom the caller trusts; that the signature itself holds is for `keyless`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

from occasio_verify.canonical import Json
from occasio_verify.errors import SignatureError, VerifyError
from occasio_verify.evidence import Evidence, NotChecked, Outcome
from occasio_verify.keyless import GITHUB_ISSUER, Certified, SigstoreUnavailable, check_sigstore
from occasio_verify.statement import Envelope, node_statement, statement
from occasio_verify.trust import TrustedIdentity

LEEWAY = timedelta(seconds=60)
"""By how much the clock of the run may be ahead of that of the log (SPEC section 15)."""

LATE = timedelta(days=1)
"""How long after the run's end a signature is told of as late."""


def by_certificate(evidence: Evidence, bundle: Json, envelope: Envelope) -> Outcome:
    """Return what the Sigstore signature of a bundle shows, and keep whose it is if the caller knows.

    Raises `NotChecked` `sigstore-unsupported`, and `SignatureError` if it does not hold or does not fit.
    """
    root = evidence.trust.trusted_root
    if root is None:
        raise NotChecked("sigstore-unsupported", "a Sigstore signature, which cannot be checked here")
    try:
        certified = check_sigstore(bundle, root)
    except SigstoreUnavailable:
        reason = "a Sigstore signature, which takes the extra `sigstore` to check"
        raise NotChecked("sigstore-unsupported", reason) from None
    if (certified.payload_type, certified.payload) != (envelope.payload_type, envelope.payload):
        raise SignatureError("signature-invalid", "the signature is over something else than the Statement")
    _check_time(evidence, certified)
    _check_block(evidence, certified)
    evidence.certified = certified
    signer = next((known for known in evidence.trust.identities if _is(known, certified)), None)
    if signer is None and evidence.signer is None and evidence.trust.named:
        raise SignatureError("signer-mismatch", f"signed by {whom(certified)}, whom you did not name")
    evidence.signer = evidence.signer or signer
    return f"Sigstore signature of {certified.first.isoformat()} holds, by {whom(certified)}"


def _check_time(evidence: Evidence, certified: Certified) -> None:
    ended = run_end(evidence)
    if certified.first + LEEWAY < ended:
        said = f"signed {certified.first.isoformat()}, before the run ended at {ended.isoformat()}"
        raise SignatureError("signature-time", f"{said}: a clock is wrong, or the rows are")


def _check_block(evidence: Evidence, certified: Certified) -> None:
    """Refuse a `signature` in the attestation that tells of another signature; in the node profile it is free."""
    block = cast("Mapping[str, Json]", evidence.members()["attestation"]).get("signature")
    if block is None or evidence.free_form:
        return
    told = cast("Mapping[str, Json]", block)
    expected = signature_block(certified, expected_statement(evidence))
    wrong = [name for name in expected if told.get(name) != expected[name]]
    if wrong:
        raise SignatureError("attestation-signature", f"`signature.{wrong[0]}` is not what the Sigstore bundle shows")


def signature_block(certified: Certified, statement: bytes) -> dict[str, Json]:
    """Return the member `signature` of the attestation, as version 1 of the predicate has it (SPEC section 8)."""
    return {
        "type": "sigstore-cosign-keyless",
        "identity": certified.identity,
        "rekor_entry": certified.entry,
        "signed_at": certified.first.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "envelope_sha256": hashlib.sha256(statement).hexdigest(),
    }


def _is(known: TrustedIdentity, certified: Certified) -> bool:
    """Return whether the certificate is that of a known signer.

    On GitHub an identity is a workflow, which others may call: who did is said by the repository alone.
    """
    if (known.identity, known.issuer) != (certified.identity, certified.issuer):
        return False
    if known.repository is None:
        return known.issuer != GITHUB_ISSUER
    return known.repository == certified.repository


def whom(certified: Certified) -> str:
    """Return who signed, for people."""
    repository = f", repository {certified.repository}" if certified.repository else ""
    return f"{certified.identity} (issuer {certified.issuer}{repository})"


def run_end(evidence: Evidence) -> datetime:
    """Return when the run ended by its own clock.  Raises `SignatureError` if its rows do not say."""
    agent = evidence.recomputed().get("agent")
    ended = agent.get("ended_at") if isinstance(agent, Mapping) else None
    try:
        return datetime.fromisoformat(str(ended)).astimezone()
    except ValueError:
        raise SignatureError("signature-time", "the rows do not say when the run ended") from None


def expected_statement(evidence: Evidence) -> bytes:
    """Return the Statement that the rows of the bundle give."""
    log = cast("Mapping[str, str] | None", evidence.members().get("log"))
    if evidence.free_form:
        last = evidence.checked_rows()[-1]
        return node_statement(evidence.recomputed(), cast("str", evidence.members()["run_id"]), last.hash)
    try:
        return statement(evidence.recomputed(), None if log is None else log["checkpoint"].encode())
    except VerifyError as error:
        raise NotChecked("earlier-failure", error.detail) from None
