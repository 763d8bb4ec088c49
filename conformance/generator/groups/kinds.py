"""What each kind of row has of its own, SPEC section 5."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.canonical import sha256
from generator.cases import Case, Group, accepted, refused
from generator.rows import (
    GIT,
    RECORDER,
    RULES,
    Row,
    ended,
    git_digest,
    git_state,
    hashed,
    line,
    placed,
    policy_loaded,
    request,
    row,
    stamp,
    started,
    tool_call,
    tool_result,
)

DIGEST = sha256(b"something")
UPPER = "AB" * 32
BADLY: dict[str, dict[str, Any]] = {
    "string": {"number": 1, "null": None},
    "text": {"number": 1},
    "integer": {"text": "1", "minus-1": -1, "boolean": True, "null": None},
    "boolean": {"number": 1, "text": "true", "null": None},
    "hex64": {"short": DIGEST[:-1], "capitals": UPPER, "null": None},
    "hex64-or-null": {"short": DIGEST[:-1], "number": 0},
    "strings": {"text": "a", "holds-number": ["a", 1], "object": {}, "null": None},
    "object": {"array": [], "text": "{}", "null": None},
}


@dataclass(frozen=True, slots=True)
class Shape:
    """A good row of a kind, the types of its own members, and values that they must not have."""

    sample: Row
    members: dict[str, str]
    optional: tuple[str, ...] = ()
    wrong: dict[str, dict[str, Any]] = field(default_factory=dict)


WORD = {"other-word": "other", "capitals": "EXIT", "number": 1, "null": None}
APPROVAL = {"approval_id": "apr-1", "approver": "ada", "method": "terminal"}
SHAPES: dict[str, Shape] = {
    "run_started": Shape(
        started(),
        {
            "chain_file": "string",
            "command": "string",
            "cwd": "string",
            "enforcement_points": "strings",
            "plugins": "-",
            "versions": "object",
        },
        wrong={
            "plugins": {
                "text": "paths",
                "strings": ["paths"],
                "name-missing": [{"version": "1"}],
                "version-missing": [{"name": "paths"}],
                "version-number": [{"name": "paths", "version": 1}],
                "extra": [{"name": "paths", "version": "1", "author": "x"}],
                "null": None,
            },
            "versions": {"holds-number": {"occasio": 1}, "holds-null": {"occasio": None}},
        },
    ),
    "policy_loaded": Shape(
        policy_loaded(), {"tool_inputs": "object"}, wrong={"policy_source": {**WORD, "unknown": "unknown"}}
    ),
    "policy_rejected": Shape(
        row("policy_rejected", {"error": "line 3", "policy_hash": DIGEST, "policy_path": "/p"}, by=RECORDER),
        {"error": "string", "policy_hash": "hex64", "policy_path": "string"},
    ),
    "git_state": Shape(git_state("run_start"), {"tool_inputs": "object"}),
    "tool_call": Shape(
        tool_call(
            "BLOCK",
            "read_file",
            {"path": "/p"},
            call="c",
            message="no",
            rule="r",
            transform="t",
            approval_id="a",
            input_names=["file_path", "?"],
        ),
        {
            "call_id": "string",
            "effects": "strings",
            "input_digest": "hex64",
            "reason": "string",
            "tool_inputs": "object",
            "tool_name": "string",
            "message": "string",
            "rule": "string",
            "transform": "string",
            "approval_id": "string",
            "input_names": "strings",
        },
        optional=("message", "rule", "transform", "approval_id", "input_names"),
        wrong={
            "effects": {
                "other-word": ["look /p"],
                "no-space": ["read"],
                "capitals": ["READ /p"],
                "second": ["read /p", "/q"],
            },
            "action": {"ask": "ASK", "info": "INFO", "small": "block", "array": ["BLOCK"], "null": None},
        },
    ),
    "tool_result": Shape(
        tool_result(
            "transform",
            call="c",
            is_error=False,
            returned_digest=DIGEST,
            returned_size=7,
            shaped_by=["redact-secrets", "clip"],
            secret_labels=["a", "b"],
            secrets_redacted=1,
            exit_code=-1,
            left_out=2,
        ),
        {
            "call_id": "string",
            "content_digest": "hex64",
            "size": "integer",
            "is_error": "boolean",
            "returned_digest": "hex64",
            "returned_size": "integer",
            "shaped_by": "strings",
            "secret_labels": "strings",
            "secrets_redacted": "integer",
        },
        optional=(
            "is_error",
            "returned_digest",
            "returned_size",
            "shaped_by",
            "secret_labels",
            "secrets_redacted",
            "exit_code",
        ),
        wrong={
            "result_kind": {**WORD, "action": "TRANSFORM", "block": "block"},
            "exit_code": {"text": "0", "boolean": False, "null": None},
        },
    ),
    "request": Shape(
        request(complete=True, secret_labels=["aws-key"], secrets_redacted=1),
        {
            "cache_read_tokens": "integer",
            "cache_write_tokens": "integer",
            "input_tokens": "integer",
            "output_tokens": "integer",
            "model": "text",
            "status": "integer",
            "complete": "boolean",
            "cost_micro_usd": "integer",
            "secret_labels": "strings",
            "secrets_redacted": "integer",
        },
        optional=("complete", "cost_micro_usd", "secret_labels", "secrets_redacted"),
    ),
    "hook_event": Shape(
        row(
            "hook_event",
            {
                "answer": "deny",
                "call_id": "c",
                "event": "PostToolBatch",
                "file": "/p",
                "input_digest": DIGEST,
                "outputs": [{"call_id": "c", "digest": DIGEST, "is_error": False}],
                "secret_labels": ["a"],
                "source": "startup",
                "subagent": "s",
                "tool_name": "Bash",
            },
        ),
        {
            "call_id": "string",
            "event": "string",
            "file": "string",
            "input_digest": "hex64",
            "secret_labels": "strings",
            "source": "string",
            "subagent": "string",
            "tool_name": "string",
        },
        optional=(*("call_id", "file", "input_digest", "outputs", "secret_labels", "source", "subagent", "tool_name"),),
        wrong={
            "answer": {**WORD, "allow": "allow", "ask": "ask"},
            "outputs": {
                "strings": ["c"],
                "object": {},
                "null": None,
                "digest-missing": [{"call_id": "c", "is_error": False}],
                "digest-short": [{"call_id": "c", "digest": DIGEST[:-1], "is_error": False}],
                "error-text": [{"call_id": "c", "digest": DIGEST, "is_error": "no"}],
                "extra": [{"call_id": "c", "digest": DIGEST, "is_error": False, "size": 1}],
            },
        },
    ),
    "limit_exceeded": Shape(
        row("limit_exceeded", {"limit": "tool_calls", "max": 10, "actual": 11}),
        {"limit": "string", "max": "integer", "actual": "integer"},
    ),
    "approval_requested": Shape(
        row(
            "approval_requested",
            {"approval_id": "apr-1", "call_id": "c", "tool_name": "t", "input_digest": DIGEST, "expires_at": stamp(60)},
        ),
        {"approval_id": "string", "call_id": "string", "tool_name": "string", "input_digest": "hex64"},
        wrong={
            "expires_at": {
                "no-milliseconds": "2026-01-02T03:05:04Z",
                "february-30": "2026-02-30T00:00:00.000Z",
                "null": None,
            }
        },
    ),
    "approval_granted": Shape(
        row("approval_granted", APPROVAL), {"approval_id": "string", "approver": "text", "method": "text"}
    ),
    "approval_denied": Shape(
        row("approval_denied", APPROVAL), {"approval_id": "string", "approver": "text", "method": "text"}
    ),
    "approval_expired": Shape(
        row("approval_expired", {"approval_id": "apr-1", "approver": None, "method": None}),
        {"approval_id": "string", "approver": "text", "method": "text"},
    ),
    "finding": Shape(
        row(
            "finding",
            {"detector": "d", "severity": "high", "message": "m", "rows": [DIGEST], "tags": ["t"]},
            by=RECORDER,
        ),
        {"detector": "string", "message": "string", "rows": "strings", "tags": "strings"},
        wrong={
            "severity": {**WORD, "critical": "critical"},
            "rows": {"not-hashes": ["row 1"], "capitals": [UPPER]},
        },
    ),
    "checkpoint": Shape(
        row("checkpoint", {"note": "n", "origin": "o", "root_hash": DIGEST, "tree_size": 0}, run=None, by=RECORDER),
        {"note": "string", "origin": "string", "root_hash": "hex64", "tree_size": "integer"},
    ),
    "recovered": Shape(
        row(
            "recovered",
            {
                "bytes": 3,
                "kept_in": "/home/ada/.occasio/cut",
                "reason": "head-mismatch",
                "sha256": DIGEST,
                "former_size": 9,
                "former_hash": DIGEST,
            },
            run=None,
            by=RECORDER,
        ),
        {"bytes": "integer", "kept_in": "text", "sha256": "hex64", "former_size": "integer", "former_hash": "hex64"},
        optional=("former_size", "former_hash"),
        wrong={"reason": {"other-word": "other", "capitals": "TORN-TAIL", "number": 1, "null": None}},
    ),
    "run_ended": Shape(ended(), {}, wrong={"exit_code": {"text": "0", "boolean": False}, "reason": WORD}),
}
RULES_WRONG: dict[str, dict[str, Any]] = {
    "block_secrets": BADLY["boolean"],
    "deny_paths_count": BADLY["integer"],
    "deny_patterns_count": BADLY["integer"],
}
POLICY_WRONG: dict[str, dict[str, Any]] = {
    "policy_hash": BADLY["hex64"],
    "policy_path": BADLY["text"],
    "rules_digest": BADLY["object"],
    "version": BADLY["integer"],
}
GIT_WRONG: dict[str, dict[str, Any]] = {
    "phase": WORD,
    "cwd": BADLY["string"],
    "is_repo": BADLY["boolean"],
    "head": {"short": GIT["head"][:-1], "capitals": GIT["head"].upper(), "hex64": DIGEST, "empty": ""},
    "branch": BADLY["text"],
    "dirty": BADLY["boolean"],
    "changed_files": BADLY["strings"],
    "untracked_files": BADLY["strings"],
    "diff_hash": BADLY["hex64-or-null"],
}


def group() -> Group:
    """Returns the group `kinds`."""
    return Group(name="kinds", clause="5", cases=list(cases()))


def cases() -> Iterator[Case]:
    """Yields for each kind a good row, then every member missing and ill-typed; then what lies deeper."""
    for kind, shape in SHAPES.items():
        sample = placed([shape.sample])[0]
        yield good(f"kind-{kind}", f"a row of kind `{kind}`", sample)
        yield from missing(kind, sample, shape)
        for member, wrong in wrongs(shape):
            for name, value in wrong.items():
                yield bad(f"kind-{kind}-{member}-{name}", f"`{member}` is ill-typed", hashed({**sample, member: value}))
    yield from allowed()
    yield from inside_policy_loaded()
    yield from inside_git_state()


def wrongs(shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields each member of a kind with the values that it must not have."""
    for member, type_name in shape.members.items():
        yield member, BADLY.get(type_name, {})
    yield from shape.wrong.items()


