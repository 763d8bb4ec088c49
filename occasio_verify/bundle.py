"""Checking a bundle: every check of SPEC section 11, in order, each reported.

Knows the evidence in one file and whom the caller trusts; opens no files, asks nobody, and believes nothing that it
can compute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, cast

from occasio_verify import claims, node, signer
from occasio_verify.canonical import Json, canonical
from occasio_verify.certificate import expected_statement
from occasio_verify.chain import LinkError, check_log_order, check_run_chain
from occasio_verify.cosignature import Cosignature, check_witnesses
from occasio_verify.document import is_canonical, parse_bundle, slice_pieces
from occasio_verify.errors import BundleError, MalformedError, NotABundleError, NoteError, VerifyError
from occasio_verify.evidence import Evidence, NotChecked, Outcome
from occasio_verify.fields import HEX64, Form, ListOf, Members, ObjectOf, OneOf, OrNull, Text
from occasio_verify.merkle import leaf_hash, verify_multiproof
from occasio_verify.note import parse_checkpoint, parse_note, verify_note
from occasio_verify.predicate import check_equivalent, predicate
from occasio_verify.report import Check, Report, Status, clipped
from occasio_verify.rows import Row, parse_row
from occasio_verify.signature import decode_base64
from occasio_verify.trust import Trust

BUNDLE_SCHEMA = "occasio-bundle/v1"
MAX_BUNDLE_ROWS = 200_000
PROFILE = "occasio"

_Step: TypeAlias = "tuple[str, Callable[[Evidence], Outcome]]"


class _Base64:
    """Strings that are base64 (SPEC section 2)."""

    def admits(self, value: Json) -> bool:
        try:
            return isinstance(value, str) and decode_base64(value) is not None
        except MalformedError:
            return False

    def pattern(self, value: Json) -> None:
        return None


_TEXT = Text()
_POLICY = Members({"path": OrNull(_TEXT), "sha256": HEX64, "text": _TEXT})
_MANIFEST = ("attestation_sha256", "bundle_digest", "chain_slice_sha256", "log_sha256", "policy_sha256")
_MEMBERS: Mapping[str, Form] = {
    "schema": OneOf(BUNDLE_SCHEMA),
    "run_id": _TEXT,
    "attestation": ObjectOf(),
    "chain_slice": ListOf(ObjectOf()),
    "policy_snapshot": _POLICY,
    "policy_history": ListOf(_POLICY),
    "log": OrNull(Members({"checkpoint": _TEXT, "proof": ListOf(_Base64())})),
    "key_bundle": OrNull(ObjectOf()),
    "sigstore_bundle": OrNull(ObjectOf()),
    "generated_at": _TEXT,
    "manifest": Members({name: OrNull(HEX64) for name in _MANIFEST}),
}
_SIGNATURE_BLOCK = Members(
    {
        "type": OneOf("sigstore-cosign-keyless"),
        "identity": _TEXT,
        "rekor_entry": OrNull(_TEXT),
        "signed_at": _TEXT,
        "envelope_sha256": HEX64,
    }
)


def verify_bundle(data: bytes, trust: Trust = Trust()) -> Report:  # noqa: B008
    """Return the report of all checks on the bundle `data`.

    Raises `NotABundleError` if `data` is not a bundle of this version; everything else is in the report.
    """
    evidence = Evidence(data=data, trust=trust)
    checks = [made("format", _format, evidence)]
    steps = _NODE_STEPS if evidence.free_form else _STEPS
    checks += [made(name, step, evidence) for name, step in (*steps, *signer.STEPS)]
    return claims.report(evidence, tuple(checks), node.PROFILE if steps is _NODE_STEPS else PROFILE)


def made(name: str, step: Callable[[Evidence], Outcome], evidence: Evidence) -> Check:
    """Return how a check ended.  Raises `NotABundleError` alone."""
    try:
        return Check(name, Status.PASS, "ok", step(evidence))
    except NotABundleError:
        raise
    except NotChecked as reason:
        return Check(name, Status.NOT_CHECKED, reason.code, reason.detail)
    except VerifyError as error:
        return Check(name, Status.FAIL, error.code, clipped(error.detail))


def _format(evidence: Evidence) -> Outcome:
    bundle = _read(evidence.data)
    is_node = node.is_node(bundle)
    if is_node:
        node.check_members(bundle)
    else:
        _check_members(bundle)
        if not is_canonical(bundle, evidence.data):
            raise BundleError("bundle-form", "the file is not in canonical form; was it formatted anew?")
    rows = cast("list[Json]", bundle["chain_slice"])
    if not 1 <= len(rows) <= MAX_BUNDLE_ROWS:
        raise BundleError("bundle-member", f"`chain_slice` has {len(rows)} rows")
    evidence.bundle, evidence.free_form = bundle, is_node
    return f"{BUNDLE_SCHEMA}, nothing missing and nothing added"


def _read(data: bytes) -> Mapping[str, Json]:
    if not data.startswith(b"{"):
        raise NotABundleError("not-a-bundle", "the file does not begin with `{`")
    bundle = cast("Mapping[str, Json]", parse_bundle(data))  # what begins with `{` is an object, if it is anything
    schema = bundle.get("schema")
    if not isinstance(schema, str) or not schema.startswith("occasio-bundle/"):
        raise NotABundleError("not-a-bundle", "`schema` does not begin with `occasio-bundle/`")
    if schema != BUNDLE_SCHEMA:
        raise NotABundleError("bundle-version", f"a bundle of another version than {BUNDLE_SCHEMA}")
    return bundle


def _check_members(bundle: Mapping[str, Json]) -> None:
    for name in sorted(bundle.keys() ^ _MEMBERS.keys()):
        raise BundleError("bundle-member", f"`{name}` is {'missing' if name in _MEMBERS else 'no member of a bundle'}")
    for name, form in _MEMBERS.items():
        if not form.admits(bundle[name]):
            raise BundleError("bundle-member", f"`{name}` is not what a bundle has there")


def _manifest(evidence: Evidence) -> Outcome:
    bundle = evidence.members()
    rows = cast("list[Mapping[str, Json]]", bundle["chain_slice"])
    claimed = cast("Mapping[str, Json]", bundle["manifest"])
    for name, value in manifest(bundle).items():
        if claimed[name] != value:
            raise BundleError("manifest-mismatch", f"`manifest.{name}` is not the digest of what is in the file")
    if bundle["generated_at"] != rows[-1].get("ts"):
        raise BundleError("manifest-mismatch", "`generated_at` is not the time of the last row")
    return "every part has the digest that the manifest gives"


def manifest(bundle: Mapping[str, Json]) -> dict[str, Json]:
    """Return the manifest of the bundle's other members (SPEC section 10)."""
    policy = cast("Mapping[str, str]", bundle["policy_snapshot"])
    chain_slice = hashlib.sha256()
    for piece in slice_pieces(bundle):
        chain_slice.update(piece)
    digests: dict[str, Json] = {
        "attestation_sha256": _sha256(canonical(bundle["attestation"])),
        "chain_slice_sha256": chain_slice.hexdigest(),
        "policy_sha256": _sha256(policy["text"].encode()),
    }
    head = {"schema": bundle["schema"], "run_id": bundle["run_id"]} | digests
    members = b",".join(b'"%s":%s' % (name.encode(), canonical(value)) for name, value in head.items())
    log = None if bundle["log"] is None else _sha256(canonical(bundle["log"]))
    return digests | {"bundle_digest": _sha256(b"{" + members + b"}"), "log_sha256": log}


