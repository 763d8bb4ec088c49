"""Whole bundles: what follows for the other checks from one that fails or cannot be made; SPEC section 11."""

from collections.abc import Iterator

from generator.bundles import b64, completed, key_bundle, signed, statement, unsigned
from generator.canonical import canonical
from generator.cases import BundleCase, Json
from generator.groups.bundle_cases import BEHIND_FORMAT, HOME, UNSIGNED, following
from generator.groups.bundle_evidence import sliced
from generator.groups.bundle_format import LOGGED, SMALL
from generator.groups.bundle_keyless import certified
from generator.groups.bundle_signed import BARE, GOOD, PAYLOAD, set_at
from generator.keys import ADA
from generator.rows import ended, hashed, placed, policy_loaded, started, tool_result


def cases() -> Iterator[BundleCase]:
    """Yields them in the order of the checks that fail."""
    yield from rows()
    yield from statements()
    yield from signatures()
    yield from identities()


def rows() -> Iterator[BundleCase]:
    """Yields rows that do not hold under a signature that would."""
    why = "a bundle that is not well-formed: nothing is said of its signature, though a key was named"
    spaced = {**GOOD, "comment": "harmless"}
    fails: list[Json] = [["format", "bundle-member"]]
    yield following("follow-format", "11", why, spaced, fails, BEHIND_FORMAT, keys=("ada",))
    behind = skipped("run-chain", "log-position", "predicate", "policy")
    edited = [*SMALL[:2], {**SMALL[2], "action": "TRANSFORM"}, *SMALL[3:]]
    why = "a bad row: nothing behind it is checked, and without an envelope 8 to 10 are unsigned all the same"
    yield following("follow-row", "11", why, sliced(edited), [["rows", "row-hash"]], [*behind, *UNSIGNED])
    forged = completed({**GOOD, "chain_slice": edited})
    why = "a bad row: that the signature holds over what was signed does not make any check pass"
    unsaid = skipped("statement", "signature", "signer")
    yield following("follow-row-signed", "11", why, forged, [["rows", "row-hash"]], [*behind, *unsaid], keys=("ada",))
    cut = completed({**GOOD, "chain_slice": SMALL[:-1]})
    why = "an end that is missing: there is no predicate and no Statement"
    unmade = skipped("predicate", "statement", "signature", "signer")
    yield following("follow-run", "11", why, cut, [["run-chain", "run-end"]], unmade, keys=("ada",))
    other = {**BARE, "run_id": "not-a-uuid"}
    why = "`run_id` is a string like any other, and not that of the rows"
    fails = [["run-chain", "run-id"]]
    yield following(
        "follow-run-id-text", "10", why, completed(other), fails, [["predicate", "earlier-failure"], *UNSIGNED]
    )


def statements() -> Iterator[BundleCase]:
    """Yields what leaves no Statement to compare with, and what leaves one."""
    unmade = skipped("statement", "signature", "signer")
    good = signed(LOGGED)
    for name, why, note, code in (
        ("note", "no note", "checkpoint\n", "note-form"),
        (
            "checkpoint",
            "a note that is no checkpoint",
            "text\n\n" + LOGGED["log"]["checkpoint"].split("\n\n")[1],
            "checkpoint-form",
        ),
    ):
        bundle = completed({**good, "log": {**LOGGED["log"], "checkpoint": note}})
        why = f"{why}: no Statement speaks of it"
        yield following(f"follow-{name}", "11", why, bundle, [["log-position", code]], unmade, keys=("ada",))
    unproved = completed({**LOGGED, "log": {**LOGGED["log"], "proof": []}})
    why = "a proof that shows nothing, under a signature that holds: the other checks are made"
    yield following("follow-proof", "11", why, signed(unproved), [["log-position", "proof-length"]], [], keys=("ada",))
    found = [tool_result("transform", call="c", secrets_redacted=count) for count in (2**53 - 1, 1)]
    beyond = unsigned(placed([started(), policy_loaded(), *found, ended()]))
    summary = {**beyond["attestation"]["execution_summary"], "secrets_redacted": 2**53 - 1}
    claimed = completed({**beyond, "attestation": {**beyond["attestation"], "execution_summary": summary}})
    payload = canonical(statement(claimed)).replace(b":%d," % (2**53 - 1), b":%d," % 2**53)
    assert payload != canonical(statement(claimed))
    why = "a sum beyond 2^53 - 1: no predicate, no Statement"
    yield following(
        "follow-sum",
        "11",
        why,
        {**claimed, "key_bundle": key_bundle(payload, ADA)},
        [["predicate", "predicate-mismatch"]],
        unmade,
        keys=("ada",),
    )