def missing(kind: str, sample: Row, shape: Shape) -> Iterator[Case]:
    """Yields the row without each of its own members, refused unless the member is optional."""
    for member in {**shape.members, **shape.wrong}:
        without = hashed({name: value for name, value in sample.items() if name != member})
        if member in shape.optional:
            yield good(f"kind-{kind}-{member}-absent", f"`{member}` is optional", without)
        else:
            yield bad(f"kind-{kind}-{member}-missing", f"`{member}` is missing", without)


def allowed() -> Iterator[Case]:
    """Yields values at the edge of what a kind allows."""
    samples = {kind: placed([shape.sample])[0] for kind, shape in SHAPES.items()}
    for kind, member, name, value in (
        ("request", "model", "null", None),
        ("request", "status", "0", 0),
        ("run_ended", "exit_code", "null", None),
        ("run_ended", "exit_code", "negative", -9),
        ("run_ended", "reason", "abandoned", "abandoned"),
        ("approval_granted", "approver", "null", None),
        ("recovered", "kept_in", "null", None),
        ("recovered", "reason", "torn-tail", "torn-tail"),
        ("recovered", "reason", "log-shorter-than-head", "log-shorter-than-head"),
        ("run_started", "plugins", "none", []),
        ("run_started", "versions", "none", {}),
        ("run_started", "enforcement_points", "all", ["proxy", "hook", "mcp"]),
        ("tool_call", "effects", "none", []),
        ("tool_call", "effects", "one-of-each", ["read a", "write b", "delete c", "execute d", "connect e"]),
        ("tool_call", "effects", "without-target", ["execute "]),
        ("tool_call", "tool_inputs", "none", {}),
        ("tool_call", "rule", "empty", ""),
        ("tool_result", "secret_labels", "none", []),
        ("tool_result", "size", "0", 0),
        ("finding", "rows", "none", []),
        ("finding", "severity", "info", "info"),
        ("finding", "severity", "low", "low"),
        ("finding", "severity", "medium", "medium"),
        *(("tool_call", "action", action.lower(), action) for action in ("PASS", "LOCAL", "TRANSFORM")),
        *(("tool_result", "result_kind", result, result) for result in ("pass", "local", "withheld")),
        *(("run_ended", "reason", reason, reason) for reason in ("signal", "failed")),
        ("policy_loaded", "policy_source", "default", "default"),
    ):
        row = hashed({**samples[kind], member: value})
        yield good(f"kind-{kind}-{member}-is-{name}", f"`{member}` may be {name}", row)
    yield good("kind-unknown-members", "members of a later version", hashed({**samples["request"], "novelty": [None]}))


