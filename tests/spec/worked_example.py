"""Makes appendix A of SPEC.md from fixed ids, times and keys; `python -m tests.spec.worked_example` writes it there.

The rows and hashes are made by `tests.samples`, not by the code under test; signing is that of the `cryptography`
library with the keys of RFC 8032 section 7.1, tests 1 and 2.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.samples import POLICY, RUN, Log, canonical, end, sha256, start

SPEC = Path(__file__).parents[2] / "SPEC.md"
BEGIN, END = "<!-- worked-example:begin -->\n", "<!-- worked-example:end -->\n"
EXAMPLE_BEGIN, EXAMPLE_END = "<!-- example:begin -->\n", "<!-- example:end -->\n"
SIGNING_KEY = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
LOG_KEY = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"


@dataclass(frozen=True)
class Key:
    """An Ed25519 key of the example."""

    seed: str

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self.seed))

    @property
    def spki(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def pem(self) -> str:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def hint(self) -> str:
        return base64.b64encode(hashlib.sha256(self.spki).digest()).decode()


def rows() -> Log:
    """Return the log of the example: one run, one refused call."""
    log = Log()
    start(log)
    path = "/home/ada/.ssh/id_ed25519"
    log.append(
        "tool_call",
        agent="claude-code",
        action="BLOCK",
        call_id="toolu_01",
        effects=[f"read {path}"],
        input_digest=sha256(canonical({"file_path": path})),
        reason="path-denied",
        rule="deny_paths: ~/.ssh",
        tool_inputs={"path": path},
        tool_name="read_file",
    )
    end(log)
    return log


def tree_root(lines: list[bytes]) -> bytes:
    """Return the RFC 6962 root, by its definition."""
    if len(lines) == 1:
        return hashlib.sha256(b"\0" + lines[0]).digest()
    k = 1 << (len(lines) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_root(lines[:k]) + tree_root(lines[k:])).digest()


def checkpoint(log: Log) -> str:
    """Return the signed checkpoint over all rows."""
    origin = f"occasio.local/{log.rows[0]['hash'][:32]}"
    text = f"{origin}\n{len(log.rows)}\n{base64.b64encode(tree_root(log.lines)).decode()}\n"
    key = Key(LOG_KEY)
    raw = key.spki[-32:]
    key_id = hashlib.sha256(origin.encode() + b"\n\x01" + raw).digest()[:4]
    signed = base64.b64encode(key_id + key.private.sign(text.encode())).decode()
    return f"{text}\n\u2014 {origin} {signed}\n"


def predicate(log: Log) -> dict[str, object]:
    """Return the predicate, each value written out."""
    first, last = log.rows[0], log.rows[-1]
    return {
        "schema_version": "1.0.0",
        "predicate_type": "https://github.com/occasiolabs/occasio/spec/agent-attestation/v1",
        "subject": {"run_id": RUN},
        "agent": {
            "platform": "claude-code",
            "model": None,
            "session_id": first["session_id"],
            "started_at": "2026-01-02T00:00:00.000Z",
            "ended_at": "2026-01-02T00:00:03.000Z",
            "wall_time_s": 3,
        },
        "policy": {
            "file_hash": sha256(POLICY.encode()),
            "file_path": "/home/ada/.occasio/policy.yml",
            "source": "user",
            "version": 1,
            "rules_digest": {"block_secrets": True, "deny_paths_count": 1, "deny_patterns_count": 0},
        },
        "execution_summary": {
            "tool_calls": 1,
            "local": 0,
            "passed": 0,
            "blocked": 1,
            "transformed": 0,
            "secrets_redacted": 0,
            "blocked_events": [
                {
                    "tool": "read_file",
                    "target": "/home/ada/.ssh/id_ed25519",
                    "rule": "deny_paths: ~/.ssh",
                    "at_offset_s": 2,
                }
            ],
        },
        "audit_chain": {
            "genesis": "0" * 64,
            "first_hash": first["hash"],
            "last_hash": last["hash"],
            "event_count": 4,
            "chain_file": "/home/ada/.occasio/pipeline-events.jsonl",
            "verifier_url": "https://github.com/occasiolabs/occasio",
        },
    }


def statement(log: Log) -> bytes:
    """Return the Statement."""
    note, origin = checkpoint(log), f"occasio.local/{log.rows[0]['hash'][:32]}"
    subjects = [
        (f"occasio:run:{RUN}", log.rows[-1]["hash"]),
        ("occasio:policy", sha256(POLICY.encode())),
        (f"occasio:log:{origin}", tree_root(log.lines).hex()),
        ("occasio:checkpoint", sha256(note.encode())),
    ]
    return canonical(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "predicateType": "https://github.com/occasiolabs/occasio/spec/agent-attestation/v1",
            "predicate": predicate(log),
            "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in subjects],
        }
    )


def pae(payload: bytes) -> bytes:
    """Return what is signed."""
    return b"DSSEv1 28 application/vnd.in-toto+json %d %s" % (len(payload), payload)


def bundle(log: Log) -> bytes:
    """Return the bundle file."""
    payload, key = statement(log), Key(SIGNING_KEY)
    attestation = {**predicate(log), "signature": None}
    logged = {"checkpoint": checkpoint(log), "proof": []}
    head = {
        "schema": "occasio-bundle/v1",
        "run_id": RUN,
        "attestation_sha256": sha256(canonical(attestation)),
        "chain_slice_sha256": sha256(canonical(log.rows)),
        "policy_sha256": sha256(POLICY.encode()),
    }
    text = ",".join(f'"{name}":"{value}"' for name, value in head.items())
    manifest = {name: value for name, value in head.items() if name.endswith("sha256")}
    manifest |= {"bundle_digest": sha256(("{" + text + "}").encode()), "log_sha256": sha256(canonical(logged))}
    envelope = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [{"keyid": key.hint, "sig": base64.b64encode(key.private.sign(pae(payload))).decode()}],
    }
    whole = {
        "schema": "occasio-bundle/v1",
        "run_id": RUN,
        "attestation": attestation,
        "chain_slice": log.rows,
        "policy_snapshot": {"path": "/home/ada/.occasio/policy.yml", "sha256": sha256(POLICY.encode()), "text": POLICY},
        "policy_history": [],
        "log": logged,
        "key_bundle": {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {"publicKey": {"hint": key.hint}, "tlogEntries": []},
            "dsseEnvelope": envelope,
        },
        "sigstore_bundle": None,
        "generated_at": log.rows[-1]["ts"],
        "manifest": manifest,
    }
    return canonical(whole) + b"\n"


def appendix() -> str:
    """Return the text of appendix A between its marks."""
    log = rows()
    signed = statement(log)
    parts = [
        ("The policy, `policy.yml`:", "policy", POLICY),
        ("The log, four lines:", "log", log.data.decode()),
        (
            "What is hashed for the first line's `hash` is that line without `hash` (SHA-256 of these bytes is the `hash`):",
            "hashed",
            canonical({name: value for name, value in log.rows[0].items() if name != "hash"}).decode() + "\n",
        ),
        ("The root of the Merkle tree over the four lines:", "root", tree_root(log.lines).hex() + "\n"),
        (
            "The checkpoint, signed by the log's key (RFC 8032 section 7.1, test 2); the proof in the bundle is empty, since all "
            "leaves are the run's:",
            "checkpoint",
            checkpoint(log),
        ),
        ("The predicate, canonical:", "predicate", canonical(predicate(log)).decode() + "\n"),
        ("The Statement, canonical, the payload of the envelope:", "statement", signed.decode() + "\n"),
        (
            "The first bytes of what is signed, before the payload:",
            "pae",
            pae(signed)[: pae(signed).index(b"{")].decode() + "\n",
        ),
        ("The signer's key (RFC 8032 section 7.1, test 1):", "key", Key(SIGNING_KEY).pem),
        (
            "The signature, base64, over the PAE:",
            "signature",
            base64.b64encode(Key(SIGNING_KEY).private.sign(pae(signed))).decode() + "\n",
        ),
        (
            "The bundle is the canonical form of these parts put together as section 10 says; its SHA-256 is "
            f"`{sha256(bundle(log))}`.",
            "bundle",
            bundle(log).decode(),
        ),
    ]
    shown = "\n".join(f"{said}\n\n```{name}\n{text}```\n" for said, name, text in parts)
    return f"\nOne run in which one call was refused. Every block is executed by `tests/spec`.\n\n{shown}\n"


def example() -> str:
    """Return the row of section 1, wrapped after commas."""
    shown, line = "", ""
    for piece in rows().lines[2].decode().split(","):
        if len(line) + len(piece) > 116:
            shown, line = f"{shown}{line}\n", " "
        line += piece + ","
    return f"```row\n{shown}{line[:-1]}\n```\n"


def filled(text: str) -> str:
    """Return the text of SPEC.md with everything between marks made anew."""
    for begin, finish, content in ((BEGIN, END, appendix()), (EXAMPLE_BEGIN, EXAMPLE_END, example())):
        before, rest = text.split(begin)
        text = before + begin + content + finish + rest.split(finish)[1]
    return text


def main() -> None:
    SPEC.write_text(filled(SPEC.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
