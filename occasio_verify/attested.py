"""Checking an attestation beside its signature, with the log that it speaks of: the two-file form (SPEC section 11.4).

The checks are those of a bundle, as far as there is something to check.  Knows the bytes of two files and the place of
a third; believes of the attestation nothing that it can compute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

from occasio_verify import claims
from occasio_verify.bundle import attested, made
from occasio_verify.canonical import Json, canonical
from occasio_verify.chain import LinkError, check_run_chain
from occasio_verify.document import parse_bundle
from occasio_verify.errors import BundleError, NotABundleError, StatementError
from occasio_verify.evidence import Evidence, NotChecked, Outcome
from occasio_verify.fields import HEX64
from occasio_verify.log import walk_log
from occasio_verify.predicate import PREDICATE_TYPE, predicate
from occasio_verify.report import Report
from occasio_verify.rows import Row, parse_row
from occasio_verify.signer import STEPS
from occasio_verify.statement import KEY_BUNDLE_TYPE
from occasio_verify.trust import Trust

PROFILE = "attestation"


def verify_attestation(attestation: bytes, signed: bytes | None, log: Path | None, trust: Trust = Trust()) -> Report:  # noqa: B008
    """Return the report of all checks on an attestation.

    `signed` is its Sigstore bundle, key bundle or DSSE envelope, `log` the log with the run; without these what they
    show is not checked.  Raises `NotABundleError` if `attestation` is no attestation, and `OSError` for the log.
    """
    evidence = Evidence(data=attestation, trust=trust)
    steps: tuple[tuple[str, Callable[[Evidence], Outcome]], ...] = (
        ("format", lambda evidence: _format(evidence, signed)),
        ("log", lambda evidence: _log(evidence, log)),
        ("run-chain", _run_chain),
        ("predicate", lambda evidence: _predicate(evidence, log)),
        *STEPS,
    )
    return claims.report(evidence, tuple(made(name, step, evidence) for name, step in steps), PROFILE)


def _format(evidence: Evidence, signed: bytes | None) -> Outcome:
    value = parse_bundle(evidence.data) if evidence.data.startswith(b"{") else None
    if not isinstance(value, Mapping) or value.get("predicate_type") != PREDICATE_TYPE:
        raise NotABundleError("not-a-bundle", "the file is no attestation of this version")
    run_id = _at(value, "subject", "run_id")
    digests = (_at(value, "audit_chain", "last_hash"), _at(value, "policy", "file_hash"))
    if not isinstance(run_id, str) or not all(HEX64.admits(digest) for digest in digests):
        raise BundleError("bundle-member", "the attestation does not name its run, the last row and the policy")
    signatures = _signatures(signed)
    evidence.bundle = {"attestation": value, "run_id": run_id, "log": None, **signatures}
    return "an attestation" if signed is None else "an attestation, and a signature beside it"


def _at(value: Mapping[str, Json], part: str, name: str) -> Json:
    inner = value.get(part)
    return inner.get(name) if isinstance(inner, Mapping) else None


def _signatures(signed: bytes | None) -> dict[str, Json]:
    """Return the signature as a bundle has it: a plain envelope is what a key bundle has inside."""
    none: dict[str, Json] = {"key_bundle": None, "sigstore_bundle": None}
    if signed is None:
        return none
    value = parse_bundle(signed)
    if not isinstance(value, Mapping):
        raise StatementError("envelope-form", "what is beside the attestation is no signature")
    if "payload" in value:
        return none | {"key_bundle": _key_bundle(value)}
    material = value.get("verificationMaterial")
    by_key = isinstance(material, Mapping) and "publicKey" in material
    return none | {"key_bundle" if by_key else "sigstore_bundle": value}


def _key_bundle(envelope: Mapping[str, Json]) -> Json:
    signatures = envelope.get("signatures")
    first = signatures[0] if isinstance(signatures, list) and signatures else None
    hint = first.get("keyid") if isinstance(first, Mapping) else None
    material: Json = {"publicKey": {"hint": hint}, "tlogEntries": []}
    return {"dsseEnvelope": envelope, "mediaType": KEY_BUNDLE_TYPE, "verificationMaterial": material}


def _log(evidence: Evidence, log: Path | None) -> Outcome:
    evidence.members()
    if log is None:
        raise NotChecked("no-chain", "the log was not given, so nothing of this is computed again")
    position = walk_log(log)
    evidence.rows = list(_rows(log, cast("str", evidence.members()["run_id"]), position.offset))
    return f"{position.rows} rows, each with its hash, each following from the one before"


def _rows(log: Path, run_id: str, end: int) -> Iterator[Row]:
    name = canonical(run_id)
    with log.open("rb") as file:
        while file.tell() < end:
            line = file.readline().removesuffix(b"\n")
            if name in line and (row := parse_row(line)).run_id == run_id:
                yield row


def _run_chain(evidence: Evidence) -> Outcome:
    evidence.members()
    if evidence.rows is None:
        raise NotChecked("earlier-failure", "there is no log, or it does not hold")
    try:
        check_run_chain(evidence.rows, cast("str", evidence.members()["run_id"]))
    except LinkError as error:
        where = f"row {error.row} of the run" if evidence.rows else "the log has no such run"
        raise BundleError(error.code, f"{where}: {error.detail}") from None
    evidence.predicate = predicate([row.fields for row in evidence.rows])
    return f"{len(evidence.rows)} rows are one run, complete from run_started to run_ended"


def _predicate(evidence: Evidence, log: Path | None) -> Outcome:
    attestation = cast("Mapping[str, Json]", evidence.members()["attestation"])
    if log is not None:
        return attested(evidence)
    # what was signed is compared with what is claimed; that the rows say so is not shown
    evidence.rows = []
    evidence.predicate = {name: value for name, value in attestation.items() if name != "signature"}
    raise NotChecked("no-chain", "what the attestation says is not computed again from the log")
