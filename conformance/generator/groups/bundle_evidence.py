"""Whole bundles: rows, run, place in the log, predicate and policy; SPEC section 11, checks 3 to 7.

Whatever is forged here, the manifest fits it: these are the checks behind the manifest.
"""

import copy
from collections.abc import Iterator
from typing import Any

from generator import notes, tree
from generator.bundles import (
    ROWS,
    Bundle,
    b64,
    completed,
    file,
    policy,
    remanifested,
    signed,
    statement,
    unsigned,
    with_log,
)
from generator.canonical import ZEROS, canonical, sha256
from generator.cases import BundleCase
from generator.groups.bundle_cases import HOME, UNSIGNED, failed, intact, verified
from generator.groups.bundle_format import LOGGED, OURS, SMALL, WOVEN, without
from generator.keys import EVE, LOG
from generator.rows import (
    OTHER_RUN,
    RUN,
    Row,
    ended,
    hashed,
    line,
    placed,
    policy_loaded,
    relinked,
    short_run,
    started,
    tool_result,
)

SECOND = "version: 1\ndeny_paths:\n  - ~/.ssh\n  - ~/.aws\n"
THIRD = "version: 2\n"
ORIGIN = notes.origin_of(WOVEN)
MISSING = object()


def cases() -> Iterator[BundleCase]:
    """Yields the checks in order."""
    yield from rows()
    yield from run_chain()
    yield from log_position()
    yield from predicates()
    yield from attestation_signatures()
    yield from policies()


def rows() -> Iterator[BundleCase]:
    """Yields check 3."""
    middle = SMALL[2]
    for name, why, changed, code in (
        ("edited", "a decision edited", {**middle, "action": "TRANSFORM"}, "row-hash"),
        ("hash", "a hash of zeros", {**middle, "hash": ZEROS}, "row-hash"),
        ("field", "a member of the envelope is missing", hashed(without(middle, "agent")), "row-field"),
        ("own-field", "a decision that is none", hashed({**middle, "action": "ASK"}), "row-field"),
        ("schema", "a row of a later format", hashed({**middle, "audit_schema": 3}), "row-schema"),
    ):
        bundle = sliced([*SMALL[:2], changed, *SMALL[3:]])
        yield failed(f"row-{name}", "11", why, bundle, "rows", code)
    last = sliced([*SMALL[:-1], {**SMALL[-1], "exit_code": 1}])
    yield failed("row-last-edited", "11", "the last row edited", last, "rows", "row-hash")
    first = sliced([{**SMALL[0], "command": "codex"}, *SMALL[1:]])
    yield failed("row-first-edited", "11", "the first row edited", first, "rows", "row-hash")
    first = sliced([hashed({**SMALL[0], "audit_schema": 3}), *SMALL[1:]])
    yield failed("row-first-schema", "11", "the first row is of a later format", first, "rows", "row-schema")
    nested: Any = []
    for _ in range(31):
        nested = [nested]
    deep = sliced([*SMALL[:2], hashed({**middle, "zebra": nested}), *SMALL[3:]])
    yield failed("row-levels-33", "11", "a row of 33 levels in a bundle of fewer than 64", deep, "rows", "too-deep")
    half = sliced([*SMALL[:2], hashed({**middle, "zebra": 4711}), *SMALL[3:]])
    fraction = file(half).replace(b"4711", b"47.5")
    mended = remanifested(fraction)
    yield failed("row-float", "3.3", "a fraction in a row, written as canonical form has it", mended, "rows", "float")
    mixed = sliced([*SMALL[:4], hashed({**SMALL[4], "audit_schema": 1})])
    yield failed("row-mixed-schema", "17", "a row of the node profile behind the others", mixed, "rows", "row-schema")


