"""Whole bundles: Statement, envelope, key signature and signer; SPEC section 9 and section 11, checks 8 to 10."""

import base64
import copy
from collections.abc import Callable, Iterator
from typing import Any

from generator.bundles import (
    MEDIA_TYPE,
    Bundle,
    b64,
    completed,
    digest_of,
    envelope,
    key_bundle,
    pae,
    signed,
    statement,
    unsigned,
)
from generator.canonical import canonical, ordered, sha256
from generator.cases import BundleCase, Json
from generator.groups.bundle_cases import NOT_HELD, UNSIGNED, failed, intact, verified
from generator.groups.bundle_evidence import loosened
from generator.groups.bundle_format import LOGGED, SMALL, without
from generator.keys import ADA, BOB, EVE

BARE = unsigned(SMALL)
STATEMENT = statement(BARE)
PAYLOAD = canonical(STATEMENT)
GOOD = signed(BARE)


def cases() -> Iterator[BundleCase]:
    """Yields who may sign, then what may not be signed, and how."""
    yield from signers()
    yield from statements()
    yield from envelopes()
    yield from signatures()


def signers() -> Iterator[BundleCase]:
    """Yields good signatures before verifiers that know more or less."""
    yield verified("signed", "11", "signed by the key that the caller named", GOOD, keys=("ada",))
    yield verified(
        "signed-trusted", "11", "signed by a key that was accepted earlier", GOOD, keys=("ada",), named=False
    )
    yield verified("signed-p256", "9.3", "signed with ECDSA on P-256", signed(BARE, BOB), keys=("bob",))
    yield verified("signed-second-key", "11", "signed by the second of two named keys", GOOD, keys=("eve", "ada"))
    yield verified(
        "signed-integrity-only", "13", "a good signature stays one", GOOD, keys=("ada",), integrity_only=True
    )
    why = "a signature by nobody whom the verifier knows is no authentication"
    yield intact("signed-unknown", "11", why, GOOD, NOT_HELD, kind="hostile")
    why = "a signature by another key than those accepted earlier"
    yield intact("signed-not-trusted", "11", why, GOOD, NOT_HELD, kind="hostile", keys=("eve",), named=False)
    yield intact("unsigned", "13", "nothing is signed: INTACT, and no more", BARE, UNSIGNED, kind="hostile")
    why = "the signature taken away: INTACT, and no more"
    yield intact("stripped", "11", why, {**GOOD, "key_bundle": None}, UNSIGNED, kind="hostile")
    why = "the signature taken away from a verifier that knows keys"
    yield intact(
        "stripped-trusted",
        "11",
        why,
        {**GOOD, "key_bundle": None},
        UNSIGNED,
        kind="hostile",
        keys=("ada",),
        named=False,
    )
    why = "integrity was all that was asked for: exit 0, and the verdict says INTACT"
    yield intact("unsigned-integrity-only", "13", why, BARE, UNSIGNED, integrity_only=True)
    yield intact("signed-unknown-integrity-only", "13", why, GOOD, NOT_HELD, integrity_only=True)
    why = "the caller named a key, and nothing is signed"
    yield failed("unsigned-key-named", "11", why, BARE, "signature", "signature-missing", keys=("ada",))
    why = "integrity only does not forgive a failed check"
    yield failed(
        "unsigned-key-named-integrity-only",
        "13",
        why,
        BARE,
        "signature",
        "signature-missing",
        keys=("ada",),
        integrity_only=True,
    )
    why = "the caller named another key"
    yield failed("signed-other-named", "11", why, GOOD, "signature", "signer-mismatch", keys=("eve",))
    yield failed("signed-others-named", "11", why, GOOD, "signature", "signer-mismatch", keys=("eve", "bob"))
    why = "an edited bundle, integrity only"
    edited = {**GOOD, "generated_at": "2026-01-02T03:04:15.000Z"}
    yield failed(
        "edited-integrity-only", "13", why, edited, "manifest", "manifest-mismatch", keys=("ada",), integrity_only=True
    )


