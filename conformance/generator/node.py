"""Bundles as the Node implementation writes them, SPEC section 17: insertion order, fractions, one chain."""

import copy
import json
import re
from collections.abc import Iterable
from typing import Any

from generator.bundles import MEDIA_TYPE, PAYLOAD_TYPE, b64, digest_of, envelope
from generator.canonical import ZEROS, canonical, sha256
from generator.keys import EVE
from generator.predicate import TYPE, URL
from generator.rows import GIT, POLICY_PATH, POLICY_TEXT, RULES, RUN, Row, git_digest, stamp

Bundle = dict[str, Any]

NUMBER = re.compile(r'"#([^|#"]+)(?:\|([^#"]+))?#"')


def number(ecma: str, spelled: str | None = None) -> str:
    """Returns what stands for a number: as ECMA-262 writes it, and as the file spells it if that differs."""
    return f"#{ecma}|{spelled}#" if spelled else f"#{ecma}#"


def hashed_text(value: Any) -> bytes:
    """Returns what `JSON.stringify` would return."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return NUMBER.sub(lambda found: found[1], text).encode()


def file(bundle: Bundle, *, indent: int | None = 2) -> bytes:
    """Returns the bytes of the file, numbers spelled as they were given."""
    text = json.dumps(bundle, ensure_ascii=False, indent=indent)
    return NUMBER.sub(lambda found: found[2] or found[1], text).encode()


def row(kind: str, at: int, **own: Any) -> Row:
    """Returns a row without its links, members in the order of that implementation."""
    head = {"audit_schema": 1, "ts": stamp(at), "event_id": f"00000000-0000-4000-8000-{at:012}", "session_id": RUN}
    return {
        **head,
        "run_id": RUN,
        "agent": "occasio",
        "protocol": "internal",
        "direction": "inbound",
        "kind": kind,
    } | own


def policy_loaded() -> Row:
    """Returns the row of the policy."""
    inputs = {"policy_hash": sha256(POLICY_TEXT.encode()), "policy_path": POLICY_PATH, "version": 1}
    ends = {"action": "INFO", "reason": "policy-loaded", "policy_source": "user"}
    return row("policy_loaded", 0, tool_name="policy_loaded", tool_inputs=inputs, **ends)


def git_state(phase: str, at: int, **changes: Any) -> Row:
    """Returns the row of the state of git."""
    state = {**GIT, **changes}
    inputs = {"phase": phase, "cwd": "/home/ada/work", **state, "digest": git_digest(state)}
    return row("git_state", at, tool_name="git_state", tool_inputs=inputs, action="INFO", reason="git-state")


def tool_call(action: str, tool: str, inputs: Row, at: int, **more: Any) -> Row:
    """Returns the row of a call."""
    reason = "path-denied" if action == "BLOCK" else "ok"
    ends = {"action": action, "reason": reason, "policy_source": "default", "secrets_redacted": 0}
    own = {"tool_name": tool, "tool_inputs": inputs, **ends, **more}
    return row("tool_call", at, **own) | {"agent": "claude-code", "protocol": "anthropic-http"}


def request(at: int, cost: str) -> Row:
    """Returns the row of a request with its cost, a fraction of a dollar."""
    tokens = {"input_tokens": 812, "output_tokens": 64, "cache_read_tokens": 0, "cache_write_tokens": 0}
    own = {"event_type": "cloud_sent", "model": "claude-sonnet-4-5", "cwd": "/home/ada/work", **tokens, "cost": cost}
    return row("request", at, **own, cache_savings=0, tools_attempted=1, tools_local_count=0)


def whole_run() -> list[Row]:
    """Returns the rows of a run."""
    return linked(
        [
            policy_loaded(),
            git_state("run_start", 1),
            request(2, number("0.003396")),
            tool_call("PASS", "read_file", {"path": "/home/ada/work/README.md"}, 3, secrets_redacted=2),
            tool_call("BLOCK", "read_file", {"path": "/home/ada/.ssh/id_ed25519"}, 5),
            tool_call("LOCAL", "find_files", {"pattern": "caf\u00e9\u2028*"}, 6, executor="native", exit_code=0),
            request(7, number("0.00003")),
            git_state("run_end", 8, dirty=True, changed_files=["README.md"], diff_hash=sha256(b"diff")),
        ]
    )


def linked(rows: Iterable[Row], *, prev_hash: str = ZEROS) -> list[Row]:
    """Returns copies with `prev_hash` and `hash`, the last two members."""
    out: list[Row] = []
    for unlinked in rows:
        rest = {name: value for name, value in unlinked.items() if name not in ("prev_hash", "hash")}
        out.append(hashed({**rest, "prev_hash": prev_hash}))
        prev_hash = out[-1]["hash"]
    return out


def hashed(unhashed: Row) -> Row:
    """Returns a copy with the `hash` that fits, as the last member."""
    rest = {name: value for name, value in unhashed.items() if name != "hash"}
    return {**rest, "hash": sha256(hashed_text(rest))}


def attestation(rows: list[Row]) -> dict[str, Any]:
    """Returns the attestation, members in the order of that implementation."""
    calls = [one for one in rows if one["kind"] == "tool_call"]
    refused = [one for one in calls if one["action"] == "BLOCK"]
    states = {one["tool_inputs"]["phase"]: one["tool_inputs"] for one in rows if one["kind"] == "git_state"}
    phases = {
        phase: {name: copy.deepcopy(value) for name, value in state.items() if name not in ("phase", "cwd")}
        for phase, state in states.items()
    }
    git = {"git_commit": GIT["head"], "git_state": {"provenance": "chain", **phases}} if states else {}
    return {
        "schema_version": "1.0.0",
        "predicate_type": TYPE,
        "subject": {"run_id": RUN, **git},
        "agent": {
            "platform": "claude-code",
            "model": "claude-sonnet-4-5",
            "session_id": RUN,
            "started_at": rows[0]["ts"],
            "ended_at": rows[-1]["ts"],
            "wall_time_s": 8,
        },
        "policy": {
            "file_hash": sha256(POLICY_TEXT.encode()),
            "file_path": POLICY_PATH,
            "source": "user",
            "version": 1,
            "rules_digest": RULES,
        },
        "execution_summary": {
            "tool_calls": len(calls),
            "local": sum(one["action"] == "LOCAL" for one in calls),
            "passed": sum(one["action"] == "PASS" for one in calls),
            "blocked": len(refused),
            "transformed": sum(one["action"] == "TRANSFORM" for one in calls),
            "secrets_redacted": sum(one["secrets_redacted"] for one in calls),
            "blocked_events": [
                {
                    "tool": one["tool_name"],
                    "target": one["tool_inputs"].get("path"),
                    "rule": one["reason"],
                    "at_offset_s": 5,
                }
                for one in refused
            ],
        },
        "audit_chain": {
            "genesis": ZEROS,
            "first_hash": rows[0]["hash"],
            "last_hash": rows[-1]["hash"],
            "event_count": len(rows),
            "chain_file": "/home/ada/.occasio/pipeline-events.jsonl",
            "verifier_url": URL,
        },
        "signature": None,
    }


def bundle(rows: list[Row]) -> Bundle:
    """Returns an unsigned bundle."""
    snapshot = {"path": POLICY_PATH, "text": POLICY_TEXT, "sha256": sha256(POLICY_TEXT.encode())}
    head = {"schema": "occasio-bundle/v1", "run_id": RUN, "attestation": attestation(rows), "sigstore_bundle": None}
    return completed({**head, "chain_slice": rows, "policy_snapshot": snapshot})


def bundle_of(rows: list[Row], like: Bundle) -> Bundle:
    """Returns the bundle of rows of which `like` says the same, but for how many they are and where they begin and end."""
    chain = {"first_hash": rows[0]["hash"], "last_hash": rows[-1]["hash"], "event_count": len(rows)}
    claimed = {**like["attestation"], "audit_chain": {**like["attestation"]["audit_chain"], **chain}}
    return completed({**like, "attestation": claimed, "chain_slice": rows})


def completed(made: Bundle) -> Bundle:
    """Returns the bundle with the manifest that fits it."""
    snapshot = made["policy_snapshot"]
    parts = {
        "attestation_sha256": sha256(hashed_text(made["attestation"])),
        "chain_slice_sha256": sha256(hashed_text(made["chain_slice"])),
        "policy_sha256": sha256(snapshot["text"].encode()) if snapshot else None,
    }
    digest = sha256(hashed_text({"schema": made["schema"], "run_id": made["run_id"], **parts}))
    rest = {name: value for name, value in made.items() if name not in ("manifest", "generated_at")}
    return {**rest, "manifest": {**parts, "bundle_digest": digest}, "generated_at": "2026-01-02T04:00:00.000Z"}


def statement(made: Bundle) -> dict[str, Any]:
    """Returns the Statement, with one subject."""
    body = {name: value for name, value in made["attestation"].items() if name != "signature"}
    subject = digest_of(f"occasio:run:{made['run_id']}", made["chain_slice"][-1]["hash"])
    return {"_type": "https://in-toto.io/Statement/v1", "predicate": body, "predicateType": TYPE, "subject": [subject]}


def certified(made: Bundle, payload: bytes | None = None, payload_type: str = PAYLOAD_TYPE) -> Bundle:
    """Returns the bundle with a Sigstore bundle whose certificate is none."""
    inner = envelope(canonical(statement(made)) if payload is None else payload, EVE, payload_type)
    material = {"certificate": {"rawBytes": b64(b"no certificate")}, "tlogEntries": []}
    return {
        **made,
        "sigstore_bundle": {"mediaType": MEDIA_TYPE, "verificationMaterial": material, "dsseEnvelope": inner},
    }