def inside_policy_loaded() -> Iterator[Case]:
    """Yields `tool_inputs` of `policy_loaded` member by member."""
    sample = placed([policy_loaded()])[0]
    yield good("kind-policy_loaded-path-null", "a policy without a file", with_inputs(sample, policy_path=None))
    yield good("kind-policy_loaded-version-0", "a version may be 0", with_inputs(sample, version=0))
    for member, wrong in POLICY_WRONG.items():
        yield bad(f"kind-policy_loaded-inner-{member}-missing", f"`{member}` is missing", without_input(sample, member))
        for name, value in wrong.items():
            row = with_inputs(sample, **{member: value})
            yield bad(f"kind-policy_loaded-inner-{member}-{name}", f"`{member}` is ill-typed", row)
    yield bad("kind-policy_loaded-inner-extra", "a member that is not named", with_inputs(sample, comment="x"))
    more = with_inputs(sample, rules_digest={**RULES, "allow_paths_count": 0})
    yield bad("kind-policy_loaded-rules-extra", "a member that is not named", more)
    for member, wrong in RULES_WRONG.items():
        fewer = {name: value for name, value in RULES.items() if name != member}
        row = with_inputs(sample, rules_digest=fewer)
        yield bad(f"kind-policy_loaded-rules-{member}-missing", f"`{member}` is missing", row)
        for name, value in wrong.items():
            row = with_inputs(sample, rules_digest={**RULES, member: value})
            yield bad(f"kind-policy_loaded-rules-{member}-{name}", f"`{member}` is ill-typed", row)


