"""Who signed: what was signed, whether the signatures over it hold, and whose they are (SPEC section 11, 8 to 10).

Knows the evidence of earlier checks and whom the caller trusts.
"""

from __future__ import annotations

from occasio_verify.canonical import Json
from occasio_verify.certificate import by_certificate, expected_statement, whom
from occasio_verify.errors import SignatureError, StatementError
from occasio_verify.evidence import Evidence, NotChecked, Outcome
from occasio_verify.signature import pae
from occasio_verify.statement import PAYLOAD_TYPE, Envelope, key_envelope, sigstore_envelope
from occasio_verify.trust import TrustedKey


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
        raise NotChecked("signer-unknown", f"signed by {whom(evidence.certified)}, whom you have not named")
    code = "earlier-failure" if evidence.no_signer is None else evidence.no_signer.code
    raise NotChecked(code, "nobody whom you know is shown to have signed this")


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
            said.append(by_certificate(evidence, sigstore_bundle, evidence.envelopes[-1]))
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


STEPS = (("statement", statement_of), ("signature", signature), ("signer", known_signer))
"""The checks of this file, by name and in order."""
