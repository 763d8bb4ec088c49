"""Bundles as honest writers make them, and the steps that a forger would repeat; SPEC sections 9 and 10."""

import base64
import copy
import json
from typing import Any

from generator import notes, tree
from generator.canonical import canonical, ordered, sha256
from generator.keys import ADA, LOG, Key
from generator.predicate import TYPE, predicate
from generator.rows import POLICY_PATH, POLICY_TEXT, RUN, Row, line, placed, whole_run

Bundle = dict[str, Any]

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
ROWS = placed(whole_run())


def policy(text: str = POLICY_TEXT, path: str | None = POLICY_PATH) -> dict[str, Any]:
    """Returns an entry of `policy_history`, or `policy_snapshot`."""
    return {"path": path, "sha256": sha256(text.encode()), "text": text}


def unsigned(rows: list[Row] = ROWS, *, history: tuple[str, ...] = (), log: dict[str, Any] | None = None) -> Bundle:
    """Returns a bundle without a signature."""
    return completed(
        {
            "schema": "occasio-bundle/v1",
            "run_id": RUN,
            "attestation": {**predicate(rows), "signature": None},
            "chain_slice": copy.deepcopy(rows),
            "policy_snapshot": policy(),
            "policy_history": [policy(text) for text in history],
            "log": log,
            "key_bundle": None,
            "sigstore_bundle": None,
        }
    )


def completed(bundle: Bundle) -> Bundle:
    """Returns the bundle with the `generated_at` and `manifest` that fit it."""
    return {**bundle, "generated_at": bundle["chain_slice"][-1]["ts"], "manifest": manifest(bundle)}


def manifest(bundle: Bundle) -> dict[str, Any]:
    """Returns the manifest."""
    parts = {
        "attestation_sha256": sha256(canonical(bundle["attestation"])),
        "chain_slice_sha256": sha256(canonical(bundle["chain_slice"])),
        "policy_sha256": sha256(bundle["policy_snapshot"]["text"].encode()),
    }
    digest = sha256(ordered({"schema": bundle["schema"], "run_id": bundle["run_id"], **parts}))
    log = bundle["log"]
    return {**parts, "log_sha256": None if log is None else sha256(canonical(log)), "bundle_digest": digest}


def statement(bundle: Bundle) -> dict[str, Any]:
    """Returns the Statement of section 9.1."""
    body = {name: value for name, value in bundle["attestation"].items() if name != "signature"}
    subjects = [
        digest_of(f"occasio:run:{bundle['run_id']}", bundle["chain_slice"][-1]["hash"]),
        digest_of("occasio:policy", body["policy"].get("file_hash", "")),
    ]
    if bundle["log"] is not None:
        note = bundle["log"]["checkpoint"]
        origin, _, root = note.split("\n")[:3]
        subjects.append(digest_of(f"occasio:log:{origin}", base64.b64decode(root).hex()))
        subjects.append(digest_of("occasio:checkpoint", sha256(note.encode())))
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "predicate": body,
        "predicateType": TYPE,
        "subject": subjects,
    }


def digest_of(name: str, digest: str) -> dict[str, Any]:
    """Returns a subject."""
    return {"digest": {"sha256": digest}, "name": name}


def pae(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Returns what is signed (section 9.2)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def envelope(payload: bytes, key: Key, payload_type: str = PAYLOAD_TYPE) -> dict[str, Any]:
    """Returns a DSSE envelope signed by `key`."""
    signature = {"keyid": key.hint, "sig": b64(key.sign(pae(payload, payload_type)))}
    return {"payload": b64(payload), "payloadType": payload_type, "signatures": [signature]}


def key_bundle(payload: bytes, key: Key, payload_type: str = PAYLOAD_TYPE) -> dict[str, Any]:
    """Returns a key bundle (section 9.3)."""
    return {
        "dsseEnvelope": envelope(payload, key, payload_type),
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": key.hint}, "tlogEntries": []},
    }


def signed(bundle: Bundle, key: Key = ADA) -> Bundle:
    """Returns the bundle, completed, with a signature of `key` over its Statement."""
    return completed({**bundle, "key_bundle": key_bundle(canonical(statement(bundle)), key)})


def with_log(rows: list[Row], *, run: str = RUN, size: int | None = None, signer: Key = LOG) -> dict[str, Any]:
    """Returns `log` for the slice of `run`, against a checkpoint over the first `size` of all `rows`."""
    shown = rows[:size]
    leaves = [line(row) for row in shown]
    note = notes.signed(notes.body(notes.origin_of(rows), len(leaves), tree.root(leaves)), (signer, "home"))
    places = [row["seq"] for row in shown if row["run_id"] == run]
    return {"checkpoint": note, "proof": [b64(node) for node in tree.multiproof(places, leaves)]}


def file(bundle: Bundle) -> bytes:
    """Returns the bytes of the file."""
    return canonical(bundle) + b"\n"


def remanifested(data: bytes) -> bytes:
    """Returns the file of an unsigned bundle with the manifest that fits its slice as the bytes have it."""
    start = data.index(b'"chain_slice":') + len(b'"chain_slice":')
    rows = data[start : data.index(b',"generated_at":')]
    claimed = json.loads(data)
    parts = {**claimed["manifest"], "chain_slice_sha256": sha256(rows)}
    three = {name: parts[name] for name in ("attestation_sha256", "chain_slice_sha256", "policy_sha256")}
    digest = sha256(ordered({"schema": claimed["schema"], "run_id": claimed["run_id"], **three}))
    mended = data
    for name, value in (("chain_slice_sha256", parts["chain_slice_sha256"]), ("bundle_digest", digest)):
        mended = mended.replace(claimed["manifest"][name].encode(), value.encode())
    return mended


def b64(data: bytes) -> str:
    """Returns base64 as text."""
    return base64.b64encode(data).decode()
