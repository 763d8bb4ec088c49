"""Whole bundles of the Node implementation, SPEC section 17."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from generator import node
from generator.canonical import ZEROS, canonical, sha256
from generator.cases import BundleCase, Json
from generator.groups.bundle_cases import NO_SIGSTORE, UNSIGNED, failed, intact
from generator.groups.bundle_evidence import leaves_of, other
from generator.groups.bundle_format import without
from generator.node import Bundle, number
from generator.rows import GIT, OTHER_RUN, Row, git_digest, hashed, placed, started

ROWS = node.whole_run()
BUNDLE = node.bundle(ROWS)
COMPARED = (
    ["subject", "run_id"],
    ["agent", "started_at"],
    ["agent", "ended_at"],
    ["policy", "file_hash"],
    ["audit_chain", "first_hash"],
    ["audit_chain", "last_hash"],
    ["audit_chain", "event_count"],
)
BEYOND_COMPARISON = (
    ["agent", "platform"],
    ["agent", "model"],
    ["agent", "session_id"],
    ["agent", "wall_time_s"],
    ["policy", "file_path"],
    ["policy", "version"],
    ["subject", "git_commit"],
    ["audit_chain", "chain_file"],
)


def cases() -> Iterator[BundleCase]:
    """Yields good bundles, then what is done to rows, claims, policy, manifest and envelope."""
    yield from good()
    yield from rows()
    yield from claims()
    yield from members()
    yield from envelopes()


def good() -> Iterator[BundleCase]:
    """Yields bundles that are as whole as this profile can show: INTACT."""
    yield whole("node", "a bundle as it is written", BUNDLE)
    yield intact("node-compact", "17", "no white space", node.file(BUNDLE, indent=None), UNSIGNED)
    yield intact("node-newline", "17", "white space around", b"".join([node.file(BUNDLE), b"\n\n"]), UNSIGNED)
    last = {**{name: BUNDLE[name] for name in reversed(BUNDLE)}}
    yield whole("node-order", "members of the bundle in another order", last)
    later = node.bundle(node.linked(ROWS, prev_hash=sha256(b"before")))
    yield whole("node-first-link", "the first row's link is free", later)
    spelled = node.linked([*ROWS[:2], node.request(2, number("0.00003", "3e-5")), *ROWS[3:]])
    yield whole("node-number-spelled", "a number spelled in another way than it is hashed", node.bundle(spelled))
    for name, text, file in (
        ("large", "1e+21", "1e21"),
        ("integer", "100", "1E2"),
        ("small", "1e-7", "0.0000001"),
        ("zero", "0", "-0"),
    ):
        odd = node.linked([*ROWS[:2], node.request(2, number(text, file)), *ROWS[3:]])
        yield whole(f"node-number-{name}", f"{file} is hashed as {text}", node.bundle(odd))
    nested = node.linked([*ROWS[:3], {**ROWS[3], "zebra": {"b": [{"d": 1, "c": 2}], "a": 0}}, *ROWS[4:]])
    yield whole("node-nested-order", "members in the order of the file, inside too", node.bundle(nested))
    odd = node.linked([*ROWS[:3], {**ROWS[3], "zebra": '\x01\x1f"\\/\x7f\u2028\U0001f600'}, *ROWS[4:]])
    yield whole("node-strings", "strings as `JSON.stringify` writes them", node.bundle(odd))
    unread = node.linked([*ROWS, node.row("novelty", 9)])
    yield whole("node-unknown-kind", "a kind that is not known", node.bundle(unread))
    for path in BEYOND_COMPARISON:
        name = "-".join(path)
        why = f"`{'.'.join(path)}` is not recomputed in this profile"
        yield whole(
            f"node-free-{name}", why, node.completed(with_claim(path, "free" if path[1] != "wall_time_s" else 1))
        )
    moved = copy.deepcopy(BUNDLE)
    moved["generated_at"] = "2027-01-01T00:00:00.000Z"
    yield whole("node-generated-at", "`generated_at` is free in this profile", moved)
    event = with_claim(["execution_summary", "blocked_events", 0, "at_offset_s"], 77)
    yield whole("node-free-at_offset_s", "offsets are not recomputed in this profile", node.completed(event))
    yield from free_rows()
    silent = copy.deepcopy(BUNDLE)
    del silent["attestation"]["subject"]["git_state"]
    yield whole("node-no-git-state", "a state of git that is not claimed", node.completed(silent))


def free_rows() -> Iterator[BundleCase]:
    """Yields rows whose members have forms that only rows of version 2 may not have."""
    for member, value in (("kind", "Tool Call"), ("kind", ""), ("ts", "yesterday"), ("agent", None), ("event_id", 7)):
        odd = node.linked([*ROWS[:3], {**ROWS[3], member: value}, *ROWS[4:]])
        name = "empty" if value == "" else "odd"
        yield whole(f"node-row-free-{member}-{name}", f"`{member}` has no form in this profile", node.bundle(odd))
    bare = node.linked([*ROWS[:4], without(ROWS[4], "tool_inputs"), *ROWS[5:]])
    made = node.bundle([*bare[:4], {**bare[4], "tool_inputs": {}}, *bare[5:]])
    made["attestation"]["audit_chain"]["last_hash"] = bare[-1]["hash"]
    yield whole(
        "node-blocked-no-inputs",
        "a refusal without inputs has no target",
        node.completed({**made, "chain_slice": bare}),
    )
    for name, why, value, total in (
        ("negative", "a count of secrets may be any integer", -3, -3),
        ("text", "and is none where it is something else", "2", 0),
        ("fraction", "such as a fraction", number("2.5"), 0),
    ):
        odd = node.linked([*ROWS[:3], {**ROWS[3], "secrets_redacted": value}, *ROWS[4:]])
        counted = with_claim(["execution_summary", "secrets_redacted"], total)
        yield whole(f"node-secrets-{name}", why, node.bundle_of(odd, counted))
    state = ROWS[1]["tool_inputs"]
    turned = {name: state[name] for name in reversed(state)}
    odd = node.linked([ROWS[0], {**ROWS[1], "tool_inputs": turned}, *ROWS[2:]])
    why = "`digest` is over its members in the order of 5.1, wherever they stand"
    yield whole("node-git-turned", why, node.bundle(odd))
    unread = {**GIT, "branch": 7, "head": "HEAD", "changed_files": None}
    extra = {"phase": "later", "cwd": None, **unread, "digest": git_digest(unread), "more": 1}
    odd = node.linked([*ROWS[:2], {**ROWS[1], "tool_inputs": extra}, *ROWS[2:]])
    why = "the members of a state of git have no form in this profile"
    yield whole("node-git-free", why, node.bundle_of(odd, BUNDLE))
    silent = node.linked(ROWS[1:])
    why = "older runs have no row of the policy; the snapshot is that of the attestation"
    yield whole("node-policy-no-row", why, node.bundle(silent))
    textual = node.linked([{**ROWS[0], "tool_inputs": "policy.yml"}, *ROWS[1:]])
    why = "a row of the policy that names none"
    yield whole("node-policy-row-text", why, node.bundle(textual))


def rows() -> Iterator[BundleCase]:
    """Yields rows edited, dropped, moved; the manifest and the claims fit again where they can."""
    for name, why, changed, check, code in (
        ("edited", "a decision edited", replaced(4, {**ROWS[4], "action": "PASS"}), "rows", "row-hash"),
        (
            "edited-first",
            "the first row edited",
            replaced(0, {**ROWS[0], "policy_source": "default"}),
            "rows",
            "row-hash",
        ),
        ("edited-fraction", "a cost edited", replaced(2, {**ROWS[2], "cost": number("0.003397")}), "rows", "row-hash"),
        (
            "reordered",
            "members of a row in another order",
            replaced(4, dict(reversed(ROWS[4].items()))),
            "rows",
            "row-hash",
        ),
        ("hash-missing", "a row without `hash`", replaced(4, without(ROWS[4], "hash")), "rows", "row-field"),
        ("hash-short", "a hash too short", replaced(4, {**ROWS[4], "hash": "00"}), "rows", "row-field"),
        ("ts-missing", "a row without `ts`", replaced(4, node.hashed(without(ROWS[4], "ts"))), "rows", "row-field"),
        (
            "kind-missing",
            "a row without `kind`",
            replaced(4, node.hashed(without(ROWS[4], "kind"))),
            "rows",
            "row-field",
        ),
        (
            "prev_hash-missing",
            "a row without a link",
            replaced(4, node.hashed(without(ROWS[4], "prev_hash"))),
            "rows",
            "row-field",
        ),
        ("schema", "a row of version 2 among them", replaced(4, hashed_two(ROWS[4])), "rows", "row-schema"),
        (
            "schema-3",
            "a row of a later version",
            replaced(4, node.hashed({**ROWS[4], "audit_schema": 3})),
            "rows",
            "row-schema",
        ),
        (
            "rehashed",
            "a row edited and hashed again",
            replaced(4, node.hashed({**ROWS[4], "action": "PASS"})),
            "run-chain",
            "log-link",
        ),
        ("dropped", "a row is missing", [*ROWS[:4], *ROWS[5:]], "run-chain", "log-link"),
        ("swapped", "two rows swapped", [*ROWS[:4], ROWS[5], ROWS[4], *ROWS[6:]], "run-chain", "log-link"),
        ("repeated", "a row twice", [*ROWS[:4], ROWS[3], *ROWS[4:]], "run-chain", "log-link"),
        (
            "other-run",
            "a row of another run",
            replaced(7, node.hashed({**ROWS[7], "run_id": OTHER_RUN})),
            "run-chain",
            "run-id",
        ),
    ):
        bundle = node.completed({**BUNDLE, "chain_slice": changed})
        yield bad(f"node-row-{name}", why, bundle, check, code)
    digest = copy.deepcopy(ROWS[1])
    digest["tool_inputs"]["dirty"] = True
    stale = node.bundle(node.linked([ROWS[0], digest, *ROWS[2:]]))
    yield bad("node-git-digest", "the state of git edited, its digest not", stale, "rows", "row-field")
    for name, why, inputs in (
        ("null", "no state of git", None),
        ("empty", "a state of git without members", {}),
        ("no-digest", "a state of git without digest", without(ROWS[1]["tool_inputs"], "digest")),
        ("no-head", "a state of git without head", without(ROWS[1]["tool_inputs"], "head")),
    ):
        bare = node.linked([ROWS[0], {**ROWS[1], "tool_inputs": inputs}, *ROWS[2:]])
        bundle = node.completed({**BUNDLE, "chain_slice": bare})
        yield bad(f"node-git-{name}", why, bundle, "rows", "row-field")
    nested: Any = []
    for _ in range(31):
        nested = [nested]
    deep = node.completed({**BUNDLE, "chain_slice": replaced(4, node.hashed({**ROWS[4], "zebra": nested}))})
    yield bad("node-row-levels-33", "a row of 33 levels", deep, "rows", "too-deep")
    for name, why, value in (
        ("true", "true is no 1", True),
        ("fraction", "1.0 is no integer", number("1", "1.0")),
    ):
        odd = node.completed({**BUNDLE, "chain_slice": replaced(0, {**ROWS[0], "audit_schema": value})})
        yield bad(f"node-schema-{name}", f"{why}: the bundle is not of this profile", odd, "format", "bundle-member")
    turned = ROWS[1]["tool_inputs"]
    backwards = {**turned, "digest": sha256(node.hashed_text({name: turned[name] for name in reversed(GIT)}))}
    odd = node.linked([ROWS[0], {**ROWS[1], "tool_inputs": dict(reversed(backwards.items()))}, *ROWS[2:]])
    why = "`digest` is not over the order of the file"
    yield bad("node-git-digest-turned", why, node.bundle(odd), "rows", "row-field")
    moved = node.completed({**BUNDLE, "run_id": OTHER_RUN})
    yield bad("node-run-id", "the bundle of another run", moved, "run-chain", "run-id")


def claims() -> Iterator[BundleCase]:
    """Yields claims that do not follow from the rows."""
    most = 2**53 - 1
    many = [{**ROWS[3], "secrets_redacted": count} for count in (most, 2)]
    odd = node.linked([*ROWS[:3], *many, *ROWS[5:]])
    beyond = node.bundle_of(odd, node.bundle(odd[:3] + odd[5:]))
    beyond["attestation"]["execution_summary"] |= {"tool_calls": 3, "passed": 2, "secrets_redacted": most}
    why = "a sum of secrets that has no canonical form"
    yield bad("node-claim-secrets-beyond", why, node.completed(beyond), "predicate", "predicate-mismatch")
    summary = BUNDLE["attestation"]["execution_summary"]
    paths: list[list[Any]] = [list(path) for path in COMPARED]
    paths += [["execution_summary", *path] for path, _ in leaves_of(summary) if path[-1] != "at_offset_s"]
    paths += [["subject", "git_state", *path] for path, _ in leaves_of(BUNDLE["attestation"]["subject"]["git_state"])]
    for path in paths:
        value: Any = BUNDLE["attestation"]
        for step in path:
            value = value[step]
        name = "-".join(map(str, path))
        bundle = node.completed(with_claim(path, other(value)))
        yield bad(
            f"node-claim-{name}",
            f"`{'.'.join(map(str, path))}` is not what the rows say",
            bundle,
            "predicate",
            "predicate-mismatch",
        )
    for path, name, value in (
        (["subject"], "text", "run"),
        (["subject"], "null", None),
        (["agent"], "array", []),
        (["audit_chain"], "null", None),
        (["policy"], "text", "policy.yml"),
        (["execution_summary"], "null", None),
        (["execution_summary", "blocked_events"], "text", "none"),
        (["execution_summary", "blocked_events"], "holds-text", ["none"]),
        (["subject", "git_state"], "null", None),
        (["subject", "git_state"], "text", "clean"),
    ):
        bundle = node.completed(with_claim(path, value))
        why = f"`{'.'.join(path)}` is of another type"
        yield bad(f"node-claim-{'-'.join(path)}-is-{name}", why, bundle, "predicate", "predicate-mismatch")
    claimed = copy.deepcopy(BUNDLE)
    claimed["attestation"]["execution_summary"]["blocked_events"] = []
    yield bad(
        "node-claim-blocked-none",
        "a refusal is not mentioned",
        node.completed(claimed),
        "predicate",
        "predicate-mismatch",
    )
    bare = node.bundle([*node.linked([ROWS[0], *ROWS[2:7]])])
    bare["attestation"]["subject"]["git_state"] = BUNDLE["attestation"]["subject"]["git_state"]
    why = "a state of git that no row tells"
    yield bad("node-claim-git-state-invented", why, node.completed(bare), "predicate", "predicate-mismatch")


def members() -> Iterator[BundleCase]:
    """Yields members of the bundle, of the manifest and of the policy."""
    for member in BUNDLE:
        if member != "schema":
            bundle = without(BUNDLE, member)
            yield bad(f"node-member-{member}-missing", f"`{member}` is missing", bundle, "format", "bundle-member")
    for member, value in (("policy_history", []), ("log", None), ("key_bundle", None), ("comment", "harmless")):
        why = f"`{member}` is no member in this profile"
        yield bad(f"node-member-{member}", why, {**BUNDLE, member: value}, "format", "bundle-member")
    for member, digest in BUNDLE["manifest"].items():
        edited = {**BUNDLE["manifest"], member: other(digest)}
        yield bad(
            f"node-manifest-{member}",
            f"`{member}` edited",
            {**BUNDLE, "manifest": edited},
            "manifest",
            "manifest-mismatch",
        )
    extra = {**BUNDLE["manifest"], "log_sha256": None}
    yield bad(
        "node-manifest-log_sha256", "a manifest with a log", {**BUNDLE, "manifest": extra}, "format", "bundle-member"
    )
    yield bad("node-member-row-text", "a row that is no object", with_row("row"), "format", "bundle-member")
    yield from without_snapshot()
    snapshot = {**BUNDLE["policy_snapshot"], "text": "version: 1\n"}
    swapped = node.completed({**BUNDLE, "policy_snapshot": snapshot})
    yield bad("node-policy-text", "another text under the same digest", swapped, "policy", "policy-mismatch")
    snapshot = {**snapshot, "sha256": sha256(b"version: 1\n")}
    swapped = node.completed({**BUNDLE, "policy_snapshot": snapshot})
    yield bad("node-policy-whole", "another policy with its own digest", swapped, "policy", "policy-mismatch")
    text = node.file(BUNDLE).decode()
    twice = text.replace("{", '{"run_id":"x",', 1).encode()
    yield failed("node-duplicate", "3.1", "a member twice", twice, "format", "duplicate-key")
    twice = text.replace('"action": "BLOCK"', '"action": "BLOCK", "action": "PASS"').encode()
    yield failed("node-duplicate-decision", "3.1", "BLOCK, then PASS", twice, "format", "duplicate-key")
    yield failed("node-trailing", "3.1", "text behind the bundle", node.file(BUNDLE) + b"x", "format", "not-json")
    block = {**BUNDLE["attestation"], "signature": {"type": "sigstore-cosign-keyless"}}
    claimed = node.completed({**BUNDLE, "attestation": block})
    yield bad(
        "node-signature-block",
        "a signature is claimed, and there is none",
        claimed,
        "predicate",
        "attestation-signature",
    )


def without_snapshot() -> Iterator[BundleCase]:
    """Yields bundles without a policy: there was none, or it is not shown."""
    unread: list[Json] = [["policy", "policy-missing"], *UNSIGNED]
    absent = node.completed({**BUNDLE, "policy_snapshot": None})
    why = "the policy in force is not in the bundle"
    yield intact("node-policy-absent", "17", why, node.file(absent), unread, kind="hostile")
    rows = node.linked(ROWS[1:])
    none = node.bundle(rows)
    none["attestation"]["policy"]["file_hash"] = ZEROS
    none = node.completed({**none, "policy_snapshot": None})
    yield whole("node-policy-none", "no policy was in force, and none is shown", none)
    invented = {**copy.deepcopy(BUNDLE), "policy_snapshot": None}
    invented["attestation"]["policy"]["file_hash"] = ZEROS
    why = "a policy that the rows name is denied"
    yield bad("node-policy-denied", why, node.completed(invented), "predicate", "predicate-mismatch")


def with_row(row: Any) -> Bundle:
    """Returns the bundle with something for its fifth row."""
    return node.completed({**BUNDLE, "chain_slice": [*ROWS[:4], row, *ROWS[5:]]})


def envelopes() -> Iterator[BundleCase]:
    """Yields Sigstore bundles before a verifier that cannot check them."""
    made = node.statement(BUNDLE)
    why = "the Statement has one subject"
    yield intact(
        "node-sigstore", "17", why, node.file(node.certified(BUNDLE)), NO_SIGSTORE, kind="hostile", sigstore=False
    )
    spelled = node.file(node.certified(BUNDLE, json.dumps(made, indent=1).encode()))
    why = "the payload need not be canonical"
    yield intact("node-sigstore-spelled", "17", why, spelled, NO_SIGSTORE, kind="hostile", sigstore=False)
    run = made["subject"][0]
    for name, why, payload, code in (
        ("subject", "another run", {**made, "subject": [{**run, "name": "occasio:run:other"}]}, "statement-mismatch"),
        ("digest", "another digest", {**made, "subject": [{**run, "digest": {"sha256": ZEROS}}]}, "statement-mismatch"),
        ("two-subjects", "a subject too many", {**made, "subject": [run, run]}, "statement-mismatch"),
        ("predicate", "another predicate", {**made, "predicate": {}}, "statement-mismatch"),
        ("extra", "a member too many", {**made, "comment": "harmless"}, "statement-mismatch"),
    ):
        bundle = node.certified(BUNDLE, canonical(payload))
        yield bad(f"node-statement-{name}", why, bundle, "statement", code, sigstore=False)
    typed = node.certified(BUNDLE, payload_type="application/json")
    yield bad("node-payload-type", "another payload type", typed, "statement", "payload-type", sigstore=False)
    twice = node.certified(BUNDLE)
    twice["sigstore_bundle"]["dsseEnvelope"]["signatures"] *= 2
    yield bad("node-two-signatures", "two signatures", twice, "statement", "signature-count", sigstore=False)
    duplicate = canonical(made).replace(b"{", b'{"_type":"x",', 1)
    yield bad(
        "node-statement-duplicate",
        "a member twice",
        node.certified(BUNDLE, duplicate),
        "statement",
        "statement-mismatch",
        sigstore=False,
    )
    why = "the caller named a key, and nothing is signed"
    yield bad("node-key-named", why, BUNDLE, "signature", "signature-missing", keys=("ada",))


def whole(name: str, why: str, bundle: Bundle) -> BundleCase:
    """Returns the case of an unsigned bundle that is INTACT."""
    return intact(name, "17", why, node.file(bundle), UNSIGNED)


def bad(name: str, why: str, bundle: Bundle, check: str, code: str, **given: Any) -> BundleCase:
    """Returns the case of a bundle that fails."""
    return failed(name, "17", why, node.file(bundle), check, code, **given)


def replaced(at: int, row: Row) -> list[Row]:
    """Returns the rows with one exchanged."""
    return [*ROWS[:at], row, *ROWS[at + 1 :]]


def hashed_two(old: Row) -> Row:
    """Returns a whole row of version 2 with the link of `old`."""
    return hashed({**placed([started()])[0], "prev_hash": old["prev_hash"]})


def with_claim(path: list[Any] | tuple[Any, ...], value: Any) -> Bundle:
    """Returns the bundle with a claim changed."""
    out = copy.deepcopy(BUNDLE)
    place: Any = out["attestation"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return out