def _rows(evidence: Evidence) -> Outcome:
    rows: list[Row] = []
    values = cast("list[Json]", evidence.members()["chain_slice"])
    for position, value in enumerate(values):
        try:
            row = parse_row(canonical(value))
        except MalformedError as error:
            raise MalformedError(error.code, f"row {position}: {error.detail}") from None
        rows.append(row)
        values[position] = row.fields  # the same value: it need not be in memory twice
    evidence.rows = rows
    return f"{len(rows)} rows, each with its hash"


def _run_chain(evidence: Evidence) -> Outcome:
    rows = evidence.checked_rows()
    try:
        check_run_chain(rows, cast("str", evidence.members()["run_id"]))
    except LinkError as error:
        raise _at(error) from None
    evidence.predicate = predicate([row.fields for row in rows])
    return "one run, complete from run_started to run_ended"


def _log_position(evidence: Evidence) -> Outcome:
    rows = evidence.checked_rows()
    try:
        check_log_order(rows)
    except LinkError as error:
        raise _at(error) from None
    log = cast("Mapping[str, Json] | None", evidence.members()["log"])
    if log is not None:
        return _in_log(rows, log, evidence)
    if evidence.trust.witnesses is not None:
        raise NoteError("witness-missing", "you ask for witnesses, and the bundle has no checkpoint")
    return "rows in order; the bundle does not show them to be in a log"