def run_chain() -> Iterator[BundleCase]:
    """Yields check 4; run-chain.json has more."""
    for name, why, changed, code in (
        ("dropped", "a row is missing", [*SMALL[:2], *SMALL[3:]], "run-seq"),
        ("dropped-first", "the first row is missing", relinked(placed(short_run()[1:])), "run-start"),
        ("dropped-last", "the end is missing", SMALL[:-1], "run-end"),
        ("swapped", "two rows swapped", [*SMALL[:2], SMALL[3], SMALL[2], SMALL[4]], "run-seq"),
        ("repeated", "a row twice", [*SMALL[:3], *SMALL[2:]], "run-seq"),
        ("rehashed", "a row edited and hashed again", [*SMALL[:2], rehashed(SMALL[2]), *SMALL[3:]], "run-link"),
        ("two-runs", "the rows of another run among them", WOVEN, "run-id"),
    ):
        yield failed(f"run-{name}", "11", why, sliced(changed), "run-chain", code)
    yield from behind()


def behind() -> Iterator[BundleCase]:
    """Yields signed bundles whose rows are not what was signed: the signature holds, and does not help."""
    good = signed(unsigned(SMALL))
    cut = {**completed({**good, "chain_slice": SMALL[:-1]}), "generated_at": SMALL[-2]["ts"]}
    why = "the end of a signed run is missing"
    yield failed("signed-cut", "11", why, cut, "run-chain", "run-end", keys=("ada",))
    edited = completed({**good, "chain_slice": [*SMALL[:-1], {**SMALL[-1], "exit_code": 1}]})
    yield failed("signed-edited", "11", "a row of a signed run edited", edited, "rows", "row-hash", keys=("ada",))
    anew = completed({**good, "chain_slice": [*SMALL[:-1], hashed({**SMALL[-1], "exit_code": 1})]})
    why = "the last row of a signed run edited and hashed again"
    yield failed("signed-edited-hashed", "11", why, anew, "predicate", "predicate-mismatch", keys=("ada",))


def log_position() -> Iterator[BundleCase]:
    """Yields check 5."""
    yield intact("position-woven", "11", "rows with others between them", unsigned(OURS), UNSIGNED)
    tail = placed(short_run(), seq=40, prev_hash=sha256(b"before"))
    yield intact("position-late", "11", "rows far from the beginning of the log", unsigned(tail), UNSIGNED)
    for name, why, seqs, code in (
        ("backwards", "a position before the one before", (0, 1, 7, 3, 9), "log-order"),
        ("twice", "a position twice", (0, 1, 2, 2, 9), "log-order"),
    ):
        moved = [{**one, "seq": seq} for one, seq in zip(SMALL, seqs, strict=True)]
        yield failed(f"position-{name}", "11", why, sliced(relinked(moved, chain=False)), "log-position", code)
    elsewhere = relinked([*tail[:2], {**tail[2], "prev_hash": sha256(b"elsewhere")}, *tail[3:]], chain=False)
    elsewhere = relinked(elsewhere, since=3)
    yield failed("position-link", "11", "neighbours that are not linked", sliced(elsewhere), "log-position", "log-link")
    ungrounded = placed(short_run(), prev_hash=sha256(b"before"))
    why = "the log's first row with a row before it"
    yield failed("position-genesis", "11", why, sliced(ungrounded), "log-position", "log-link")
    yield from proofs()