def inside_git_state() -> Iterator[Case]:
    """Yields `tool_inputs` of `git_state` member by member; the digest fits unless it is what is wrong."""
    sample = placed([git_state("run_start")])[0]
    no_repo = git_state("run_end", is_repo=False, head=None, branch=None)
    yield good("kind-git_state-no-repository", "a directory that is no repository", placed([no_repo])[0])
    names = git_state("run_end", changed_files=["caf\u00e9 \U0001f600.md", 'a"b\n'], dirty=True)
    yield good("kind-git_state-names", "names of files with all kinds of characters", placed([names])[0])
    for member, wrong in GIT_WRONG.items():
        yield bad(f"kind-git_state-inner-{member}-missing", f"`{member}` is missing", without_input(sample, member))
        for name, value in wrong.items():
            changes: dict[str, Any] = {member: value}
            if member in GIT:
                changes["digest"] = git_digest({**GIT, member: value})
            row = with_inputs(sample, **changes)
            yield bad(f"kind-git_state-inner-{member}-{name}", f"`{member}` is ill-typed", row)
    yield bad("kind-git_state-extra", "members that are not named", with_inputs(sample, ahead=1))
    yield bad("kind-git_state-digest-missing", "`digest` is missing", without_input(sample, "digest"))
    yield bad("kind-git_state-digest-zeros", "the digest of nothing", with_inputs(sample, digest="0" * 64))
    yield bad("kind-git_state-digest-stale", "the state edited, the digest not", with_inputs(sample, dirty=True))
    yield bad(
        "kind-git_state-digest-sorted", "members sorted in the digest", with_inputs(sample, digest=sorted_digest())
    )
    more = sha256(line({**GIT, "phase": "run_start", "cwd": "/home/ada/work"}))
    yield bad("kind-git_state-digest-of-all", "`phase` and `cwd` in the digest", with_inputs(sample, digest=more))


def sorted_digest() -> str:
    """Returns the digest of the state in canonical form, which is not what section 5.1 says."""
    return sha256(line(GIT))


def with_inputs(sample: Row, **changes: Any) -> Row:
    """Returns the row with members of `tool_inputs` changed."""
    return hashed({**sample, "tool_inputs": {**copy.deepcopy(sample["tool_inputs"]), **changes}})


def without_input(sample: Row, member: str) -> Row:
    """Returns the row without a member of `tool_inputs`."""
    kept = {name: value for name, value in sample["tool_inputs"].items() if name != member}
    return hashed({**sample, "tool_inputs": kept})


def good(name: str, why: str, row: Row) -> Case:
    """Returns the case of a row that is accepted."""
    return accepted("row", "5", name, why, {"line": line(row).hex()}, hash=row["hash"])


def bad(name: str, why: str, row: Row) -> Case:
    """Returns the case of a row that is refused."""
    return refused("row", "5", name, why, {"line": line(row).hex()}, "row-field")