def statements() -> Iterator[BundleCase]:
    """Yields payloads that are not the Statement, well signed by the key that the caller named."""
    run, policy = STATEMENT["subject"]
    subject: list[tuple[str, str, Any]] = [
        ("subject-digest", "another run's digest", [digest_of(run["name"], sha256(b"other")), policy]),
        ("subject-name", "another run's name", [digest_of("occasio:run:other", run["digest"]["sha256"]), policy]),
        ("subject-policy", "another policy", [run, digest_of(policy["name"], sha256(b"other"))]),
        ("subject-order", "the subjects the other way round", [policy, run]),
        ("subject-missing", "the policy is no subject", [run]),
        ("subject-run-missing", "the run is no subject", [policy]),
        ("subject-none", "no subject", []),
        ("subject-extra", "a subject too many", [run, policy, digest_of("git", sha256(b"commit"))]),
        ("subject-twice", "a subject twice", [run, policy, policy]),
        ("subject-sha512", "another digest beside", [{**run, "digest": {**run["digest"], "sha512": "00"}}, policy]),
        ("subject-capitals", "a digest in capitals", [digest_of(run["name"], run["digest"]["sha256"].upper()), policy]),
    ]
    for name, why, value in subject:
        yield restated(name, why, canonical({**STATEMENT, "subject": value}))
    body = STATEMENT["predicate"]
    summary = {**body["execution_summary"], "blocked": 0, "passed": 2, "blocked_events": []}
    for name, why, changed in (
        ("type", "another type of statement", {**STATEMENT, "_type": "https://in-toto.io/Statement/v0.1"}),
        ("predicate-type", "another predicate type", {**STATEMENT, "predicateType": "https://slsa.dev/provenance/v1"}),
        (
            "predicate",
            "another predicate than the bundle shows",
            {**STATEMENT, "predicate": {**body, "execution_summary": summary}},
        ),
        (
            "predicate-signature",
            "the predicate with `signature`",
            {**STATEMENT, "predicate": {**body, "signature": None}},
        ),
        ("predicate-empty", "an empty predicate", {**STATEMENT, "predicate": {}}),
        ("extra", "a member too many", {**STATEMENT, "comment": "harmless"}),
        ("predicate-missing", "no predicate", without(STATEMENT, "predicate")),
    ):
        yield restated(name, why, canonical(changed))
    for name, why, payload in (
        ("space", "a space behind", PAYLOAD + b" "),
        ("newline", "a newline behind", PAYLOAD + b"\n"),
        ("order", "members in another order", ordered(dict(reversed(STATEMENT.items())))),
        ("escape", "an escape where none is needed", PAYLOAD.replace(b"https:/", b"https:\\/", 1)),
        ("duplicate", "a member twice", PAYLOAD.replace(b"{", b'{"_type":"x",', 1)),
        ("empty", "no payload", b""),
        ("not-json", "no JSON", b"statement"),
        ("bom", "a byte order mark", b"\xef\xbb\xbf" + PAYLOAD),
    ):
        yield restated(f"payload-{name}", why, payload)
    no_log = canonical(STATEMENT)
    logged = canonical(statement(LOGGED))
    assert no_log != logged
    for name, why, bundle, payload in (
        ("log-unnamed", "a log that the Statement does not name", LOGGED, canonical(without_log(statement(LOGGED)))),
        ("log-claimed", "a log in the Statement that is not in the bundle", {**LOGGED, "log": None}, logged),
        ("log-root", "another root", LOGGED, canonical(redigested(statement(LOGGED), 2))),
        ("log-checkpoint", "another checkpoint", LOGGED, canonical(redigested(statement(LOGGED), 3))),
    ):
        made = completed({**bundle, "key_bundle": key_bundle(payload, ADA)})
        yield failed(f"statement-{name}", "9.1", why, made, "statement", "statement-mismatch", keys=("ada",))
    other = unsigned(SMALL)
    other["key_bundle"] = key_bundle(canonical(statement(LOGGED)), ADA)
    yield failed(
        "statement-other-run",
        "11",
        "the signature of another run",
        completed(other),
        "statement",
        "statement-mismatch",
        keys=("ada",),
    )


