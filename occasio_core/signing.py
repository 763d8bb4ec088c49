"""Signing a Statement with a key, by an identity, or both: what goes into a bundle, and how that is to be checked.

Knows Statements as bytes.  What a signer returned is checked here before anything is made of it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from occasio_core.errors import SealError
from occasio_core.interfaces import Signer
from occasio_core.keyless import KeylessSignature
from occasio_core.model import Signature
from occasio_verify import (
    KEY_BUNDLE_TYPE,
    PAYLOAD_TYPE,
    Json,
    SigstoreUnavailable,
    Trust,
    TrustedIdentity,
    TrustedKey,
    VerifyError,
    check_sigstore,
    load_public_key,
    pae,
    signature_block,
)

Keyless = Callable[[bytes], KeylessSignature]
"""Signs a Statement as somebody; a `KeylessSigner` and what it is asked for, in one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """The signatures over one Statement, as a bundle and its attestation have them; `trust` accepts these alone.

    `signed_by` is for people, and empty where nobody signed.
    """

    key_bundle: Json = None
    sigstore_bundle: Json = None
    block: Json = None
    trust: Trust = field(default=Trust())
    signed_by: tuple[str, ...] = ()


def signatures(statement: bytes, signer: Signer | None, keyless: Keyless | None) -> Signatures:
    """Return the signatures of those who are to sign; each of them signs, or nothing is returned.

    Raises `SealError` if a keyless signature does not hold, and what the signers raise.
    """
    made = Signatures()
    if signer is not None:
        made = _with_key(made, statement, signer.sign(pae(PAYLOAD_TYPE, statement)))
    if keyless is not None:
        made = _with_identity(made, statement, keyless(statement))
    return made


def _with_key(made: Signatures, statement: bytes, signature: Signature) -> Signatures:
    key = load_public_key(signature.public_key)
    trust = replace(made.trust, keys=(TrustedKey("this key", key),), named=True)
    bundle = _key_bundle(statement, signature)
    return replace(made, key_bundle=bundle, trust=trust, signed_by=(*made.signed_by, f"key {key.key_hint}"))


def _with_identity(made: Signatures, statement: bytes, signature: KeylessSignature) -> Signatures:
    try:
        certified = check_sigstore(signature.bundle, signature.trusted_root)
    except VerifyError as error:
        raise SealError(f"the Sigstore signature does not hold: {error.detail}") from None
    except SigstoreUnavailable:
        hint = "pip install 'occasio[sigstore]'"
        raise SealError("the Sigstore signature cannot be checked here, so it is not used", hint=hint) from None
    signer = TrustedIdentity("this identity", certified.identity, certified.issuer, certified.repository)
    return replace(
        made,
        sigstore_bundle=signature.bundle,
        block=signature_block(certified, statement),
        trust=replace(made.trust, identities=(signer,), trusted_root=signature.trusted_root, named=True),
        signed_by=(*made.signed_by, certified.identity),
    )


def _key_bundle(payload: bytes, signature: Signature) -> Json:
    hint = base64.b64encode(hashlib.sha256(signature.public_key).digest()).decode()
    return {
        "mediaType": KEY_BUNDLE_TYPE,
        "verificationMaterial": {"publicKey": {"hint": hint}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": hint, "sig": base64.b64encode(signature.sig).decode()}],
        },
    }
