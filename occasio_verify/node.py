"""Bundles of the Node implementation: rows of `audit_schema` 1, hashed as their JSON text stands (SPEC section 17).

Checked as far as that format goes; what it cannot prove is in `CANNOT_PROVE`, and the report shows it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import cast

from occasio_verify.canonical import Json, ecmascript_number
from occasio_verify.errors import BundleError, ChainError, MalformedError
from occasio_verify.evidence import Evidence, NotChecked, Outcome
from occasio_verify.fields import GIT_HASHED, HEX64, Members, ObjectOf, OrNull, Text
from occasio_verify.parse import nests_deeper
from occasio_verify.predicate import Fields, differences, refuse_differences, target
from occasio_verify.rows import MAX_ROW_BYTES, MAX_ROW_DEPTH, Row, check_schema

PROFILE = "node"
ROW_SCHEMA = 1
CANNOT_PROVE = (
    "node profile: these rows cannot show that the run is complete (rows may be missing at either end), where in its "
    "log it stood, or what was let through without a row; only the claims listed as verified were recomputed."
)

_TEXT = Text()
_MEMBERS = (
    "attestation",
    "chain_slice",
    "generated_at",
    "manifest",
    "policy_snapshot",
    "run_id",
    "schema",
    "sigstore_bundle",
)
_MANIFEST = ("attestation_sha256", "bundle_digest", "chain_slice_sha256", "policy_sha256")
_POLICY = OrNull(Members({"path": OrNull(_TEXT), "sha256": HEX64, "text": _TEXT}))
_ROW = {"hash": HEX64, "prev_hash": HEX64, "ts": _TEXT, "kind": _TEXT}


def is_node(bundle: Mapping[str, Json]) -> bool:
    """Return whether the bundle's first row has `audit_schema` 1."""
    rows = bundle.get("chain_slice")
    first = rows[0] if isinstance(rows, list) and rows else None
    schema = first.get("audit_schema") if isinstance(first, Mapping) else None
    return type(schema) is int and schema == ROW_SCHEMA


def check_members(bundle: Mapping[str, Json]) -> None:
    """Check the members of a bundle.  Raises `BundleError` `bundle-member`."""
    for name in sorted(bundle.keys() ^ _MEMBERS):
        raise BundleError("bundle-member", f"`{name}` is missing or is no member of a bundle")
    manifest = bundle["manifest"]
    forms_hold = (
        isinstance(bundle["run_id"], str)
        and ObjectOf().admits(bundle["attestation"])
        and _POLICY.admits(bundle["policy_snapshot"])
        and OrNull(ObjectOf()).admits(bundle["sigstore_bundle"])
        and Members({name: OrNull(HEX64) for name in _MANIFEST}).admits(manifest)
    )
    if not forms_hold or not all(isinstance(row, Mapping) for row in cast("list[Json]", bundle["chain_slice"])):
        raise BundleError("bundle-member", "a member is not what a bundle has there")


def text(value: Json) -> str:
    """Return the JSON text of `value` as ECMA-262 JSON.stringify writes it, members in their own order."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{text(name)}:{text(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(text, value)) + "]"
    if isinstance(value, float):
        return ecmascript_number(value)
    return json.dumps(value, ensure_ascii=False)


def _sha256(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def manifest(evidence: Evidence) -> Outcome:
    """Check the digests of the parts (SPEC section 17)."""
    bundle = evidence.members()
    policy = cast("Mapping[str, str] | None", bundle["policy_snapshot"])
    expected: dict[str, Json] = {
        "attestation_sha256": _sha256(text(bundle["attestation"])),
        "chain_slice_sha256": _sha256(text(bundle["chain_slice"])),
        "policy_sha256": None if policy is None else _sha256(policy["text"]),
    }
    head: dict[str, Json] = {"schema": bundle["schema"], "run_id": bundle["run_id"], **expected}
    for name, value in (expected | {"bundle_digest": _sha256(text(head))}).items():
        if cast("Mapping[str, Json]", bundle["manifest"])[name] != value:
            raise BundleError("manifest-mismatch", f"`manifest.{name}` is not the digest of what is in the file")
    return "every part has the digest that the manifest gives"


def rows(evidence: Evidence) -> Outcome:
    """Check every row's hash, over its text as it stands."""
    rows = [
        _row(position, cast("Mapping[str, Json]", value))
        for position, value in enumerate(cast("list[Json]", evidence.members()["chain_slice"]))
    ]
    evidence.rows = rows
    return f"{len(rows)} rows, each with its hash"


def _row(position: int, row: Mapping[str, Json]) -> Row:
    line = text(row).encode()
    try:
        _check_limits(row, line)
        check_schema(row, ROW_SCHEMA)
        _check_fields(row)
    except MalformedError as error:
        raise MalformedError(error.code, f"row {position}: {error.detail}") from None
    return Row(line, row)


def _check_limits(row: Mapping[str, Json], line: bytes) -> None:
    if nests_deeper(row, MAX_ROW_DEPTH):
        raise MalformedError("too-deep", f"a row of more than {MAX_ROW_DEPTH} levels")
    if len(line) > MAX_ROW_BYTES:
        raise MalformedError("row-too-long", f"a row of more than {MAX_ROW_BYTES} bytes")


def _check_fields(row: Mapping[str, Json]) -> None:
    for name, form in _ROW.items():
        if not form.admits(row.get(name)):
            raise MalformedError("row-field", f"`{name}` is missing or is not what a row has there")
    if row["kind"] == "git_state":
        _check_git(row.get("tool_inputs"))
    if _sha256(text({name: value for name, value in row.items() if name != "hash"})) != row["hash"]:
        raise MalformedError("row-hash", "`hash` is not the hash of the row")