def envelopes() -> Iterator[BundleCase]:
    """Yields envelopes and key bundles that are malformed, though the signature holds."""
    yield enveloped("payload-type", "another payload type", "payload-type", typed("application/json"))
    yield enveloped(
        "payload-type-case", "capitals in the payload type", "payload-type", typed("application/vnd.in-toto+JSON")
    )
    yield enveloped("payload-type-empty", "no payload type", "payload-type", typed(""))
    signature = GOOD["key_bundle"]["dsseEnvelope"]["signatures"][0]
    second = {**envelope(PAYLOAD, EVE)["signatures"][0], "keyid": ADA.hint}
    for name, why, value in (
        ("none", "no signature", []),
        ("two", "two signatures", [signature, second]),
        ("same-twice", "the same signature twice", [signature, signature]),
        ("second-bad", "a bad signature behind a good one", [signature, {**signature, "sig": b64(bytes(64))}]),
    ):
        yield enveloped(f"signatures-{name}", why, "signature-count", set_at(["dsseEnvelope", "signatures"], value))
    for name, why, change in (
        ("extra", "a member too many in the key bundle", set_at(["comment"], "harmless")),
        ("envelope-extra", "a member too many in the envelope", set_at(["dsseEnvelope", "comment"], "harmless")),
        (
            "signature-extra",
            "a member too many in the signature",
            set_at(["dsseEnvelope", "signatures", 0, "cert"], ""),
        ),
        ("material-extra", "a member too many in the material", set_at(["verificationMaterial", "certificate"], None)),
        (
            "key-extra",
            "a key inside the bundle",
            set_at(["verificationMaterial", "publicKey", "rawBytes"], b64(ADA.spki)),
        ),
        ("media-type", "another version", set_at(["mediaType"], MEDIA_TYPE.replace("v0.3", "v0.2"))),
        ("media-type-number", "a media type that is no text", set_at(["mediaType"], 3)),
        ("tlog-entries", "an entry of a log", set_at(["verificationMaterial", "tlogEntries"], [{}])),
        ("tlog-entries-null", "entries that are no array", set_at(["verificationMaterial", "tlogEntries"], None)),
        ("hint-other", "two hints that differ", set_at(["verificationMaterial", "publicKey", "hint"], EVE.hint)),
        ("keyid-other", "two hints that differ", set_at(["dsseEnvelope", "signatures", 0, "keyid"], EVE.hint)),
        ("keyid-missing", "no key id", drop_at(["dsseEnvelope", "signatures", 0, "keyid"])),
        ("hint-missing", "no hint", drop_at(["verificationMaterial", "publicKey", "hint"])),
        ("sig-missing", "a signature without its bytes", drop_at(["dsseEnvelope", "signatures", 0, "sig"])),
        ("payload-missing", "no payload", drop_at(["dsseEnvelope", "payload"])),
        ("payload-type-missing", "no payload type", drop_at(["dsseEnvelope", "payloadType"])),
        ("signatures-missing", "no signatures", drop_at(["dsseEnvelope", "signatures"])),
        ("signatures-object", "signatures that are no array", set_at(["dsseEnvelope", "signatures"], {})),
        ("signature-text", "a signature that is no object", set_at(["dsseEnvelope", "signatures"], ["sig"])),
        ("material-missing", "no material", drop_at(["verificationMaterial"])),
        ("key-missing", "no public key", drop_at(["verificationMaterial", "publicKey"])),
        ("entries-missing", "no list of entries", drop_at(["verificationMaterial", "tlogEntries"])),
        ("envelope-missing", "no envelope", drop_at(["dsseEnvelope"])),
        ("media-type-missing", "no media type", drop_at(["mediaType"])),
        ("payload-number", "a payload that is no text", set_at(["dsseEnvelope", "payload"], 1)),
        ("payload-not-base64", "a payload that is no base64", set_at(["dsseEnvelope", "payload"], "{}")),
        ("payload-no-padding", "base64 without padding", set_at(["dsseEnvelope", "payload"], unpadded(b64(PAYLOAD)))),
        (
            "payload-newline",
            "a newline in base64",
            set_at(["dsseEnvelope", "payload"], b64(PAYLOAD)[:76] + "\n" + b64(PAYLOAD)[76:]),
        ),
        ("sig-not-base64", "a signature that is no base64", set_at(["dsseEnvelope", "signatures", 0, "sig"], "?" * 88)),
        (
            "sig-url-safe",
            "the other alphabet of base64",
            set_at(["dsseEnvelope", "signatures", 0, "sig"], url_safe(signature["sig"])),
        ),
        (
            "sig-free-bits",
            "base64 that is not canonical",
            set_at(["dsseEnvelope", "signatures", 0, "sig"], loosened_twice(signature["sig"])),
        ),
        ("sig-space", "a space in base64", set_at(["dsseEnvelope", "signatures", 0, "sig"], signature["sig"] + " ")),
    ):
        yield enveloped(name, why, "envelope-form", change)
    free = loosened(ADA.hint)
    bundle = {**GOOD, "key_bundle": copy.deepcopy(GOOD["key_bundle"])}
    bundle["key_bundle"]["verificationMaterial"]["publicKey"]["hint"] = free
    bundle["key_bundle"]["dsseEnvelope"]["signatures"][0]["keyid"] = free
    why = "hints in base64 that is not canonical"
    yield failed("envelope-hint-free-bits", "9.3", why, bundle, "statement", "envelope-form", keys=("ada",))
    short = b64(bytes(31))
    bundle["key_bundle"]["verificationMaterial"]["publicKey"]["hint"] = short
    bundle["key_bundle"]["dsseEnvelope"]["signatures"][0]["keyid"] = short
    why = "hints that are no SHA-256"
    yield failed("envelope-hint-short", "9.3", why, copy.deepcopy(bundle), "statement", "envelope-form", keys=("ada",))
    noteless = completed({**GOOD, "log": {**LOGGED["log"], "checkpoint": "checkpoint\n"}})
    why = "something that is no checkpoint put into a signed bundle"
    yield failed("signed-noteless", "11", why, noteless, "log-position", "note-form", keys=("ada",))
    for name, value in {"text": "signed", "array": [], "empty": {}}.items():
        why = "a key bundle that is none"
        either = ("statement", "envelope-form")
        yield failed(f"key-bundle-{name}", "9.3", why, {**BARE, "key_bundle": value}, "format", "bundle-member", either)


