"""Bundles of the Node implementation: rows in the order of the file, one chain, and claims that are partly free."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_verify import Report, Trust, TrustedKey, load_public_key, verify_bundle
from occasio_verify.node import text
from tests.spec import worked_example as example

RUN, POLICY, ZEROS = "7f1d0c1e-5b1a-4c5e-9f5e-0123456789ab", "version: 1\n", "0" * 64
GIT = {
    "is_repo": True, "head": "a" * 40, "branch": "main", "dirty": False,
    "changed_files": [], "untracked_files": ["é"], "diff_hash": None,
}  # fmt: skip

Bundle = dict[str, Any]


def sha256(value: Any) -> str:
    data = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(data.encode()).hexdigest()


def rows() -> list[Bundle]:
    policy = {"policy_hash": sha256(POLICY), "policy_path": "/p.yml", "version": 1}
    state = {"phase": "run_start", "cwd": "/", **GIT, "digest": sha256(GIT)}
    own = [
        {"kind": "policy_loaded", "tool_inputs": policy},
        {"kind": "git_state", "tool_inputs": state},
        {"kind": "tool_call", "tool_name": "grep", "tool_inputs": {"pattern": "x"}, "action": "PASS", "secrets_redacted": 2},
        {"kind": "tool_call", "tool_name": "read", "tool_inputs": {"path": "/s"}, "action": "BLOCK", "reason": "path-denied"},
        {"kind": "request", "cost": 0.25, "10": "ten", "2": "two"},
    ]  # fmt: skip
    return [
        {"audit_schema": 1, "ts": f"2026-01-02T03:04:0{at}.000Z", "run_id": RUN, **each} for at, each in enumerate(own)
    ]


def linked(slice_: list[Bundle]) -> list[Bundle]:
    """Return the rows with links and hashes that fit."""
    out: list[Bundle] = []
    for row in slice_:
        bare = {name: value for name, value in row.items() if name not in ("hash", "prev_hash")}
        bare["prev_hash"] = out[-1]["hash"] if out else ZEROS
        out.append({**bare, "hash": sha256(bare)})
    return out


def attestation(slice_: list[Bundle]) -> Bundle:
    return {
        "subject": {"run_id": RUN, "git_state": {"provenance": "chain", "run_start": {**GIT, "digest": sha256(GIT)}, "run_end": None}},
        "agent": {"platform": "claude-code", "model": None, "started_at": slice_[0]["ts"], "ended_at": slice_[-1]["ts"]},
        "policy": {"file_hash": sha256(POLICY)},
        "execution_summary": {
            "tool_calls": 2, "local": 0, "passed": 1, "blocked": 1, "transformed": 0, "secrets_redacted": 2,
            "blocked_events": [{"tool": "read", "target": "/s", "rule": "path-denied", "at_offset_s": 3}],
        },
        "audit_chain": {"first_hash": slice_[0]["hash"], "last_hash": slice_[-1]["hash"], "event_count": len(slice_)},
        "signature": None,
    }  # fmt: skip


def bundle(slice_: list[Bundle] | None = None, **changes: Any) -> Bundle:
    shown = linked(rows()) if slice_ is None else slice_
    whole = {
        "schema": "occasio-bundle/v1",
        "run_id": RUN,
        "attestation": attestation(shown),
        "sigstore_bundle": None,
        "chain_slice": shown,
        "policy_snapshot": {"path": "/p.yml", "text": POLICY, "sha256": sha256(POLICY)},
        "generated_at": "whenever",
        **changes,
    }
    return whole | {"manifest": manifest(whole)}


def manifest(whole: Bundle) -> Bundle:
    policy = whole["policy_snapshot"]
    digests = {
        "attestation_sha256": sha256(whole["attestation"]),
        "chain_slice_sha256": sha256(whole["chain_slice"]),
        "policy_sha256": sha256(policy["text"]) if policy else None,
    }
    return digests | {"bundle_digest": sha256({"schema": whole["schema"], "run_id": whole["run_id"], **digests})}


def report(whole: Bundle, trust: Trust = Trust()) -> Report:  # noqa: B008
    found = verify_bundle(json.dumps(whole, ensure_ascii=False, indent=1).encode(), trust)
    assert found.to_text() and found.to_json()  # whatever a bundle says, it can be told
    return found


def failed(whole: Bundle) -> list[tuple[str, str]]:
    return [(check.name, check.code) for check in report(whole).checks if check.status == "fail"]


def test_a_good_bundle_is_intact_and_says_what_it_cannot_prove():
    found = report(bundle())
    assert (found.verdict, found.profile) == ("INTACT", "node")
    assert "log-position" not in {check.name for check in found.checks}
    assert "only the claims listed as verified" in found.to_text()


def test_it_never_passes_for_a_verified_one():
    trust = Trust(keys=(TrustedKey("ada", load_public_key(example.Key(example.SIGNING_KEY).pem.encode())),))
    assert report(bundle(), trust).verdict == "INTACT"
    named = Trust(keys=trust.keys, named=True)
    assert report(bundle(), named).verdict == "FAILED"


def test_a_bundle_of_this_version_cannot_be_turned_into_one():
    whole = json.loads(example.bundle(example.rows()))
    whole["chain_slice"][0]["audit_schema"] = 1
    found = report(whole)
    assert (found.verdict, found.checks[0].code) == ("FAILED", "bundle-member")


CHANGED: dict[str, tuple[Callable[[Bundle], object], str]] = {
    "the verdict of a call": (lambda row: row.update(action="PASS"), "row-hash"),
    "a name": (lambda row: row.update({"later": row.pop("tool_name")}), "row-hash"),
    "the order of members": (lambda row: row.update(ts=row.pop("ts")), "row-hash"),
    "no hash": (lambda row: row.pop("hash"), "row-field"),
    "no link": (lambda row: row.pop("prev_hash"), "row-field"),
    "no kind": (lambda row: row.pop("kind"), "row-field"),
    "no time": (lambda row: row.pop("ts"), "row-field"),
    "a time that is no text": (lambda row: row.update(ts=1), "row-field"),
    "no version": (lambda row: row.pop("audit_schema"), "row-field"),
    "another version": (lambda row: row.update(audit_schema=2), "row-schema"),
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_row_that_does_not_hold_is_refused(change):
    alter, code = CHANGED[change]
    slice_ = linked(rows())
    alter(slice_[3])
    assert failed(bundle(slice_))[0] == ("rows", code)


def test_rows_have_the_limits_of_rows():
    deep: Any = "x"
    for _ in range(32):
        deep = [deep]
    for extra, code in ((deep, "too-deep"), ("x" * 2**20, "row-too-long")):
        slice_ = rows()
        slice_[2]["extra"] = extra
        assert failed(bundle(linked(slice_)))[0] == ("rows", code)


@pytest.mark.parametrize("state", [None, 1, {}, {**GIT, "digest": ZEROS}, {"digest": sha256(GIT)}], ids=range(5))
def test_a_git_state_that_does_not_hold_is_refused(state):
    slice_ = rows()
    slice_[1]["tool_inputs"] = state
    assert failed(bundle(linked(slice_)))[0] == ("rows", "row-field")


def test_a_row_left_out_between_others_is_noticed_and_at_the_ends_it_is_not():
    shown = linked(rows())
    assert failed(bundle(shown[:2] + shown[3:]))[0] == ("run-chain", "log-link")
    ends = shown[1:]
    assert failed(bundle(ends)) == [("predicate", "predicate-mismatch")] or not failed(bundle(ends))


def test_a_row_of_another_run_is_refused():
    slice_ = rows()
    slice_[2]["run_id"] = RUN.replace("7", "8")
    assert failed(bundle(linked(slice_)))[0] == ("run-chain", "run-id")


def claims() -> list[tuple[str, ...]]:
    """Return where the claims stand that are compared."""
    whole = attestation(linked(rows()))
    found = [(part, name) for part in ("execution_summary", "audit_chain") for name in whole[part]]
    return [*found, ("subject", "run_id"), ("subject", "git_state"), ("agent", "started_at"), ("policy", "file_hash")]


@pytest.mark.parametrize("path", claims(), ids=".".join)
@pytest.mark.parametrize("forged", [None, 0, 7, "x", [], {}, ["x"]], ids=str)
def test_a_forged_claim_over_honest_rows_is_refused(path, forged):
    claimed = attestation(linked(rows()))
    part, name = path
    if claimed[part][name] == forged:
        return
    claimed[part][name] = forged
    assert ("predicate", "predicate-mismatch") in failed(bundle(attestation=claimed))


@pytest.mark.parametrize("part", ["subject", "agent", "execution_summary", "audit_chain", "policy"])
@pytest.mark.parametrize("forged", [None, 5, "x", [], {}], ids=str)
def test_an_attestation_without_one_of_its_parts_is_refused(part, forged):
    claimed = attestation(linked(rows()))
    claimed[part] = forged
    assert ("predicate", "predicate-mismatch") in failed(bundle(attestation=claimed))


def test_a_claim_that_is_missing_does_not_equal_nothing():
    slice_ = rows()
    slice_[0]["tool_inputs"] = {}
    claimed = attestation(linked(slice_))
    del claimed["policy"]["file_hash"]
    assert failed(bundle(linked(slice_), attestation=claimed))[0] == ("predicate", "predicate-mismatch")


def test_an_empty_attestation_is_refused():
    assert ("predicate", "predicate-mismatch") in failed(bundle(attestation={}))


def test_nothing_can_be_added_to_the_summary():
    claimed = attestation(linked(rows()))
    claimed["execution_summary"]["exfiltrated"] = 0
    assert failed(bundle(attestation=claimed)) == [("predicate", "predicate-mismatch")]
    claimed = attestation(linked(rows()))
    claimed["execution_summary"]["blocked_events"][0]["excuse"] = "a test"
    assert failed(bundle(attestation=claimed)) == [("predicate", "predicate-mismatch")]


@pytest.mark.parametrize("offset", [None, "3 s\n\nVERIFIED", 1.5, {"a": 1}, "absent"], ids=str)
def test_when_a_call_was_refused_is_free_and_can_be_told(offset):
    claimed = attestation(linked(rows()))
    event = claimed["execution_summary"]["blocked_events"][0]
    event["at_offset_s"] = offset
    if offset == "absent":
        del event["at_offset_s"]
    found = report(bundle(attestation=claimed))
    assert found.verdict == "INTACT"
    assert "VERIFIED" not in found.to_text()


@pytest.mark.parametrize("inputs", [None, "x", {}, "absent"], ids=str)
def test_a_policy_row_may_say_nothing(inputs):
    slice_ = rows()
    slice_[0]["tool_inputs"] = inputs
    if inputs == "absent":
        del slice_[0]["tool_inputs"]
    report(bundle(linked(slice_)))


def test_a_sum_without_a_canonical_form_equals_no_claim():
    slice_ = rows()
    slice_[2]["secrets_redacted"] = slice_[3]["secrets_redacted"] = 2**53 - 1
    assert failed(bundle(linked(slice_))) == [("predicate", "predicate-mismatch")]


def test_the_policy_must_be_the_one_that_the_attestation_names():
    swapped = {"path": "/p.yml", "text": "version: 2\n", "sha256": sha256("version: 2\n")}
    assert failed(bundle(policy_snapshot=swapped)) == [("policy", "policy-mismatch")]
    loose = {"path": "/p.yml", "text": POLICY, "sha256": ZEROS}
    assert failed(bundle(policy_snapshot=loose)) == [("policy", "policy-mismatch")]


def test_a_policy_that_is_not_shown_is_not_checked_unless_there_was_none():
    codes = {check.name: check.code for check in report(bundle(policy_snapshot=None)).checks}
    assert codes["policy"] == "policy-missing"
    assert report(bundle(policy_snapshot=None)).verdict == "INTACT"
    claimed = attestation(linked(rows()[1:])) | {"policy": {"file_hash": ZEROS}}
    found = report(bundle(linked(rows()[1:]), policy_snapshot=None, attestation=claimed))
    assert next(check.status for check in found.checks if check.name == "policy") == "pass"


def test_a_policy_of_which_no_row_speaks_is_only_claimed():
    shown = linked(rows()[1:])
    basis = {claim.name: claim.basis for claim in report(bundle(shown)).claims}
    assert basis["policy sha256"] == "self-reported"


@pytest.mark.parametrize(
    "name", ["attestation", "chain_slice", "generated_at", "manifest", "policy_snapshot", "sigstore_bundle"]
)
def test_a_member_too_few_is_refused(name):
    whole = bundle()
    del whole[name]
    assert failed(whole)[0] == ("format", "bundle-member")


@pytest.mark.parametrize("name", ["key_bundle", "log", "policy_history", "comment"])
def test_a_member_too_many_is_refused(name):
    assert failed(bundle() | {name: None}) == [("format", "bundle-member")]


@pytest.mark.parametrize("name", ["attestation_sha256", "bundle_digest", "chain_slice_sha256", "policy_sha256"])
def test_a_manifest_that_does_not_fit_is_refused(name):
    whole = bundle()
    whole["manifest"][name] = ZEROS
    assert failed(whole) == [("manifest", "manifest-mismatch")]


def signed(subjects: list[Any]) -> Bundle:
    """Return a bundle whose Statement, spelled freely, has these subjects."""
    whole = bundle()
    predicate = {name: value for name, value in whole["attestation"].items() if name != "signature"}
    statement = {
        "subject": subjects,
        "predicate": predicate,
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "https://github.com/occasiolabs/occasio/spec/agent-attestation/v1",
    }
    payload = base64.b64encode(json.dumps(statement, indent=2).encode()).decode()
    envelope = {"payload": payload, "payloadType": "application/vnd.in-toto+json", "signatures": [{"sig": "AAAA"}]}
    return whole | {"sigstore_bundle": {"dsseEnvelope": envelope}}


def test_the_statement_has_one_subject_and_any_spelling():
    run = {"name": f"occasio:run:{RUN}", "digest": {"sha256": linked(rows())[-1]["hash"]}}
    found = report(signed([run]))
    assert found.verdict == "INTACT"
    assert {check.code for check in found.checks if check.status == "not-checked"} == {"sigstore-unsupported"}
    assert "Sigstore" in found.notes[-1]
    for subjects in ([], [run, run], [{**run, "digest": {"sha256": ZEROS}}], [{**run, "name": "occasio:run:x"}]):
        assert failed(signed(subjects)) == [("statement", "statement-mismatch")]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": [1.0, -0.0, 1e21, 1e-7, 0.00003]}, '{"b":1,"a":[1,0,1e+21,1e-7,0.00003]}'),
        ("é\u2028\u007f\x1f\b", '"é\u2028\u007f\\u001f\\b"'),
        ([True, None, []], "[true,null,[]]"),
    ],
)
def test_text_is_what_a_javascript_program_writes(value, written):
    assert text(value) == written


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(path for name, each in inner for path in paths(each, (*here, name)))]


GOOD = bundle()
ODD = [
    None,
    True,
    0,
    -1,
    2**53 - 1,
    1.5,
    "",
    "x",
    "\x1b[2J",
    ZEROS,
    [],
    {},
    [[]],
    {"a": None},
    "policy_loaded",
    "git_state",
    "tool_call",
]


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.tuples(st.sampled_from(paths(GOOD)[1:]), st.sampled_from(ODD)), min_size=1, max_size=3), st.booleans()
)
def test_whatever_stands_in_it_a_bundle_is_judged(changes, mended):
    whole = GOOD
    for path, value in changes:
        whole = put(whole, path, value)
    if mended:
        whole = remade(whole)
    if isinstance(whole.get("schema"), str) and whole["schema"] == GOOD["schema"]:
        assert report(whole).verdict in ("FAILED", "INTACT")


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return `value` with another value at the path, if it leads somewhere."""
    if not path:
        return new
    name, *rest = path
    if isinstance(value, dict) and name in value:
        return {**value, name: put(value[name], tuple(rest), new)}
    if isinstance(value, list) and type(name) is int and name < len(value):
        return [*value[:name], put(value[name], tuple(rest), new), *value[name + 1 :]]
    return value


def remade(whole: Bundle) -> Bundle:
    """Return the bundle with hashes that fit, as far as there are rows to hash."""
    try:
        shown = linked(whole["chain_slice"])
        return whole | {"chain_slice": shown, "manifest": manifest(whole | {"chain_slice": shown})}
    except (AttributeError, TypeError, KeyError):
        return whole