def proofs() -> Iterator[BundleCase]:
    """Yields `log`: a checkpoint and the proof that the rows are under it."""
    yield intact("log", "11", "a proof for every row", LOGGED, UNSIGNED, vkeys=[HOME])
    yield intact("log-key-unknown", "7.2", "a checkpoint that nobody known has signed", LOGGED, UNSIGNED)
    whole = unsigned(SMALL, log=with_log(SMALL))
    yield intact("log-alone", "11", "a run that was alone in its log needs no hash", whole, UNSIGNED, vkeys=[HOME])
    note = LOGGED["log"]["checkpoint"]
    proof = LOGGED["log"]["proof"]
    leaves = [line(one) for one in WOVEN]
    root = tree.root(leaves)
    for name, why, log, code in (
        ("proof-short", "a hash is missing", checkpointed(note, proof[:-1]), "proof-length"),
        ("proof-long", "a hash too many", checkpointed(note, [*proof, b64(bytes(32))]), "proof-length"),
        ("proof-empty", "no hash at all", checkpointed(note, []), "proof-length"),
        ("proof-wrong", "another hash", checkpointed(note, [*proof[:-1], b64(bytes(32))]), "proof-root"),
        ("proof-31-bytes", "a hash too short", checkpointed(note, [b64(bytes(31)), *proof[1:]]), "proof-length"),
        ("proof-order", "the hashes backwards", checkpointed(note, proof[::-1]), "proof-root"),
        ("size-less", "the last row is beyond the checkpoint", with_log(WOVEN, size=7), "proof-range"),
        ("size-other", "a checkpoint of another size", checkpointed(written(ORIGIN, 9, root), proof), "proof-length"),
        (
            "root-other",
            "a checkpoint of another log",
            checkpointed(written(ORIGIN, 8, tree.root(leaves[1:])), proof),
            "proof-root",
        ),
        (
            "origin",
            "a checkpoint that names another log",
            checkpointed(written(ORIGIN[:-1] + "x", 8, root), proof),
            "checkpoint-origin",
        ),
        ("note", "no signed note", checkpointed("checkpoint\n", proof), "note-form"),
        (
            "no-checkpoint",
            "a note that is no checkpoint",
            checkpointed(notes.signed("a\nb\n", (LOG, "home")), proof),
            "checkpoint-form",
        ),
        ("signature", "a known key's signature is wrong", checkpointed(damaged(note), proof), "note-signature"),
    ):
        bundle = completed({**LOGGED, "log": log})
        yield failed(f"log-{name}", "11", why, bundle, "log-position", code, vkeys=[HOME])
    for name, why, entry in (
        ("not-base64", "a hash that is no base64", "!" * 44),
        ("free-bits", "a hash in base64 that is not canonical", loosened(proof[0])),
    ):
        bundle = completed({**LOGGED, "log": checkpointed(note, [entry, *proof[1:]])})
        either = (("log-position", "proof-root"), ("log-position", "proof-length"))
        yield failed(f"log-proof-{name}", "10", why, bundle, "format", "bundle-member", *either, vkeys=[HOME])
    by_eve = completed({**LOGGED, "log": checkpointed(notes.signed(notes.body(ORIGIN, 8, root), (EVE, "home")), proof)})
    why = "a checkpoint signed by another key with the name of a known one"
    yield intact("log-same-name", "7.2", why, by_eve, UNSIGNED, vkeys=[HOME])
    yield from later_runs()
    yield verified(
        "log-signed", "9.1", "the Statement names the checkpoint", signed(LOGGED), keys=("ada",), vkeys=[HOME]
    )


def later_runs() -> Iterator[BundleCase]:
    """Yields the origin where the log's first row is not in the slice: the checkpoint alone says it."""
    both = placed([*short_run(OTHER_RUN), *short_run()])
    second = [one for one in both if one["run_id"] == RUN]
    bundle = unsigned(second, log=with_log(both))
    yield intact("log-second-run", "11", "a run that was not the first in its log", bundle, UNSIGNED, vkeys=[HOME])
    text = written("example.org/log", 10, tree.root([line(one) for one in both]))
    bundle = completed({**bundle, "log": checkpointed(text, bundle["log"]["proof"])})
    why = "any origin where the first row of the log is not shown"
    yield intact("log-origin-elsewhere", "11", why, bundle, UNSIGNED, vkeys=[HOME])