def _check_git(state: Json) -> None:
    if not isinstance(state, Mapping) or not all(name in state for name in (*GIT_HASHED, "digest")):
        raise MalformedError("row-field", "`tool_inputs` is no git state")
    if _sha256(text({name: state[name] for name in GIT_HASHED})) != state["digest"]:
        raise MalformedError("row-field", "`digest` is not the digest of the git state")


def run_chain(evidence: Evidence) -> Outcome:
    """Check that the rows are of one run and follow each other; what the attestation says is kept as the predicate."""
    rows = evidence.checked_rows()
    for position, row in enumerate(rows):
        if row.fields.get("run_id") != evidence.members()["run_id"]:
            raise ChainError("run-id", f"row {position}: the row is of another run")
        if position and row.prev_hash != rows[position - 1].hash:
            raise ChainError("log-link", f"row {position}: prev_hash is not the hash of the row before")
    attestation = cast("Mapping[str, Json]", evidence.members()["attestation"])
    evidence.predicate = {name: value for name, value in attestation.items() if name != "signature"}
    return "rows follow each other without a gap between the first and the last shown"


def predicate(evidence: Evidence) -> Outcome:
    """Check the claims that can be computed from the rows."""
    rows = [row.fields for row in evidence.checked_rows()]
    claimed = evidence.recomputed()
    found = differences(_without_offsets(claimed.get("execution_summary")), _summary(rows), "execution_summary")
    for name, value in _recomputable(rows, claimed).items():
        part = claimed.get(name)
        stated = {inner: part[inner] for inner in value if inner in part} if isinstance(part, Mapping) else part
        found += differences(stated, value, name)
    refuse_differences(found)
    return "every recomputable claim in the attestation follows from the rows"


def _without_offsets(summary: Json) -> Json:
    events = summary.get("blocked_events") if isinstance(summary, Mapping) else None
    if not isinstance(summary, Mapping) or not isinstance(events, list):
        return summary
    return {**summary, "blocked_events": [_without_offset(event) for event in events]}


def _without_offset(event: Json) -> Json:
    if not isinstance(event, Mapping):
        return event
    return {name: value for name, value in event.items() if name != "at_offset_s"}


def _recomputable(rows: list[Fields], claimed: Fields) -> dict[str, dict[str, Json]]:
    subject: dict[str, Json] = {"run_id": rows[0].get("run_id")}
    claimed_subject = claimed.get("subject")
    if isinstance(claimed_subject, Mapping) and "git_state" in claimed_subject:
        subject["git_state"] = _git_state(rows)
    parts: dict[str, dict[str, Json]] = {
        "subject": subject,
        "agent": {"started_at": rows[0]["ts"], "ended_at": rows[-1]["ts"]},
        "audit_chain": {
            "first_hash": rows[0]["hash"],
            "last_hash": rows[-1]["hash"],
            "event_count": len(rows),
        },
    }
    if loaded := loaded_policies(rows):
        parts["policy"] = {"file_hash": loaded[0].get("policy_hash")}
    return parts


def loaded_policies(rows: Iterable[Fields]) -> list[Fields]:
    """Return what the rows say of the policies that were loaded; older runs have no such row."""
    inputs = (row.get("tool_inputs") for row in rows if row["kind"] == "policy_loaded")
    return [each for each in inputs if isinstance(each, Mapping)]


def _git_state(rows: list[Fields]) -> Json:
    states = [cast("Mapping[str, Json]", row["tool_inputs"]) for row in rows if row["kind"] == "git_state"]
    starts = [state for state in states if state.get("phase") == "run_start"]
    ends = [state for state in states if state.get("phase") == "run_end"]
    return {
        "provenance": "chain",
        "run_start": _phase(starts[0]) if starts else None,
        "run_end": _phase(ends[-1]) if ends else None,
    }


def _phase(state: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in state.items() if name not in ("phase", "cwd")}


def _summary(rows: list[Fields]) -> dict[str, Json]:
    calls = [row for row in rows if row["kind"] == "tool_call"]
    actions = Counter(str(row.get("action")) for row in calls)
    redacted = (row.get("secrets_redacted", 0) for row in calls)
    return {
        "tool_calls": len(calls),
        "local": actions["LOCAL"],
        "passed": actions["PASS"],
        "blocked": actions["BLOCK"],
        "transformed": actions["TRANSFORM"],
        "secrets_redacted": sum(count for count in redacted if type(count) is int),
        "blocked_events": [
            {"tool": row.get("tool_name"), "target": target(row), "rule": row.get("reason")}
            for row in calls
            if row.get("action") == "BLOCK"
        ],
    }


def policy(evidence: Evidence) -> Outcome:
    """Check that the policy is the one that the attestation names."""
    evidence.checked_rows()
    policy = cast("Mapping[str, str] | None", evidence.members()["policy_snapshot"])
    stated = cast("Mapping[str, Json]", evidence.members()["attestation"]).get("policy")
    file_hash = stated.get("file_hash") if isinstance(stated, Mapping) else None
    if policy is None:
        if file_hash == "0" * 64:
            return "no policy file was in force, and none is shown"
        raise NotChecked("policy-missing", "the policy in force is not in the bundle")
    if not _sha256(policy["text"]) == policy["sha256"] == file_hash:
        raise BundleError("policy-mismatch", "the policy text is not the one that the attestation names")
    return "the policy text is the one that the attestation names"
