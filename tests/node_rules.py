"""What the Node implementation asks of a bundle before it accepts it, stated here once more from its documented behaviour.

Knows JSON text, SHA-256 and the shape of version 1 of the predicate; imports nothing of Occasio, so that it agrees with
Occasio's own verifier for no other reason than that both are right.  Fractions are taken as they are spelled.  Not
checked: `sigstore_bundle`, which is null in what is signed by a key.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from occasio_core.scripted.turn import Document

GENESIS = "0" * 64
TYPE = "https://github.com/occasiolabs/occasio/spec/agent-attestation/v1"

_HEX64 = re.compile(r"[0-9a-f]{64}")
_HEX40 = re.compile(r"[0-9a-f]{40}")
_INDEX = re.compile(r"0|[1-9][0-9]*")
_RUN_ID = re.compile(r"[0-9a-f-]{36}")
_GIT = ("is_repo", "head", "branch", "dirty", "changed_files", "untracked_files", "diff_hash")

# The members of the predicate; those after the stroke may be missing.
_MEMBERS = {
    "": "schema_version predicate_type subject agent policy execution_summary audit_chain signature | generated_at",
    "subject": "run_id | git_commit files_changed git_state",
    "agent": "platform model session_id started_at ended_at wall_time_s",
    "policy": "file_hash file_path source version rules_digest",
    "policy.rules_digest": "deny_paths_count deny_patterns_count block_secrets",
    "execution_summary": "tool_calls local passed blocked transformed secrets_redacted blocked_events",
    "audit_chain": "genesis first_hash last_hash event_count chain_file verifier_url",
    "subject.git_state": "provenance run_start run_end",
}

# What stands in them, where its schema says so; `?` is null, too.
_FORMS = {
    "subject": {"run_id": "text"},
    "agent": {"platform": "text", "model": "text?", "session_id": "text?", "started_at": "text", "ended_at": "text", "wall_time_s": "count"},
    "policy": {"file_hash": "hex64", "file_path": "text?", "source": "source", "version": "count?"},
    "policy.rules_digest": {"deny_paths_count": "count", "deny_patterns_count": "count", "block_secrets": "boolean"},
    "execution_summary": dict.fromkeys(("tool_calls", "local", "passed", "blocked", "transformed", "secrets_redacted"), "count"),
    "audit_chain": {"genesis": "hex64", "first_hash": "hex64?", "last_hash": "hex64?", "event_count": "count", "chain_file": "absolute", "verifier_url": "text"},
}  # fmt: skip
_SOURCES = ("user", "default", "unknown", "inferred")


class _Spelled(str):
    """A fraction as the file spells it."""

    __slots__ = ()


def problems(data: bytes) -> list[str]:
    """Return why the Node implementation would not accept the bundle; empty if it would."""
    bundle = json.loads(data, parse_float=_Spelled)
    missing = [
        name for name in ("run_id", "attestation", "chain_slice", "policy_snapshot", "manifest") if name not in bundle
    ]
    if bundle.get("schema") != "occasio-bundle/v1" or missing or not bundle["chain_slice"]:
        return [f"schema: {bundle.get('schema')}, without {missing}"]
    attestation, rows = bundle["attestation"], bundle["chain_slice"]
    return [
        *_manifest(bundle),
        *_slice(rows, attestation),
        *_policy(bundle["policy_snapshot"], attestation),
        *_git_state(rows, attestation),
        *_predicate(attestation),
        *_forms(attestation),
        *_run(bundle),
        *_summary(rows, attestation),
    ]


def log_problems(data: bytes) -> list[str]:
    """Return what the Node implementation's walk of a log would complain of."""
    rows = [json.loads(line, parse_float=_Spelled) for line in data.split(b"\n") if line]
    first = [] if rows[0]["prev_hash"] == GENESIS else ["the first row is not linked to genesis"]
    return [*first, *_chain(rows)]


def stringified(value: Any) -> str:
    """Return what a default JSON.stringify makes of a parsed value: members in the order of the file, no space."""
    match value:
        case _Spelled():
            return str(value)
        case dict():
            # an engine of JavaScript would put such members first
            assert not any(map(_INDEX.fullmatch, value)), "a member is named by a number"
            return "{" + ",".join(f"{stringified(name)}:{stringified(member)}" for name, member in value.items()) + "}"
        case list():
            return "[" + ",".join(map(stringified, value)) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _manifest(bundle: Document) -> Iterator[str]:
    claimed, snapshot = bundle["manifest"], bundle["policy_snapshot"]
    hashes = {
        "attestation_sha256": _sha256(stringified(bundle["attestation"])),
        "chain_slice_sha256": _sha256(stringified(bundle["chain_slice"])),
        "policy_sha256": _sha256(snapshot["text"]) if snapshot else None,
    }
    digest = _sha256(stringified({"schema": bundle["schema"], "run_id": bundle["run_id"], **hashes}))
    for name, computed in {**hashes, "bundle_digest": digest}.items():
        if claimed.get(name) != computed:
            yield f"manifest: {name}"


