"""Rekor 1 and Rekor 2: transparency logs that check what they are given, and prove what they hold.

Their trees are those of `occasio_verify`; the verifiers that read the result have their own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

import rfc8785
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from occasio_verify import CompactRange, inclusion_proof, leaf_hash, pae
from tests.private_sigstore.certificates import spki
from tests.private_sigstore.tokens import Refused

HOST_1, HOST_2 = "rekor.local.test", "log2026-1.rekor.local.test"
SHARD = 1_000_000  # the global index of Rekor 1 counts all shards, that of a proof the active one: never the same here
_OTHERS = 7  # entries of others before the first


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


class _Log:
    def __init__(self, clock: Callable[[str], float], rogue: frozenset[str]) -> None:
        self._clock, self._rogue = clock, rogue
        self._leaves = [leaf_hash(b"of somebody else, %d" % number) for number in range(_OTHERS)]
        self._lock = threading.Lock()

    def _append(self, body: bytes) -> tuple[int, int, bytes, list[bytes]]:
        """Return index, size, root and proof."""
        with self._lock:
            self._leaves.append(leaf_hash(body))
            tree = CompactRange()
            for leaf in self._leaves:
                tree.append(leaf)
            index = len(self._leaves) - 1
            return index, len(self._leaves), tree.root(), inclusion_proof(self._leaves, index)


def _note(origin: str, host: str, size: int, root: bytes, sign: Callable[[bytes], bytes]) -> str:
    text = f"{origin}\n{size}\n{base64_of(root)}\n"
    return f"{text}\n\u2014 {host} {base64_of(sign(text.encode()))}\n"


class Rekor1(_Log):
    """The log with integrated times and promises (`/api/v1/log/entries`)."""

    def __init__(self, clock: Callable[[str], float], rogue: frozenset[str]) -> None:
        super().__init__(clock, rogue)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.log_id = hashlib.sha256(spki(self.key)).digest()

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        body = rfc8785.dumps(_entry(request))
        index, size, root, proof = self._append(body)
        seconds = int(self._clock("rekor"))
        promised = {
            "body": base64_of(body),
            "integratedTime": seconds,
            "logID": self.log_id.hex(),
            "logIndex": SHARD + index,
        }
        verification = {
            "signedEntryTimestamp": base64_of(self._signed("set", rfc8785.dumps(promised))),
            "inclusionProof": {
                "checkpoint": _note(f"{HOST_1} - 1193050959916656506", HOST_1, size, root, self._checkpoint),
                "hashes": [node.hex() for node in proof],
                "logIndex": index,
                "rootHash": root.hex(),
                "treeSize": size,
            },
        }
        return {leaf_hash(body).hex(): promised | {"verification": verification}}

    def _checkpoint(self, text: bytes) -> bytes:
        return self.log_id[:4] + self._signed("checkpoint", text)

    def _signed(self, what: str, data: bytes) -> bytes:
        key = ec.generate_private_key(ec.SECP256R1()) if what in self._rogue else self.key
        return key.sign(data, ec.ECDSA(hashes.SHA256()))


def _entry(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Rekor 1 keeps of a proposed `dsse` entry, in its own form."""
    if request["kind"] != "dsse":
        raise Refused(f"unexpected kind {request['kind']}")
    proposed = request["spec"]["proposedContent"]
    envelope = json.loads(proposed["envelope"])
    payload = base64.b64decode(envelope["payload"])
    kept = []
    for signature, verifier in zip(envelope["signatures"], proposed["verifiers"], strict=True):
        certificate = x509.load_pem_x509_certificate(base64.b64decode(verifier))
        _check(certificate, signature["sig"], hashlib.sha256(pae(envelope["payloadType"], payload)).digest())
        kept.append({"signature": signature["sig"], "verifier": verifier})
    spec = {
        "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(proposed["envelope"].encode()).hexdigest()},
        "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
        "signatures": kept,
    }
    return {"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}


def _check(certificate: x509.Certificate, signature: str, digest: bytes) -> None:
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    try:
        key.verify(base64.b64decode(signature), digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    except InvalidSignature:
        raise Refused("verifying signature: invalid signature") from None


class Rekor2(_Log):
    """The log without times of its own: a DSSE envelope goes in as `hashedrekord` over its PAE."""

    def __init__(self, clock: Callable[[str], float], rogue: frozenset[str]) -> None:
        super().__init__(clock, rogue)
        self.key = ed25519.Ed25519PrivateKey.generate()
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.log_id = hashlib.sha256(HOST_2.encode() + b"\n\x01" + raw).digest()  # C2SP signed-note, not cut short

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        asked = request.get("hashedRekordRequestV002")
        if asked is None:
            raise Refused("only hashedRekordRequestV002 is supported")
        signature, verifier = asked["signature"], asked["signature"]["verifier"]
        certificate = x509.load_der_x509_certificate(base64.b64decode(verifier["x509Certificate"]["rawBytes"]))
        _check(certificate, signature["content"], base64.b64decode(asked["digest"]))
        kept = {
            "data": {"algorithm": "SHA2_256", "digest": asked["digest"]},
            "signature": {
                "content": signature["content"],
                "verifier": {
                    "keyDetails": verifier["keyDetails"],
                    "x509Certificate": {"rawBytes": verifier["x509Certificate"]["rawBytes"]},
                },
            },
        }
        body = rfc8785.dumps({"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {"hashedRekordV002": kept}})
        index, size, root, proof = self._append(body)
        return {
            "logIndex": str(index),
            "logId": {"keyId": base64_of(self.log_id)},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
            "inclusionProof": {
                "logIndex": str(index),
                "rootHash": base64_of(root),
                "treeSize": str(size),
                "hashes": [base64_of(node) for node in proof],
                "checkpoint": {"envelope": _note(HOST_2, HOST_2, size, root, self._checkpoint)},
            },
            "canonicalizedBody": base64_of(body),
        }

    def _checkpoint(self, text: bytes) -> bytes:
        key = ed25519.Ed25519PrivateKey.generate() if "checkpoint" in self._rogue else self.key
        return self.log_id[:4] + key.sign(text)
