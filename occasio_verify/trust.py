"""Whom the caller trusts: keys and identities named now, or accepted earlier in a trust file (SPEC section 14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from occasio_verify.cosignature import WitnessPolicy, check_policy
from occasio_verify.errors import SignatureError, TrustError, VerifyError
from occasio_verify.fields import NATURAL, Either, Form, ListOf, Members, OneOf, Text
from occasio_verify.note import known_keys
from occasio_verify.parse import parse_json
from occasio_verify.signature import PublicKey, is_pem, load_public_key

MAX_TRUST_BYTES = 1 << 20

_TEXT = Text()
_IDENTITY = {"name": _TEXT, "identity": _TEXT, "issuer": _TEXT}
_VKEYS = ListOf(Members({"name": _TEXT, "vkey": _TEXT}))
_MEMBERS: Mapping[str, Form] = {
    "schema": OneOf("occasio-trust/v1"),
    "keys": ListOf(Members({"name": _TEXT, "public_key": _TEXT})),
    "identities": ListOf(Either(Members(_IDENTITY), Members({**_IDENTITY, "repository": _TEXT}))),
    "logs": _VKEYS,
}
_TRUST = Members(_MEMBERS)
_WITH_WITNESSES = Members({**_MEMBERS, "witnesses": Members({"threshold": NATURAL, "keys": _VKEYS})})


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key under the name that the caller gave it."""

    name: str
    key: PublicKey


@dataclass(frozen=True, slots=True)
class TrustedIdentity:
    """An identity in a certificate, who must have vouched for it, and on GitHub the repository, `OWNER/NAME`."""

    name: str
    identity: str
    issuer: str
    repository: str | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """Everybody the caller trusts.

    `named` says that it was for this verification, so a missing signature is a failure.  `trusted_root` is that of the
    Sigstore instance whose certificates count; without one no Sigstore signature is checked.
    `witnesses` says how many of which witnesses must have cosigned every checkpoint, None that nobody must.
    """

    keys: tuple[TrustedKey, ...] = ()
    identities: tuple[TrustedIdentity, ...] = ()
    logs: tuple[str, ...] = ()
    named: bool = False
    trusted_root: bytes | None = None
    witnesses: WitnessPolicy | None = None


def parse_trust(data: bytes) -> Trust:
    """Return what the trust file `data` says.  Raises `TrustError` `trust-form`."""
    try:
        value = parse_json(data, max_bytes=MAX_TRUST_BYTES)
    except VerifyError as error:
        raise TrustError("trust-form", f"the trust file is not strict JSON: {error.detail}") from None
    if not _TRUST.admits(value) and not _WITH_WITNESSES.admits(value):
        raise TrustError(
            "trust-form", "the trust file does not have exactly schema, keys, identities, logs (and witnesses)"
        )
    members = cast("Mapping[str, Sequence[Mapping[str, str]]]", value)
    keys, identities, logs = (members[name] for name in ("keys", "identities", "logs"))
    return Trust(
        tuple(TrustedKey(entry["name"], _key(entry)) for entry in keys),
        tuple(TrustedIdentity(**entry) for entry in identities),
        _vkeys([entry["vkey"] for entry in logs]),
        witnesses=_witnesses(cast("Mapping[str, Mapping[str, object]]", value).get("witnesses")),
    )


def _vkeys(vkeys: Sequence[str]) -> tuple[str, ...]:
    try:
        known_keys(vkeys)
    except VerifyError as error:
        raise TrustError("trust-form", f"logs: {error.detail}") from None
    return tuple(vkeys)


def _witnesses(value: Mapping[str, object] | None) -> WitnessPolicy | None:
    if value is None:
        return None
    keys = cast("Sequence[Mapping[str, str]]", value["keys"])
    policy = WitnessPolicy(cast("int", value["threshold"]), tuple(entry["vkey"] for entry in keys))
    try:
        check_policy(policy)
    except VerifyError as error:
        raise TrustError("trust-form", f"witnesses: {error.detail}") from None
    return policy


def _key(entry: Mapping[str, str]) -> PublicKey:
    pem = entry["public_key"].encode()
    try:
        if not is_pem(pem):
            raise SignatureError("key-form", "not PEM")
        return load_public_key(pem)
    except VerifyError as error:
        raise TrustError("trust-form", f"key `{entry['name']}`: {error.detail}") from None