def _slice(rows: Sequence[Document], attestation: Document) -> Iterator[str]:
    yield from _chain(rows)
    for name, row in {"first_hash": rows[0], "last_hash": rows[-1]}.items():
        if attestation["audit_chain"][name] != row["hash"]:
            yield f"chain slice: {name}"


def _chain(rows: Sequence[Document]) -> Iterator[str]:
    for number, row in enumerate(rows):
        if not _HEX64.fullmatch(row.get("hash", "")):
            yield f"row {number} has no hash"
        elif row["hash"] != _sha256(stringified({name: row[name] for name in row if name != "hash"})):
            yield f"row {number} has another hash"
    for number, (before, row) in enumerate(pairwise(rows), 1):
        if row["prev_hash"] != before["hash"]:
            yield f"row {number} is not linked to the one before"


def _policy(snapshot: Document | None, attestation: Document) -> Iterator[str]:
    policy = attestation["policy"]
    if snapshot is not None and policy["source"] != "inferred" and policy["file_hash"] != _sha256(snapshot["text"]):
        yield "policy swap"


def _git_state(rows: Sequence[Document], attestation: Document) -> Iterator[str]:
    claimed = attestation["subject"].get("git_state")
    if claimed is None:
        return
    states = [row["tool_inputs"] for row in rows if row["kind"] == "git_state"]
    starts = [state for state in states if state["phase"] == "run_start"]
    ends = [state for state in states if state["phase"] == "run_end"]
    derived = {"run_start": _state(starts[0]) if starts else None, "run_end": _state(ends[-1]) if ends else None}
    if claimed != {"provenance": "chain", **derived}:
        yield "git state: not what the rows say"
    for state in states:
        if state["digest"] != _sha256(stringified({name: state[name] for name in _GIT})):
            yield f"git state: digest of {state['phase']}"
        if state["head"] is not None and not _HEX40.fullmatch(state["head"]):
            yield f"git state: head of {state['phase']}"


def _state(inputs: Document) -> Document:
    return {name: inputs[name] for name in (*_GIT, "digest")}


def _predicate(attestation: Document) -> Iterator[str]:
    if (attestation.get("schema_version"), attestation.get("predicate_type")) != ("1.0.0", TYPE):
        yield "predicate: another version or type"
    for place, listed in _MEMBERS.items():
        value = _at(attestation, place)
        if isinstance(value, Mapping):
            required, _, optional = listed.partition(" | ")
            if not set(required.split()) <= value.keys() <= {*required.split(), *optional.split()}:
                yield f"predicate: members of `{place}`"
        elif place != "subject.git_state":
            yield f"predicate: no `{place}`"


def _at(value: Any, place: str) -> Any:
    for name in filter(None, place.split(".")):
        value = value.get(name)
    return value


def _forms(attestation: Document) -> Iterator[str]:
    """Compare with the schema of version 1: every value is of its type."""
    for place, forms in _FORMS.items():
        part = _at(attestation, place)
        for name, form in forms.items() if isinstance(part, Mapping) else ():
            if name in part and not (
                (form.endswith("?") and part[name] is None) or _has_form(part[name], form.strip("?"))
            ):
                yield f"predicate: `{place}.{name}` is no {form}"
    for event in attestation["execution_summary"].get("blocked_events", ()):
        if event.keys() != {"tool", "target", "rule", "at_offset_s"} or type(event["at_offset_s"]) is not int:
            yield "predicate: a blocked event of another shape"


def _has_form(value: Any, form: str) -> bool:
    match form:
        case "count":
            return type(value) is int and value >= 0
        case "boolean":
            return isinstance(value, bool)
        case "hex64":
            return isinstance(value, str) and _HEX64.fullmatch(value) is not None
        case "source":
            return value in _SOURCES
        case "absolute":
            return isinstance(value, str) and (value.startswith("/") or value[1:3] in (":\\", ":/"))
    return isinstance(value, str)


def _run(bundle: Document) -> Iterator[str]:
    """Every row is of the run, whose id its action takes; what is signed speaks of the same run."""
    run_id = bundle["run_id"]
    if not _RUN_ID.fullmatch(run_id) or bundle["attestation"]["subject"]["run_id"] != run_id:
        yield "run: not the id of a run, or of another"
    if any(row.get("run_id") != run_id for row in bundle["chain_slice"]):
        yield "run: a row of another"


def _summary(rows: Sequence[Document], attestation: Document) -> Iterator[str]:
    """Compare what is counted: only rows of tool calls count."""
    summary, actions = attestation["execution_summary"], [row["action"] for row in rows if row["kind"] == "tool_call"]
    counted = {"local": "LOCAL", "passed": "PASS", "blocked": "BLOCK", "transformed": "TRANSFORM"}
    wrong = [name for name, action in counted.items() if summary[name] != actions.count(action)]
    if wrong or summary["tool_calls"] != len(actions) or len(summary["blocked_events"]) != actions.count("BLOCK"):
        yield f"summary: {wrong}"
    if attestation["audit_chain"]["event_count"] != len(rows) or attestation["audit_chain"]["genesis"] != GENESIS:
        yield "summary: audit_chain"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