def predicates() -> Iterator[BundleCase]:
    """Yields check 6: a predicate that says something else than the rows, in every member, signed by the one who says so."""
    honest = unsigned(ROWS)
    yield verified("whole", "11", "a run with everything in it", signed(honest), keys=("ada",))
    for path, value in leaves_of(honest["attestation"]):
        if path == ["signature"]:
            continue
        name = "-".join(str(step) for step in path)
        forged = signed(with_attestation(honest, path, other(value)))
        yield mismatched(f"predicate-{name}", f"`{'.'.join(map(str, path))}` is not what the rows say", forged)
        if isinstance(path[-1], str):
            dropped = signed(with_attestation(honest, path, MISSING))
            yield mismatched(f"predicate-{name}-missing", f"`{'.'.join(map(str, path))}` is missing", dropped)
    for place in ([], ["subject"], ["agent"], ["policy"], ["execution_summary"], ["audit_chain"]):
        path = [*place, "comment"]
        forged = signed(with_attestation(honest, path, "harmless"))
        name = "-".join(["predicate", *place, "extra"])
        yield mismatched(name, f"a member too many in `{'.'.join(place) or 'attestation'}`", forged)
    events = honest["attestation"]["execution_summary"]["blocked_events"]
    for name, why, value in (
        ("none", "a refusal is not mentioned", []),
        ("twice", "a refusal is mentioned twice", events * 2),
    ):
        forged = signed(with_attestation(honest, ["execution_summary", "blocked_events"], value))
        yield mismatched(f"predicate-blocked-{name}", why, forged)
    other_slice = unsigned(SMALL)["attestation"]
    forged = completed({**unsigned(ROWS), "attestation": other_slice})
    yield failed(
        "predicate-of-other-run", "8", "the predicate of another run", forged, "predicate", "predicate-mismatch"
    )
    largest = 2**53 - 1
    results = [tool_result("transform", call="c", secrets_redacted=count) for count in (largest, 1)]
    rows_beyond = placed([started(), policy_loaded(), *results, ended()])
    beyond = unsigned(placed([started(), policy_loaded(), results[0], ended()]))
    made = completed({**beyond, "chain_slice": rows_beyond})
    yield failed("predicate-sum", "11", "a sum that no predicate can state", made, "predicate", "predicate-mismatch")
    spelled = with_attestation(honest, ["agent", "wall_time_s"], "9")
    yield failed(
        "predicate-text-for-number", "8", "a number as text", completed(spelled), "predicate", "predicate-mismatch"
    )


def attestation_signatures() -> Iterator[BundleCase]:
    """Yields `attestation.signature`, which a key signature does not have."""
    block = {
        "type": "sigstore-cosign-keyless",
        "identity": "somebody@example.org",
        "rekor_entry": None,
        "signed_at": "2026-01-02T03:04:20.000Z",
        "envelope_sha256": sha256(canonical(statement(unsigned(SMALL)))),
    }
    bare = unsigned(SMALL)
    del bare["attestation"]["signature"]
    why = "`attestation.signature` is missing, where it has to be null"
    either = (("predicate", "predicate-mismatch"), ("format", "bundle-member"))
    yield failed("signature-block-missing", "8", why, completed(bare), "predicate", "attestation-signature", *either)
    claimed = completed({**unsigned(SMALL), "attestation": {**unsigned(SMALL)["attestation"], "signature": block}})
    why = "a keyless signature is claimed, and there is none"
    yield failed("signature-block-unsigned", "8", why, claimed, "predicate", "attestation-signature")
    bundle = signed(claimed)
    why = "a keyless signature is claimed beside a key signature"
    yield failed("signature-block-key", "8", why, bundle, "predicate", "attestation-signature", keys=("ada",))
    odd = completed({**unsigned(SMALL), "attestation": {**unsigned(SMALL)["attestation"], "signature": "none"}})
    yield failed(
        "signature-block-text", "8", "a signature that is no object", odd, "predicate", "attestation-signature"
    )


