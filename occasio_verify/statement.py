"""The Statement that is signed, and the envelope it is signed in (SPEC section 9).

Knows forms and bytes; whether a signature holds is for `signature` to say, whose it is for `bundle`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from occasio_verify.canonical import Json, canonical
from occasio_verify.errors import MalformedError, StatementError
from occasio_verify.fields import ListOf, Members, OneOf, Text
from occasio_verify.note import parse_checkpoint, parse_note
from occasio_verify.predicate import PREDICATE_TYPE
from occasio_verify.signature import decode_base64

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
KEY_BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"

_DIGEST_BYTES = 32
_TEXT = Text()
_SIGNATURE = Members({"keyid": _TEXT, "sig": _TEXT})
_ENVELOPE = Members({"payload": _TEXT, "payloadType": _TEXT, "signatures": ListOf(_SIGNATURE)})
_MATERIAL = Members({"publicKey": Members({"hint": _TEXT}), "tlogEntries": ListOf(OneOf())})
_KEY_BUNDLE = Members(
    {"dsseEnvelope": _ENVELOPE, "mediaType": OneOf(KEY_BUNDLE_TYPE), "verificationMaterial": _MATERIAL}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A DSSE envelope with its one signature.  `hint` says which key to try and proves nothing."""

    payload_type: str
    payload: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    hint: str


def statement(predicate: Mapping[str, Json], checkpoint: bytes | None) -> bytes:
    """Return the Statement about a run; `checkpoint` is the note of the bundle's `log`, if it has one."""
    return _statement(predicate, _subjects(predicate, checkpoint))


def node_statement(predicate: Mapping[str, Json], run_id: str, last_hash: str) -> bytes:
    """Return the canonical form of the Statement about a run of the node profile (SPEC section 17)."""
    return _statement(predicate, [_subject(f"occasio:run:{run_id}", last_hash)])


def _statement(predicate: Mapping[str, Json], subjects: list[Json]) -> bytes:
    return canonical(
        {"_type": STATEMENT_TYPE, "predicateType": PREDICATE_TYPE, "subject": subjects, "predicate": predicate}
    )


def _subjects(predicate: Mapping[str, Json], checkpoint: bytes | None) -> list[Json]:
    run, policy, chain = (cast("Mapping[str, str]", predicate[name]) for name in ("subject", "policy", "audit_chain"))
    subjects = [
        _subject(f"occasio:run:{run['run_id']}", chain["last_hash"]),
        _subject("occasio:policy", policy["file_hash"]),
    ]
    if checkpoint is not None:
        tree = parse_checkpoint(parse_note(checkpoint).text)
        subjects.append(_subject(f"occasio:log:{tree.origin}", tree.root.hex()))
        subjects.append(_subject("occasio:checkpoint", hashlib.sha256(checkpoint).hexdigest()))
    return subjects


def _subject(name: str, sha256: str) -> Json:
    return {"name": name, "digest": {"sha256": sha256}}


def key_envelope(key_bundle: Json) -> Envelope:
    """Return the envelope of a key bundle (SPEC section 9.3).

    Raises `StatementError`: `envelope-form`, `signature-count`.
    """
    if not _KEY_BUNDLE.admits(key_bundle):
        raise StatementError("envelope-form", "key_bundle does not have the members of a key bundle")
    members = cast("Mapping[str, Json]", key_bundle)
    material = cast("Mapping[str, Mapping[str, str]]", members["verificationMaterial"])
    envelope = _envelope(cast("Mapping[str, Json]", members["dsseEnvelope"]))
    if material["publicKey"]["hint"] != envelope.hint:
        raise StatementError("envelope-form", "keyid and hint differ")
    if len(_decoded(envelope.hint)) != _DIGEST_BYTES:
        raise StatementError("envelope-form", "the hint is not the digest of a key")
    return envelope


def sigstore_envelope(bundle: Json) -> Envelope:
    """Return the envelope of a Sigstore bundle, without a look at what vouches for its key.

    Raises `StatementError`: `envelope-form`, `signature-count`.
    """
    inner = bundle.get("dsseEnvelope") if isinstance(bundle, Mapping) else None
    if not isinstance(inner, Mapping):
        raise StatementError("envelope-form", "sigstore_bundle has no dsseEnvelope")
    return _envelope(inner)


def _envelope(envelope: Mapping[str, Json]) -> Envelope:
    signatures, payload, payload_type = (envelope.get(name) for name in ("signatures", "payload", "payloadType"))
    if not isinstance(signatures, list) or not isinstance(payload, str) or not isinstance(payload_type, str):
        raise StatementError("envelope-form", "the envelope has no payload, payloadType or signatures")
    if len(signatures) != 1:
        raise StatementError("signature-count", f"{len(signatures)} signatures where there is to be one")
    signature = signatures[0]
    sig, keyid = (signature.get("sig"), signature.get("keyid", "")) if isinstance(signature, Mapping) else (None, None)
    if not isinstance(sig, str) or not isinstance(keyid, str):
        raise StatementError("envelope-form", "the signature has no sig")
    return Envelope(payload_type=payload_type, payload=_decoded(payload), signature=_decoded(sig), hint=keyid)


def _decoded(text: str) -> bytes:
    try:
        return decode_base64(text)
    except MalformedError as error:
        raise StatementError("envelope-form", error.detail) from None