def signatures() -> Iterator[BundleCase]:
    """Yields signatures that do not hold, or not under the key that is named."""
    good = base64.b64decode(GOOD["key_bundle"]["dsseEnvelope"]["signatures"][0]["sig"])
    for name, why, blob in (
        ("bit", "a bit of the signature", bytes([good[0] ^ 1]) + good[1:]),
        ("zeros", "a signature of zeros", bytes(64)),
        ("empty", "a signature of no bytes", b""),
        ("by-another", "another key's signature under the hint of the named one", EVE.sign(pae(PAYLOAD))),
        ("of-payload", "the payload signed without its type", ADA.sign(PAYLOAD)),
        ("of-base64", "the payload signed as base64", ADA.sign(pae(b64(PAYLOAD).encode()))),
        ("of-other-type", "signed with another type than is shown", ADA.sign(pae(PAYLOAD, "application/json"))),
        ("of-digest", "the digest signed", ADA.sign(bytes.fromhex(sha256(pae(PAYLOAD))))),
        ("of-other-payload", "another payload signed", ADA.sign(pae(PAYLOAD + b" "))),
    ):
        bundle = set_at(["dsseEnvelope", "signatures", 0, "sig"], b64(blob))(GOOD["key_bundle"])
        made = {**GOOD, "key_bundle": bundle}
        rest: list[Json] = [["signer", "earlier-failure"]]
        given: dict[str, Any] = {"keys": ("ada",), "not_checked": rest}
        yield failed(f"signature-{name}", "11", why, made, "signature", "signature-invalid", **given)
    swapped = set_at(["dsseEnvelope", "signatures", 0, "sig"], b64(EVE.sign(pae(PAYLOAD))))(GOOD["key_bundle"])
    why = "the hint of one known key, the signature of another"
    yield failed(
        "signature-hint-of-another",
        "9.3",
        why,
        {**GOOD, "key_bundle": swapped},
        "signature",
        "signature-invalid",
        keys=("ada", "eve"),
    )
    why = "a forger's signature before a verifier that accepted the key earlier"
    zeros = set_at(["dsseEnvelope", "signatures", 0, "sig"], b64(bytes(64)))(GOOD["key_bundle"])
    yield failed(
        "signature-zeros-trusted",
        "11",
        why,
        {**GOOD, "key_bundle": zeros},
        "signature",
        "signature-invalid",
        keys=("ada",),
        named=False,
    )
    why = "an integrity-only verifier still refuses a bad signature"
    yield failed(
        "signature-zeros-integrity-only",
        "13",
        why,
        {**GOOD, "key_bundle": zeros},
        "signature",
        "signature-invalid",
        keys=("ada",),
        integrity_only=True,
    )
    why = "an Ed25519 signature for a P-256 key"
    crossed = set_at(["dsseEnvelope", "signatures", 0, "sig"], b64(ADA.sign(pae(PAYLOAD))))(key_bundle(PAYLOAD, BOB))
    yield failed(
        "signature-p256-by-ed25519",
        "9.3",
        why,
        {**GOOD, "key_bundle": crossed},
        "signature",
        "signature-invalid",
        keys=("bob",),
    )
    by_eve = signed(BARE, EVE)
    why = "everything signed anew by a forger"
    yield failed("signed-by-forger", "11", why, by_eve, "signature", "signer-mismatch", keys=("ada",))