def policies() -> Iterator[BundleCase]:
    """Yields check 7."""
    bare = unsigned(placed([started(), ended()]))
    yield failed("policy-missing", "11", "a run without a policy", bare, "policy", "policy-missing")
    honest = unsigned(SMALL)
    weaker = "version: 1\ndeny_paths: []\n"
    text_only = {**honest["policy_snapshot"], "text": weaker}
    yield swapped("text", "another text under the same digest", {"policy_snapshot": text_only})
    yield swapped("whole", "another policy with its own digest", {"policy_snapshot": policy(weaker)})
    yield swapped("path", "another path", {"policy_snapshot": policy(path="/home/ada/other.yml")})
    yield swapped("path-null", "no path", {"policy_snapshot": policy(path=None)})
    yield swapped("digest", "another digest", {"policy_snapshot": {**policy(), "sha256": sha256(b"other")}})
    yield swapped("history-extra", "a policy that was never loaded", {"policy_history": [policy()]})
    both = [started(), policy_loaded(), policy_loaded(text=SECOND, at=2), policy_loaded(text=THIRD, at=3), ended()]
    changing = placed(both)
    good = signed(unsigned(changing, history=(SECOND, THIRD)))
    yield verified("policy-history", "10", "a policy that changed twice during the run", good, keys=("ada",))
    again = placed([started(), policy_loaded(), policy_loaded(at=2), ended()])
    same = unsigned(again, history=(policy()["text"],))
    yield intact("policy-reloaded", "10", "the same policy loaded twice is there twice", same, UNSIGNED)
    for name, why, history in (
        ("missing", "the policies after the first are missing", ()),
        ("one-missing", "the last policy is missing", (SECOND,)),
        ("order", "the policies in another order", (THIRD, SECOND)),
        ("extra-last", "a policy too many", (SECOND, THIRD, SECOND)),
        ("text", "another text", (SECOND, THIRD + "\n")),
    ):
        bundle = unsigned(changing, history=history)
        yield failed(f"policy-history-{name}", "11", why, bundle, "policy", "policy-mismatch")
    digest_only = unsigned(changing, history=(SECOND, THIRD))
    digest_only["policy_history"][1]["text"] = "version: 3\n"
    yield failed(
        "policy-history-digest", "11", "another text under the same digest", digest_only, "policy", "policy-mismatch"
    )


def swapped(name: str, why: str, change: Bundle) -> BundleCase:
    """Returns the case of a policy that is not the one of the rows."""
    bundle = completed({**unsigned(SMALL), **change})
    return failed(f"policy-{name}", "11", why, bundle, "policy", "policy-mismatch")


def mismatched(name: str, why: str, bundle: Bundle) -> BundleCase:
    """Returns the case of a predicate that was signed and is not that of the rows."""
    return failed(name, "8", why, bundle, "predicate", "predicate-mismatch", keys=("ada",))


def sliced(changed: list[Row]) -> Bundle:
    """Returns an unsigned bundle with this slice and what can be mended without keys."""
    return completed({**unsigned(SMALL), "chain_slice": changed})


def rehashed(old: Row) -> Row:
    """Returns the row, edited, with the hash that fits."""
    return hashed({**old, "action": "TRANSFORM"})


def checkpointed(note: str, proof: list[str]) -> dict[str, Any]:
    """Returns `log`."""
    return {"checkpoint": note, "proof": proof}


def written(origin: str, size: int, root: bytes) -> str:
    """Returns a checkpoint that the log's key signs, whatever it says."""
    return notes.signed(notes.body(origin, size, root), (LOG, "home"))


def damaged(note: str) -> str:
    """Returns the note with one letter of the signature changed."""
    return note[:-10] + ("A" if note[-10] != "A" else "B") + note[-9:]


def loosened(text: str) -> str:
    """Returns base64 of 32 bytes with a bit set that its padding leaves free."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return text[:-2] + alphabet[alphabet.index(text[-2]) ^ 1] + "="


def leaves_of(value: Any, path: list[Any] | None = None) -> Iterator[tuple[list[Any], Any]]:
    """Yields every value in a document that holds no other, with the way to it."""
    path = path or []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not inner or not value:
        yield path, value
    for step, one in inner:
        yield from leaves_of(one, [*path, step])


def other(value: Any) -> Any:
    """Returns a value of the same type, or as near as can be, that is not the value."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return value[:-1] + ("0" if value[-1:] != "0" else "1")
        case None:
            return "something"
        case _:
            return ["something"]


def with_attestation(bundle: Bundle, path: list[Any], value: Any) -> Bundle:
    """Returns the bundle with a member of its attestation set, or dropped."""
    out = copy.deepcopy(bundle)
    place = out["attestation"]
    for step in path[:-1]:
        place = place[step]
    if value is MISSING:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return out
