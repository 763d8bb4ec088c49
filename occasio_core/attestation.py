"""The attestation of a run, and the signature that stands beside it as a file of its own (SPEC section 11.4).

Verifies what it made before anybody writes it.  Knows no files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from occasio_core.errors import SealError
from occasio_core.interfaces import Signer
from occasio_core.seal import Run, predicate_of
from occasio_core.signing import Keyless, Signatures, signatures
from occasio_core.vsa import verification_summary
from occasio_verify import Json, Status, canonical, coverage, statement, verify_attestation


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """An attestation as a file has it; `signed` is the signature beside it, None if nobody signed."""

    attestation: bytes = field(repr=False)
    signed: bytes | None = field(repr=False)
    signed_by: tuple[str, ...]
    statement: bytes = field(repr=False)


def attest(run: Run, signer: Signer | None = None, keyless: Keyless | None = None, *, plain: bool = False) -> Attested:
    """Return the attestation of the run, signed by `signer` or by `keyless` if one of them is given.

    The signature is a Sigstore bundle, or with `plain` the DSSE envelope alone.  Raises `SealError` if the verifier
    would refuse the result, and what the signers raise.
    """
    predicate = predicate_of(run)
    payload = statement(predicate, None)
    made = signatures(payload, signer, keyless)
    attestation = canonical({**predicate, "signature": made.block}) + b"\n"
    signed = _file(made, plain=plain)
    _check(run, attestation, signed, made)
    return Attested(attestation=attestation, signed=signed, signed_by=made.signed_by, statement=payload)


def signed_summary(run: Run, about: bytes, signer: Signer | None, keyless: Keyless | None) -> bytes:
    """Return the Sigstore bundle with the Verification Summary of the run whose Statement is `about`.

    Raises what the signers raise.
    """
    found = coverage(row.fields for row in run.rows)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    summary = verification_summary(predicate_of(run), about, found, now)
    made = signatures(summary, None if keyless else signer, keyless)
    signed = _file(made, plain=False)
    if signed is None:
        raise SealError("nobody signs the Verification Summary", hint="leave out --vsa, or name who signs")
    return signed


def _file(made: Signatures, *, plain: bool) -> bytes | None:
    bundle = made.key_bundle if made.sigstore_bundle is None else made.sigstore_bundle
    if bundle is None:
        return None
    return canonical(cast("Mapping[str, Json]", bundle)["dsseEnvelope"] if plain else bundle) + b"\n"


def _check(run: Run, attestation: bytes, signed: bytes | None, made: Signatures) -> None:
    """Refuse what would not verify; that the rows give the predicate is how it was made."""
    report = verify_attestation(attestation, signed, None, made.trust)
    wanted = {"statement", "signature", "signer"} if signed else set()
    faults = [
        check
        for check in report.checks
        if check.status is Status.FAIL or (check.name in wanted and check.status is not Status.PASS)
    ]
    if faults:
        why = "; ".join(f"{check.name}: {check.code}: {check.detail}" for check in faults)
        raise SealError(f"the attestation of run `{run.run_id}` would not verify: {why}")