def signatures() -> Iterator[BundleCase]:
    """Yields envelopes that do not say what they must, or are signed by nobody."""
    behind = skipped("signature", "signer")
    signer = skipped("signer")
    elsewhere = {**BARE, "key_bundle": key_bundle(PAYLOAD + b" ", ADA)}
    why = "a valid signature over something else says nothing of this bundle"
    fails: list[Json] = [["statement", "statement-mismatch"]]
    yield following("follow-statement", "11.1", why, elsewhere, fails, behind, keys=("ada",))
    broken = {
        **GOOD,
        "key_bundle": set_at(["dsseEnvelope", "signatures", 0, "sig"], b64(bytes(64)))(GOOD["key_bundle"]),
    }
    why = "a signature by a key that was accepted earlier does not hold"
    fails = [["signature", "signature-invalid"]]
    yield following("follow-signature", "11", why, broken, fails, signer, keys=("ada",), named=False)
    fails = [["signature", "signer-mismatch"]]
    yield following("follow-mismatch", "11", "signed by another than was named", GOOD, fails, signer, keys=("eve",))
    missing: list[Json] = [["statement", "unsigned"], ["signer", "unsigned"]]
    why = "a key was named, and nothing is signed"
    yield following("follow-missing", "11", why, BARE, [["signature", "signature-missing"]], missing, keys=("ada",))
    both = {**GOOD, "sigstore_bundle": certified(PAYLOAD)}
    unread: list[Json] = [["signature", "sigstore-unsupported"]]
    why = "of two signatures one was checked, is valid and by a known key"
    yield following("follow-both", "11", why, both, [], unread, keys=("ada",), sigstore=False)
    row = hashed({**SMALL[-1], "exit_code": 1})
    anew = completed({**GOOD, "chain_slice": [*SMALL[:-1], row]})
    fails = [["predicate", "predicate-mismatch"], ["statement", "statement-mismatch"]]
    why = "the last row edited and hashed again: neither the claims nor the Statement fit"
    yield following("follow-edited", "11", why, anew, fails, behind, keys=("ada",))
    note = {**LOGGED["log"], "checkpoint": LOGGED["log"]["checkpoint"][:-10] + "AAAAAAAA=\n"}
    bundle = signed({**LOGGED, "log": note})
    fails = [["log-position", "note-signature"]]
    why = "a known log key signed the checkpoint in vain; the bundle is signed for itself"
    yield following("follow-note-signature", "11", why, bundle, fails, [], keys=("ada",), vkeys=[HOME])


def identities() -> Iterator[BundleCase]:
    """Yields bundles before somebody who named an identity, and no key."""
    missing: list[Json] = [["statement", "unsigned"], ["signer", "unsigned"]]
    why = "an identity was named, and nothing is signed"
    fails: list[Json] = [["signature", "signature-missing"]]
    yield following("follow-identity-unsigned", "11", why, BARE, fails, missing, identity=True)
    why = "an identity was named, and a key has signed"
    fails = [["signature", "signer-mismatch"]]
    yield following("follow-identity-key", "11", why, GOOD, fails, skipped("signer"), identity=True)
    both = {**GOOD, "sigstore_bundle": certified(PAYLOAD)}
    why = "the identity may be that of the other signature; the key is not known"
    unknown: list[Json] = [["signature", "signer-unknown"], ["signer", "signer-unknown"]]
    yield following("follow-identity-both", "11", why, both, [], unknown, identity=True, sigstore=False)
    why = "a key and an identity were named, and another key has signed"
    fails = [["signature", "signer-mismatch"]]
    yield following(
        "follow-identity-other-key",
        "11",
        why,
        both,
        fails,
        skipped("signer"),
        identity=True,
        keys=("eve",),
        sigstore=False,
    )


def skipped(*checks: str) -> list[Json]:
    """Returns these checks as not made because of an earlier one."""
    return [[check, "earlier-failure"] for check in checks]
