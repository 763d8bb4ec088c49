"""Whole bundles: Sigstore signatures before a verifier that cannot check them; SPEC section 8, and section 11, checks 6 and 8 to 10."""

from collections.abc import Iterator
from typing import Any

from generator.bundles import (
    MEDIA_TYPE,
    PAYLOAD_TYPE,
    b64,
    completed,
    envelope,
)
from generator.canonical import sha256
from generator.cases import BundleCase
from generator.groups.bundle_cases import NO_SIGSTORE, failed, intact
from generator.groups.bundle_format import without
from generator.groups.bundle_signed import BARE, GOOD, PAYLOAD, doubled, drop_at, set_at
from generator.keys import EVE

BLOCK = {
    "type": "sigstore-cosign-keyless",
    "identity": "somebody@example.org",
    "rekor_entry": None,
    "signed_at": "2026-01-02T03:04:20.000Z",
    "envelope_sha256": sha256(PAYLOAD),
}


def cases() -> Iterator[BundleCase]:
    """Yields Sigstore bundles before a verifier that cannot check them."""
    without_block = completed({**BARE, "sigstore_bundle": certified(PAYLOAD)})
    why = "a signature that cannot be checked is not checked"
    yield intact("sigstore", "11", why, without_block, NO_SIGSTORE, kind="hostile", sigstore=False)
    blocked = {**without_block, "attestation": {**BARE["attestation"], "signature": BLOCK}}
    blocked = completed(blocked)
    yield intact(
        "sigstore-block", "8", "with the block of section 8", blocked, NO_SIGSTORE, kind="hostile", sigstore=False
    )
    entry = {**BLOCK, "rekor_entry": "https://search.sigstore.dev/?logIndex=1"}
    noted = completed({**blocked, "attestation": {**BARE["attestation"], "signature": entry}})
    yield intact(
        "sigstore-block-entry", "8", "with an entry of a log", noted, NO_SIGSTORE, kind="hostile", sigstore=False
    )
    both = {**GOOD, "sigstore_bundle": certified(PAYLOAD)}
    why = "a good key signature does not stand for the one that was not checked"
    yield intact("sigstore-and-key", "11", why, both, None, kind="hostile", keys=("ada",), sigstore=False)
    why = "a key signature beside it does not hold"
    bad = set_at(["dsseEnvelope", "signatures", 0, "sig"], b64(bytes(64)))(GOOD["key_bundle"])
    yield failed(
        "sigstore-and-bad-key",
        "11",
        why,
        {**both, "key_bundle": bad},
        "signature",
        "signature-invalid",
        keys=("ada",),
        sigstore=False,
    )
    for name, why, bundle, code in (
        ("payload", "a payload that is not the Statement", certified(PAYLOAD + b" "), "statement-mismatch"),
        ("payload-type", "another payload type", certified(PAYLOAD, "application/json"), "payload-type"),
        (
            "no-signature",
            "no signature",
            set_at(["dsseEnvelope", "signatures"], [])(certified(PAYLOAD)),
            "signature-count",
        ),
        ("two-signatures", "two signatures", doubled(certified(PAYLOAD)), "signature-count"),
    ):
        made = {**BARE, "sigstore_bundle": bundle}
        yield failed(f"sigstore-{name}", "11", why, made, "statement", code, sigstore=False)
    for name, why, change in (
        ("no-envelope", "no envelope", drop_at(["dsseEnvelope"])),
        ("envelope-text", "an envelope that is no object", set_at(["dsseEnvelope"], "signed")),
        ("payload-missing", "no payload", drop_at(["dsseEnvelope", "payload"])),
        ("payload-number", "a payload that is no text", set_at(["dsseEnvelope", "payload"], 1)),
        ("payload-not-base64", "a payload that is no base64", set_at(["dsseEnvelope", "payload"], "{}")),
        ("type-missing", "no payload type", drop_at(["dsseEnvelope", "payloadType"])),
        ("type-number", "a payload type that is no text", set_at(["dsseEnvelope", "payloadType"], 1)),
        ("signatures-missing", "no signatures", drop_at(["dsseEnvelope", "signatures"])),
        ("signatures-text", "signatures that are no array", set_at(["dsseEnvelope", "signatures"], "s")),
        ("signature-text", "a signature that is no object", set_at(["dsseEnvelope", "signatures"], ["s"])),
        ("sig-missing", "a signature without its bytes", drop_at(["dsseEnvelope", "signatures", 0, "sig"])),
        ("sig-number", "a signature that is no text", set_at(["dsseEnvelope", "signatures", 0, "sig"], 1)),
        ("sig-not-base64", "a signature that is no base64", set_at(["dsseEnvelope", "signatures", 0, "sig"], "?")),
        ("keyid-number", "a key id that is no text", set_at(["dsseEnvelope", "signatures", 0, "keyid"], 1)),
    ):
        made = {**BARE, "sigstore_bundle": change(certified(PAYLOAD))}
        yield failed(f"sigstore-{name}", "9.2", why, made, "statement", "envelope-form", sigstore=False)
    anonymous = {**BARE, "sigstore_bundle": drop_at(["dsseEnvelope", "signatures", 0, "keyid"])(certified(PAYLOAD))}
    why = "not every Sigstore bundle has a key id"
    yield intact("sigstore-no-keyid", "9.2", why, anonymous, NO_SIGSTORE, kind="hostile", sigstore=False)
    made = {**GOOD, "sigstore_bundle": certified(PAYLOAD + b" ")}
    why = "a good key signature does not excuse the other envelope"
    yield failed(
        "sigstore-payload-beside-key", "11", why, made, "statement", "statement-mismatch", keys=("ada",), sigstore=False
    )
    for member in BLOCK:
        yield blockless(f"{member}-missing", f"`{member}` is missing", without(BLOCK, member))
        yield blockless(f"{member}-number", f"`{member}` is of another type", {**BLOCK, member: 1})
    yield blockless("extra", "a member too many", {**BLOCK, "comment": "harmless"})
    yield blockless("type-other", "another type", {**BLOCK, "type": "pgp"})
    yield blockless("envelope_sha256-other", "the digest of something else", {**BLOCK, "envelope_sha256": sha256(b"x")})
    yield blockless("envelope_sha256-short", "a digest too short", {**BLOCK, "envelope_sha256": "00"})


def blockless(name: str, why: str, block: dict[str, Any]) -> BundleCase:
    """Returns the case of an `attestation.signature` that is not as in section 8."""
    bundle = {**BARE, "sigstore_bundle": certified(PAYLOAD), "attestation": {**BARE["attestation"], "signature": block}}
    name = f"sigstore-block-{name}"
    return failed(name, "8", why, completed(bundle), "predicate", "attestation-signature", sigstore=False)


def certified(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> dict[str, Any]:
    """Returns a Sigstore bundle with a certificate that is none."""
    material = {"certificate": {"rawBytes": b64(b"no certificate")}, "tlogEntries": []}
    inner = envelope(payload, EVE, payload_type)
    return {"dsseEnvelope": inner, "mediaType": MEDIA_TYPE, "verificationMaterial": material}
