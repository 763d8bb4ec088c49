"""Who signed: what was signed, whether the signatures over it hold, and whose they are (SPEC section 11, 8 to 10).

Knows the evidence of earlier checks and whom the caller trusts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

from occasio_verify.canonical import Json
from occasio_verify.errors import SignatureError, StatementError, VerifyError
from occasio_verify.evidence import Evidence, NotChecked, Outcome
from occasio_verify.keyless import GITHUB_ISSUER, Certified, SigstoreUnavailable, check_sigstore
from occasio_verify.signature import pae
from occasio_verify.statement import PAYLOAD_TYPE, Envelope, key_envelope, node_statement, sigstore_envelope, statement
from occasio_verify.trust import TrustedIdentity, TrustedKey

LEEWAY = timedelta(seconds=60)
"""By how much the clock of the run may be ahead of that of the log (SPEC section 15)."""

LATE = timedelta(days=1)
"""How long after the run's end a signature is told of as late."""


def statement_of(evidence: Evidence) -> Outcome:
    """Pass if each envelope holds the Statement about this bundle, and keep the envelopes."""
    key_bundle, sigstore_bundle = _signed(evidence)
    expected = expected_statement(evidence)
    envelopes = [] if key_bundle is None else [key_envelope(key_bundle)]
    if sigstore_bundle is not None:
        envelopes.append(sigstore_envelope(sigstore_bundle))
    for envelope in envelopes:
        if envelope.payload_type != PAYLOAD_TYPE:
            raise StatementError("payload-type", "the payload is not said to be an in-toto Statement")
        if not evidence.is_expected(envelope.payload, expected):
            raise StatementError("statement-mismatch", "what was signed is not the Statement about this bundle")
    evidence.envelopes = envelopes
    return "what was signed speaks of this run, this policy and these rows"


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


def signature(evidence: Evidence) -> Outcome:
    """Pass if every signature of the bundle was checked and holds, and keep whose it is if the caller knows."""
    try:
        return _checked_signatures(evidence)
    except NotChecked as reason:
        evidence.no_signer = reason
        raise
    except SignatureError:
        evidence.signer = evidence.certified = None  # beside one that fails, another shows nothing
        raise


def known_signer(evidence: Evidence) -> Outcome:
    """Pass if one of the signatures is by somebody whom the caller named or accepted earlier."""
    _signed(evidence)
    if evidence.signer is not None:
        return f"by `{evidence.signer.name}`, {'named now' if evidence.trust.named else 'accepted earlier'}"
    if evidence.certified is not None and evidence.no_signer is None:
        raise NotChecked("signer-unknown", f"signed by {_whom(evidence.certified)}, whom you have not named")
    code = "earlier-failure" if evidence.no_signer is None else evidence.no_signer.code
    raise NotChecked(code, "nobody whom you know is shown to have signed this")


def run_end(evidence: Evidence) -> datetime:
    """Return when the run ended by its own clock.  Raises `SignatureError` if its rows do not say."""
    agent = evidence.recomputed().get("agent")
    ended = agent.get("ended_at") if isinstance(agent, Mapping) else None
    try:
        return datetime.fromisoformat(str(ended)).astimezone()
    except ValueError:
        raise SignatureError("signature-time", "the rows do not say when the run ended") from None


def _signed(evidence: Evidence) -> tuple[Json, Json]:
    """Return `key_bundle` and `sigstore_bundle`, of which one at least is there."""
    bundle = evidence.members()
    both = bundle.get("key_bundle"), bundle.get("sigstore_bundle")
    if both == (None, None):
        raise NotChecked("unsigned", "the bundle is not signed")
    return both


def _checked_signatures(evidence: Evidence) -> Outcome:
    evidence.members()  # of a file that is no bundle it is not said that it is not signed
    try:
        key_bundle, sigstore_bundle = _signed(evidence)
    except NotChecked:
        if evidence.trust.named:
            raise SignatureError("signature-missing", "you named a signer, and the bundle is not signed") from None
        raise
    if evidence.envelopes is None:
        raise NotChecked("earlier-failure", "what was signed is not the Statement about this bundle")
    said, unchecked = [], []
    if key_bundle is not None:
        try:
            said.append(_by_key(evidence, evidence.envelopes[0]))
        except NotChecked as reason:
            unchecked.append(reason)
    if sigstore_bundle is not None:
        try:
            said.append(_by_certificate(evidence, sigstore_bundle, evidence.envelopes[-1]))
        except NotChecked as reason:
            unchecked.append(reason)
    if unchecked:
        raise NotChecked(unchecked[0].code, "; ".join([*said, unchecked[0].detail]))
    return "; ".join(said)


def _by_key(evidence: Evidence, envelope: Envelope) -> Outcome:
    signer = _signer_by_key(evidence, envelope)
    evidence.signer = signer
    return f"{signer.key.algorithm} signature holds, key {signer.key.key_hint}"


def _signer_by_key(evidence: Evidence, envelope: Envelope) -> TrustedKey:
    for trusted in evidence.trust.keys:
        if trusted.key.key_hint != envelope.hint:
            continue
        if not trusted.key.verify(envelope.signature, pae(envelope.payload_type, envelope.payload)):
            raise SignatureError("signature-invalid", f"the signature is not by key {envelope.hint}, which it names")
        return trusted
    if evidence.trust.named and (evidence.trust.keys or evidence.members()["sigstore_bundle"] is None):
        raise SignatureError("signer-mismatch", f"signed by key {envelope.hint}, which is none that you named")
    raise NotChecked("signer-unknown", f"signed by key {envelope.hint}, which you do not know")


def _by_certificate(evidence: Evidence, bundle: Json, envelope: Envelope) -> Outcome:
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
        raise SignatureError("signer-mismatch", f"signed by {_whom(certified)}, whom you did not name")
    evidence.signer = evidence.signer or signer
    return f"Sigstore signature of {certified.first.isoformat()} holds, by {_whom(certified)}"


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


def _whom(certified: Certified) -> str:
    repository = f", repository {certified.repository}" if certified.repository else ""
    return f"{certified.identity} (issuer {certified.issuer}{repository})"


STEPS = (("statement", statement_of), ("signature", signature), ("signer", known_signer))
"""The checks of this file, by name and in order."""
