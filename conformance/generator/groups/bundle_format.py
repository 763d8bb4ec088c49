"""Whole bundles: what is one, its form and its members; SPEC sections 10 and 11, checks 1 and 2."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from generator import bundles
from generator.bundles import ROWS, Bundle, completed, manifest, signed, unsigned, with_log
from generator.canonical import canonical, ordered, sha256
from generator.cases import BundleCase
from generator.groups.bundle_cases import BEHIND_FORMAT, failed, rejected
from generator.groups.log import woven
from generator.rows import OTHER_RUN, RUN, placed, short_run

SMALL = placed(short_run())
BARE = unsigned(SMALL)
WOVEN = placed(woven())
OURS = [row for row in WOVEN if row["run_id"] == RUN]
LOGGED = unsigned(OURS, log=with_log(WOVEN))
ILL_TYPED = ("format", "bundle-member")
WRONG_TYPES: dict[str, dict[str, Any]] = {
    "run_id": {"number": 1, "null": None},
    "attestation": {"null": None, "array": []},
    "chain_slice": {"null": None, "object": {}, "empty": []},
    "policy_snapshot": {"null": None, "text": "version: 1"},
    "policy_history": {"null": None, "object": {}, "holds-text": ["version: 1"]},
    "log": {"text": "x", "array": [], "false": False},
    "generated_at": {"null": None, "number": 1},
    "manifest": {"null": None, "array": []},
}
WRONG_POLICY: dict[str, dict[str, Any]] = {
    "path": {"number": 1},
    "sha256": {"null": None, "number": 1},
    "text": {"null": None, "array": []},
}


def cases() -> Iterator[BundleCase]:
    """Yields files that are no bundles, forms that are not canonical, members, then the manifest."""
    yield from not_bundles()
    yield from forms()
    yield from top_members()
    yield from inner_members()
    yield from manifests()


def not_bundles() -> Iterator[BundleCase]:
    """Yields files of which no report is made."""
    for name, why, file in (
        ("empty", "an empty file", b""),
        ("array", "an array", b"[]\n"),
        ("text", "a text", b"version: 1\n"),
        ("no-schema", "an object without `schema`", b"{}\n"),
        ("white-space-before", "a space before the object", b" " + bundles.file(BARE)),
        ("bom", "a byte order mark", b"\xef\xbb\xbf" + bundles.file(BARE)),
        ("other-schema", "another kind of document", bundles.file({**BARE, "schema": "occasio-receipt/v1"})),
        ("schema-number", "a `schema` that is no string", bundles.file({**BARE, "schema": 1})),
        ("schema-missing", "a bundle without `schema`", bundles.file(without(BARE, "schema"))),
        ("log", "a log", b"".join(canonical(row) + b"\n" for row in SMALL[:1])),
    ):
        yield rejected(f"not-{name}", "11", why, file, "not-a-bundle")
    for name, schema in {"v2": "occasio-bundle/v2", "v10": "occasio-bundle/v10", "none": "occasio-bundle/"}.items():
        bundle = completed({**BARE, "schema": schema})
        yield rejected(f"version-{name}", "11", "another version", bundle, "bundle-version")


def forms() -> Iterator[BundleCase]:
    """Yields the bytes of a good bundle spelled otherwise, and what is not strict JSON."""
    good = bundles.file(BARE)
    text = good.decode()
    pretty = json.dumps(BARE, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"
    for name, why, file in (
        ("pretty", "indented", pretty),
        ("no-newline", "the newline is missing", good[:-1]),
        ("two-newlines", "a newline too many", good + b"\n"),
        ("crlf", "a carriage return before the newline", good[:-1] + b"\r\n"),
        ("space-behind", "a space for the newline", good[:-1] + b" "),
        ("space-inside", "one space", good.replace(b'"log":null', b'"log": null')),
        ("order", "members in the order of the Node implementation", ordered(node_order(BARE)) + b"\n"),
        (
            "escape",
            "an escape where none is needed",
            text.replace('"occasio-bundle/v1"', r'"occasio-bundle\/v1"').encode(),
        ),
        ("escape-letter", "a letter as an escape", text.replace('"BLOCK"', r'"\u0042LOCK"').encode()),
        ("fraction", "an integer with a fraction", text.replace('"exit_code":0', '"exit_code":0.0').encode()),
        ("exponent", "an integer with an exponent", text.replace('"exit_code":0', '"exit_code":0e0').encode()),
    ):
        assert file != good
        yield failed(
            f"form-{name}", "10", f"{why}: no other form than the canonical one", file, "format", "bundle-form"
        )
    why = "half a file: nothing else can be checked"
    half = good[: len(good) // 2]
    yield failed("json-cut", "11", why, half, "format", "not-json", not_checked=BEHIND_FORMAT)
    duplicate = text.replace("{", '{"attestation":{},', 1)
    for name, why, file, code in (
        ("trailing-text", "text behind the bundle", good + b"x", "not-json"),
        ("two-bundles", "two bundles in one file", good + good, "not-json"),
        ("trailing-nul", "NUL behind the bundle", good[:-1] + b"\0\n", "not-json"),
        ("duplicate-member", "a member twice", duplicate.encode(), "duplicate-key"),
        (
            "duplicate-decision",
            "BLOCK, then PASS",
            text.replace('"BLOCK"', '"BLOCK","action":"PASS"').encode(),
            "duplicate-key",
        ),
        ("utf8", "a byte that is no UTF-8", good.replace(b"path-denied", b"path-\xffdenied"), "utf8"),
        ("surrogate", "a lone surrogate", good.replace(b'"path-denied"', rb'"\ud800"'), "lone-surrogate"),
        ("nan", "NaN", good.replace(b'"exit_code":0', b'"exit_code":NaN'), "number-not-finite"),
        ("integer", "2^53", good.replace(b'"exit_code":0', b'"exit_code":9007199254740992'), "integer-range"),
        ("levels", "65 levels", good.replace(b'"exit_code":0', b'"exit_code":' + b"[" * 62 + b"]" * 62), "too-deep"),
    ):
        yield failed(f"json-{name}", "3.1", why, file, "format", code)


def top_members() -> Iterator[BundleCase]:
    """Yields bundles with a member too many, too few, or of another type."""
    for member in BARE:
        if member != "schema":
            name, why = f"member-{member}-missing", f"`{member}` is missing"
            yield failed(name, "10", why, without(BARE, member), "format", "bundle-member")
    extra = {**BARE, "comment": "harmless"}
    yield failed("member-extra", "10", "a member that is not named", extra, "format", "bundle-member")
    extra = {**signed(BARE), "Schema": "occasio-bundle/v1"}
    why = "a member that is not named, in a signed bundle"
    yield failed("member-extra-signed", "10", why, extra, "format", "bundle-member", keys=("ada",))
    for member, wrong in WRONG_TYPES.items():
        for name, value in wrong.items():
            why = f"`{member}` is of another type"
            yield failed(f"member-{member}-{name}", "10", why, {**BARE, member: value}, "format", "bundle-member")


def inner_members() -> Iterator[BundleCase]:
    """Yields the same for the objects inside."""
    snapshot = BARE["policy_snapshot"]
    for member, wrong in WRONG_POLICY.items():
        fewer = {**BARE, "policy_snapshot": without(snapshot, member)}
        why = f"`policy_snapshot.{member}` is missing"
        yield failed(f"inner-policy_snapshot-{member}-missing", "10", why, fewer, "format", "bundle-member")
        for name, value in wrong.items():
            changed = {**BARE, "policy_snapshot": {**snapshot, member: value}}
            why = f"`policy_snapshot.{member}` is of another type"
            yield failed(f"inner-policy_snapshot-{member}-{name}", "10", why, changed, "format", "bundle-member")
    for place in ("policy_snapshot", "manifest"):
        changed = {**BARE, place: {**BARE[place], "comment": "harmless"}}
        yield failed(
            f"inner-{place}-extra", "10", f"a member too many in `{place}`", changed, "format", "bundle-member"
        )
    changed = {**BARE, "policy_history": [{**snapshot, "comment": "harmless"}]}
    yield failed(
        "inner-policy_history-extra", "10", "a member too many in `policy_history`", changed, "format", "bundle-member"
    )
    changed = {**BARE, "policy_history": [without(snapshot, "path")]}
    yield failed(
        "inner-policy_history-fewer", "10", "a member too few in `policy_history`", changed, "format", "bundle-member"
    )
    alone = completed({**BARE, "chain_slice": SMALL[:1]})
    why = "a slice of one row is a slice, but no whole run"
    yield failed("inner-row-alone", "11", why, alone, "run-chain", "run-end")
    for name, row in {"text": "row", "null": None}.items():
        changed = {**BARE, "chain_slice": [*SMALL[:2], row, *SMALL[3:]]}
        either = ("rows", "row-field")
        yield failed(f"inner-row-{name}", "10", "a row that is no object", changed, "format", "bundle-member", either)
    for member in BARE["manifest"]:
        changed = {**BARE, "manifest": without(BARE["manifest"], member)}
        yield failed(
            f"inner-manifest-{member}-missing",
            "10",
            f"`manifest.{member}` is missing",
            changed,
            "format",
            "bundle-member",
        )
    for name, why, log in (
        ("extra", "a member too many", {**LOGGED["log"], "comment": "harmless"}),
        ("checkpoint-missing", "no checkpoint", without(LOGGED["log"], "checkpoint")),
        ("proof-missing", "no proof", without(LOGGED["log"], "proof")),
        ("checkpoint-number", "a checkpoint that is no text", {**LOGGED["log"], "checkpoint": 1}),
        ("proof-text", "a proof that is no array", {**LOGGED["log"], "proof": LOGGED["log"]["proof"][0]}),
        ("proof-number", "a hash that is no text", {**LOGGED["log"], "proof": [1]}),
    ):
        changed = completed({**LOGGED, "log": log})
        yield failed(f"inner-log-{name}", "10", f"{why} in `log`", changed, "format", "bundle-member")


def manifests() -> Iterator[BundleCase]:
    """Yields bundles whose manifest does not fit."""
    for member, value in BARE["manifest"].items():
        other = sha256(b"other") if value is None else flipped(value)
        changed = {**BARE, "manifest": {**BARE["manifest"], member: other}}
        yield mismatch(f"manifest-{member}-edited", f"`manifest.{member}` edited", changed)
    null = {**LOGGED, "manifest": {**LOGGED["manifest"], "log_sha256": None}}
    yield mismatch("manifest-log_sha256-null", "`log` is there and not in the manifest", null)
    upper = {**BARE["manifest"], "policy_sha256": BARE["manifest"]["policy_sha256"].upper()}
    yield mismatch("manifest-capitals", "a digest in capitals", {**BARE, "manifest": upper}, ILL_TYPED)
    parts = {name: BARE["manifest"][name] for name in ("attestation_sha256", "chain_slice_sha256", "policy_sha256")}
    other_order = sha256(canonical({"schema": BARE["schema"], "run_id": RUN, **parts}))
    changed = {**BARE, "manifest": {**BARE["manifest"], "bundle_digest": other_order}}
    yield mismatch("manifest-digest-sorted", "`bundle_digest` over sorted members", changed)
    later = {**BARE, "generated_at": "2026-01-02T03:09:00.000Z"}
    yield mismatch("generated_at-later", "`generated_at` is the time of the last row", later)
    for name, time in {"spelled": "2026-01-02T03:04:14Z", "empty": ""}.items():
        changed = {**BARE, "generated_at": time}
        yield mismatch(f"generated_at-{name}", "`generated_at` is the time of the last row", changed, ILL_TYPED)
    first = {**BARE, "generated_at": SMALL[0]["ts"]}
    yield mismatch("generated_at-first", "not that of the first", first)
    yield from alone()


def alone() -> Iterator[BundleCase]:
    """Yields a signed bundle with one member changed and nothing else: no member is free."""
    good = signed(unsigned(ROWS))
    attestation = {**good["attestation"], "agent": {**good["attestation"]["agent"], "model": "another"}}
    rows = [*good["chain_slice"][:4], {**good["chain_slice"][4], "action": "LOCAL"}, *good["chain_slice"][5:]]
    snapshot = good["policy_snapshot"]
    for member, value in (
        ("run_id", OTHER_RUN),
        ("attestation", attestation),
        ("chain_slice", rows),
        ("policy_snapshot", {**snapshot, "text": snapshot["text"] + "\n"}),
        ("log", LOGGED["log"]),
        ("generated_at", "2026-01-02T03:04:15.000Z"),
    ):
        why = f"`{member}` changed alone in a signed bundle"
        yield failed(
            f"alone-{member}", "11", why, {**good, member: value}, "manifest", "manifest-mismatch", keys=("ada",)
        )
    for name, member, value in (
        ("policy-path", "policy_snapshot", {**snapshot, "path": "/etc/other.yml"}),
        ("policy-sha256", "policy_snapshot", {**snapshot, "sha256": sha256(b"other")}),
        ("policy_history", "policy_history", [snapshot]),
    ):
        why = f"`{member}` changed alone in a signed bundle"
        yield failed(f"alone-{name}", "11", why, {**good, member: value}, "policy", "policy-mismatch", keys=("ada",))
    stripped = {**good, "key_bundle": None}
    why = "the signature taken away from one who named its key"
    yield failed("alone-key_bundle", "11", why, stripped, "signature", "signature-missing", keys=("ada",))
    filled = {**good, "sigstore_bundle": {}}
    either = ("statement", "envelope-form")
    why = "`sigstore_bundle` changed alone in a signed bundle"
    yield failed("alone-sigstore_bundle", "11", why, filled, "format", "bundle-member", either, keys=("ada",))
    moved = {**good, "run_id": OTHER_RUN}
    moved["manifest"] = manifest(moved)
    why = "`run_id` changed and the manifest mended"
    yield failed("alone-run_id-mended", "11", why, moved, "run-chain", "run-id", keys=("ada",))


def mismatch(name: str, why: str, bundle: Bundle, *more: tuple[str, str]) -> BundleCase:
    """Returns the case of a manifest that does not fit."""
    return failed(name, "10", why, bundle, "manifest", "manifest-mismatch", *more)


def node_order(bundle: Bundle) -> Bundle:
    """Returns the members in the order in which the Node implementation writes them."""
    first = ("schema", "run_id", "attestation", "sigstore_bundle", "chain_slice", "policy_snapshot", "manifest")
    return {name: bundle[name] for name in (*first, *(name for name in bundle if name not in first))}


def without(value: Bundle, member: str) -> Bundle:
    """Returns a copy that lacks a member."""
    return {name: copy.deepcopy(kept) for name, kept in value.items() if name != member}


def flipped(digest: str) -> str:
    """Returns the digest with another last digit."""
    return digest[:-1] + ("0" if digest[-1] != "0" else "1")