def _at(error: LinkError) -> BundleError:
    return BundleError(error.code, f"row {error.row}: {error.detail}")


def _in_log(rows: list[Row], log: Mapping[str, Json], evidence: Evidence) -> Outcome:
    note = parse_note(cast("str", log["checkpoint"]).encode())
    tree = parse_checkpoint(note.text)
    if rows[0].seq == 0 and tree.origin != log_origin(rows[0].hash):
        raise BundleError("checkpoint-origin", "the checkpoint is of another log")
    known = verify_note(note, evidence.trust.logs)
    witnessed = check_witnesses(note, evidence.trust.witnesses)
    evidence.log_is_known = bool(known)
    proof = [decode_base64(text) for text in cast("list[str]", log["proof"])]
    verify_multiproof([row.seq for row in rows], [leaf_hash(row.line) for row in rows], tree.size, proof, tree.root)
    signed = f"signed by log {', '.join(known)}" if known else "by a log key that you do not know"
    signed += witnessed_by(witnessed)
    return f"rows {rows[0].seq} to {rows[-1].seq} are in a log of {tree.size} rows; checkpoint {signed}"


def witnessed_by(cosignatures: Sequence[Cosignature]) -> str:
    """Return what a report says of the witnesses of a checkpoint, nothing where there is none."""
    return f", cosigned by {', '.join(each.name for each in cosignatures)}" if cosignatures else ""


def log_origin(first_hash: str) -> str:
    """Return the origin of the log whose first row has this hash (SPEC section 7.2)."""
    return f"occasio.local/{first_hash[:32]}"


def attested(evidence: Evidence) -> Outcome:
    """Pass if the attestation says what the rows give, and its `signature` is null or fits."""
    recomputed = evidence.recomputed()
    attestation = cast("Mapping[str, Json]", evidence.members()["attestation"])
    check_equivalent({name: value for name, value in attestation.items() if name != "signature"}, recomputed)
    _check_signature_block(evidence, attestation)
    return "every count, time and block in the attestation follows from the rows"


def _node_predicate(evidence: Evidence) -> Outcome:
    outcome = node.predicate(evidence)
    _check_signature_block(evidence, cast("Mapping[str, Json]", evidence.members()["attestation"]))
    return outcome


def _check_signature_block(evidence: Evidence, attestation: Mapping[str, Json]) -> None:
    if "signature" not in attestation:
        raise BundleError("attestation-signature", "the attestation has no `signature`")
    block = attestation["signature"]
    if block is None:
        return
    if evidence.members()["sigstore_bundle"] is None or not _SIGNATURE_BLOCK.admits(block):
        raise BundleError("attestation-signature", "`signature` does not describe a signature of this bundle")
    if cast("Mapping[str, Json]", block)["envelope_sha256"] != _sha256(expected_statement(evidence)):
        raise BundleError("attestation-signature", "`signature.envelope_sha256` is not the digest of the Statement")


def _policy(evidence: Evidence) -> Outcome:
    rows = evidence.checked_rows()
    bundle = evidence.members()
    texts = [bundle["policy_snapshot"], *cast("list[Json]", bundle["policy_history"])]
    policies = [cast("Mapping[str, Json]", policy) for policy in texts]
    loaded = [cast("Mapping[str, Json]", row.fields["tool_inputs"]) for row in rows if row.kind == "policy_loaded"]
    if not loaded:
        raise BundleError("policy-missing", "no row says which policy was in force")
    for policy in policies:
        if _sha256(cast("str", policy["text"]).encode()) != policy["sha256"]:
            raise BundleError("policy-mismatch", "a policy's text does not have its sha256")
    given = [(policy["sha256"], policy["path"]) for policy in policies]
    if given != [(row["policy_hash"], row["policy_path"]) for row in loaded]:
        raise BundleError("policy-mismatch", "the policies are not those that the rows say were in force")
    return (
        "the policy text is the one that was in force" if len(loaded) == 1 else f"all {len(loaded)} policies are here"
    )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


_STEPS: tuple[_Step, ...] = (
    ("manifest", _manifest),
    ("rows", _rows),
    ("run-chain", _run_chain),
    ("log-position", _log_position),
    ("predicate", attested),
    ("policy", _policy),
)
_NODE_STEPS: tuple[_Step, ...] = (
    ("manifest", node.manifest),
    ("rows", node.rows),
    ("run-chain", node.run_chain),
    ("predicate", _node_predicate),
    ("policy", node.policy),
)