def doubled(bundle: dict[str, Any]) -> dict[str, Any]:
    """Returns the bundle with its signature twice."""
    signature = bundle["dsseEnvelope"]["signatures"][0]
    return set_at(["dsseEnvelope", "signatures"], [signature, signature])(bundle)


def restated(name: str, why: str, payload: bytes) -> BundleCase:
    """Returns the case of a payload, well signed, that is not the Statement."""
    bundle = completed({**BARE, "key_bundle": key_bundle(payload, ADA)})
    return failed(f"statement-{name}", "9.1", why, bundle, "statement", "statement-mismatch", keys=("ada",))


Change = Callable[[dict[str, Any]], dict[str, Any]]


def enveloped(name: str, why: str, code: str, change: Change) -> BundleCase:
    """Returns the case of a key bundle that is changed."""
    bundle = {**GOOD, "key_bundle": change(GOOD["key_bundle"])}
    return failed(f"envelope-{name}", "9", why, bundle, "statement", code, keys=("ada",))


def typed(payload_type: str) -> Change:
    """Returns the change to an envelope signed with another payload type."""
    return lambda _: key_bundle(PAYLOAD, ADA, payload_type)


def set_at(path: list[str | int], value: Any) -> Change:
    """Returns the change that sets a member."""

    def change(bundle: dict[str, Any]) -> dict[str, Any]:
        out = copy.deepcopy(bundle)
        place: Any = out
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        return out

    return change


def drop_at(path: list[str | int]) -> Change:
    """Returns the change that drops a member."""

    def change(bundle: dict[str, Any]) -> dict[str, Any]:
        out = copy.deepcopy(bundle)
        place: Any = out
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]
        return out

    return change


def without_log(made: Bundle) -> Bundle:
    """Returns the Statement without the subjects of the log."""
    return {**made, "subject": made["subject"][:2]}


def redigested(made: Bundle, at: int) -> Bundle:
    """Returns the Statement with another digest for one subject."""
    out = copy.deepcopy(made)
    out["subject"][at]["digest"]["sha256"] = sha256(b"other")
    return out


def unpadded(text: str) -> str:
    """Returns base64 without its padding, which there must be."""
    padded = text if text.endswith("=") else b64(PAYLOAD[:-1])
    return padded.rstrip("=")


def url_safe(text: str) -> str:
    """Returns base64 in the alphabet for addresses."""
    out = text.replace("+", "-").replace("/", "_")
    assert out != text
    return out


def loosened_twice(text: str) -> str:
    """Returns base64 of 64 bytes with a bit set that its padding leaves free."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return text[:-3] + alphabet[alphabet.index(text[-3]) ^ 1] + "=="
