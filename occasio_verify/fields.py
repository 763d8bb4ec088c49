"""Which members a row has, and what may stand in each (SPEC sections 4.2 and 5).

Every form says two things of the same set of values: `admits` tests a parsed value, and `pattern` gives a regular
expression for the canonical texts of admitted values that look like a given one.  The second lets `grammar` check rows
without parsing them; a test holds the two together.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from typing import Protocol, cast

from occasio_verify.canonical import Json, canonical

GENESIS = "0" * 64
ROW_SCHEMA = 2

# A canonical string.  Nothing is given back (*+): a line that fits no pattern costs one look at each byte.
_TEXT = r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\bfnrt]|u00(?:0[0-7be-f]|1[0-9a-f]))[^"\\\x00-\x1f]*+)*+"'
_DATE = (
    r"[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
_TIMESTAMP = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T" + _TIME)


class Form(Protocol):
    """A set of JSON values."""

    def admits(self, value: Json) -> bool:
        """Return whether `value` is in the set."""

    def pattern(self, value: Json) -> str | None:
        """Return a pattern that only canonical texts of admitted values match, or None to have each value parsed."""


class Text:
    """Strings, all or those that match `regex` from end to end; `regex` needs no JSON escapes in what it matches."""

    def __init__(self, regex: str | None = None) -> None:
        self._regex = regex
        self._matches = re.compile(regex).fullmatch if regex is not None else None

    def admits(self, value: Json) -> bool:
        return isinstance(value, str) and (self._matches is None or self._matches(value) is not None)

    def pattern(self, value: Json) -> str:
        return _TEXT if self._regex is None else f'"{self._regex}"'


class Effect:
    """Strings that begin with an effect's kind and a space (SPEC section 5.2)."""

    _kinds = ("read ", "write ", "delete ", "execute ", "connect ")

    def admits(self, value: Json) -> bool:
        return isinstance(value, str) and value.startswith(self._kinds)

    def pattern(self, value: Json) -> str:
        return f'"(?:{"|".join(self._kinds)})' + _TEXT[1:]


class Bounded:
    """Strings of `shortest` to `longest` characters (code points)."""

    def __init__(self, shortest: int, longest: int) -> None:
        self._shortest, self._longest = shortest, longest

    def admits(self, value: Json) -> bool:
        return isinstance(value, str) and self._shortest <= len(value) <= self._longest

    def pattern(self, value: Json) -> str:
        return rf'"[^"\\\x00-\x1f]{{{self._shortest},{self._longest}}}"'


class Timestamp:
    """`YYYY-MM-DDTHH:MM:SS.mmmZ`, a day that exists."""

    def admits(self, value: Json) -> bool:
        if not isinstance(value, str) or (match := _TIMESTAMP.fullmatch(value)) is None:
            return False
        try:
            date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            return False
        return True

    def pattern(self, value: Json) -> str:
        return f'"(?!0000){_DATE}T{_TIME}"'  # the 29th of February takes the long way


class Integer:
    """Integers, all or those from 0 on."""

    def __init__(self, *, negative: bool = False) -> None:
        self._negative = negative

    def admits(self, value: Json) -> bool:
        return type(value) is int and (self._negative or value >= 0)

    def pattern(self, value: Json) -> str:
        return "(?:0|-?[1-9][0-9]{0,14})" if self._negative else "(?:0|[1-9][0-9]{0,14})"


class Boolean:
    """true and false."""

    def admits(self, value: Json) -> bool:
        return isinstance(value, bool)

    def pattern(self, value: Json) -> str:
        return "(?:true|false)"


class OneOf:
    """One of a few strings."""

    def __init__(self, *values: str) -> None:
        self._values = values

    def admits(self, value: Json) -> bool:
        return value in self._values

    def pattern(self, value: Json) -> str:
        return re.escape(canonical(value).decode())


class OrNull:
    """null, or what another form admits."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def admits(self, value: Json) -> bool:
        return value is None or self._form.admits(value)

    def pattern(self, value: Json) -> str | None:
        return "null" if value is None else self._form.pattern(value)


class Either:
    """Values of one of several forms."""

    def __init__(self, *forms: Form) -> None:
        self._forms = forms

    def admits(self, value: Json) -> bool:
        return any(form.admits(value) for form in self._forms)

    def pattern(self, value: Json) -> None:
        return None


class ListOf:
    """Arrays whose elements one form admits."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def admits(self, value: Json) -> bool:
        return isinstance(value, list) and all(self._form.admits(element) for element in value)

    def pattern(self, value: Json) -> str | None:
        if not isinstance(self._form, Text | Effect):
            return None  # what follows depends on each element
        element = self._form.pattern(None)
        return rf"\[(?:{element}(?:,{element})*+)?\]"


class Members:
    """Objects with exactly these members."""

    def __init__(self, members: Mapping[str, Form]) -> None:
        self._members = members

    def admits(self, value: Json) -> bool:
        return (
            isinstance(value, Mapping)
            and value.keys() == self._members.keys()
            and all(form.admits(value[name]) for name, form in self._members.items())
        )

    def pattern(self, value: Json) -> str | None:
        return None


class ObjectOf:
    """Objects of any names, with any values or with those that one form admits."""

    def __init__(self, form: Form | None = None) -> None:
        self._form = form

    def admits(self, value: Json) -> bool:
        return isinstance(value, Mapping) and (
            self._form is None or all(self._form.admits(element) for element in value.values())
        )

    def pattern(self, value: Json) -> str | None:
        return None


class GitState(Members):
    """The `tool_inputs` of a `git_state` row, its digest included (SPEC section 5.1)."""

    def admits(self, value: Json) -> bool:
        if not super().admits(value):
            return False
        state = cast("Mapping[str, Json]", value)
        return state["digest"] == git_digest(state)


TEXT, NATURAL, BOOLEAN, TIMESTAMP = Text(), Integer(), Boolean(), Timestamp()
HEX64 = Text("[0-9a-f]{64}")
LABEL = Text("[a-z0-9][a-z0-9._-]{0,63}")
UUID = Text("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TEXTS = ListOf(TEXT)
FREE_OBJECT = ObjectOf()

ENVELOPE: Mapping[str, Form] = {
    "agent": LABEL,
    "event_id": Text("[A-Za-z0-9-]{16,64}"),
    "hash": HEX64,
    "kind": Text("[a-z][a-z0-9_]{0,63}"),
    "prev_hash": HEX64,
    "protocol": LABEL,
    "run_id": OrNull(UUID),
    "run_prev_hash": OrNull(HEX64),
    "run_seq": OrNull(NATURAL),
    "seq": NATURAL,
    "session_id": OrNull(Bounded(1, 256)),
    "ts": TIMESTAMP,
}
RUN_MEMBERS = ("run_id", "run_prev_hash", "run_seq", "session_id")
LOG_KINDS = frozenset({"recovered", "checkpoint"})

_RULES_DIGEST: Form = Members({"block_secrets": BOOLEAN, "deny_paths_count": NATURAL, "deny_patterns_count": NATURAL})
_POLICY: Mapping[str, Form] = {
    "policy_hash": HEX64,
    "policy_path": OrNull(TEXT),
    "rules_digest": _RULES_DIGEST,
    "version": NATURAL,
}
GIT_HASHED = ("is_repo", "head", "branch", "dirty", "changed_files", "untracked_files", "diff_hash")
_GIT: Mapping[str, Form] = {
    "phase": OneOf("run_start", "run_end"),
    "cwd": TEXT,
    "is_repo": BOOLEAN,
    "head": OrNull(Text("[0-9a-f]{40}")),
    "branch": OrNull(TEXT),
    "dirty": BOOLEAN,
    "changed_files": TEXTS,
    "untracked_files": TEXTS,
    "diff_hash": OrNull(HEX64),
    "digest": HEX64,
}
_ANSWER: Mapping[str, Form] = {"approval_id": TEXT, "approver": OrNull(TEXT), "method": OrNull(TEXT)}

REQUIRED: Mapping[str, Mapping[str, Form]] = {
    "run_started": {
        "chain_file": TEXT,
        "command": TEXT,
        "cwd": TEXT,
        "enforcement_points": TEXTS,
        "plugins": ListOf(Members({"name": TEXT, "version": TEXT})),
        "versions": ObjectOf(TEXT),
    },
    "policy_loaded": {"policy_source": OneOf("user", "default"), "tool_inputs": Members(_POLICY)},
    "policy_rejected": {"error": TEXT, "policy_hash": HEX64, "policy_path": TEXT},
    "git_state": {"tool_inputs": GitState(_GIT)},
    "tool_call": {
        "action": OneOf("PASS", "LOCAL", "TRANSFORM", "BLOCK"),
        "call_id": TEXT,
        "effects": ListOf(Effect()),
        "input_digest": HEX64,
        "reason": TEXT,
        "tool_inputs": FREE_OBJECT,
        "tool_name": TEXT,
    },
    "tool_result": {
        "call_id": TEXT,
        "content_digest": HEX64,
        "result_kind": OneOf("pass", "local", "transform", "withheld"),
        "size": NATURAL,
    },
    "request": {
        "cache_read_tokens": NATURAL,
        "cache_write_tokens": NATURAL,
        "input_tokens": NATURAL,
        "model": OrNull(TEXT),
        "output_tokens": NATURAL,
        "status": NATURAL,
    },
    "limit_exceeded": {"limit": TEXT, "max": NATURAL, "actual": NATURAL},
    "approval_requested": {
        "approval_id": TEXT,
        "call_id": TEXT,
        "expires_at": TIMESTAMP,
        "input_digest": HEX64,
        "tool_name": TEXT,
    },
    "approval_granted": _ANSWER,
    "approval_denied": _ANSWER,
    "approval_expired": _ANSWER,
    "finding": {
        "detector": TEXT,
        "severity": OneOf("info", "low", "medium", "high"),
        "message": TEXT,
        "rows": ListOf(HEX64),
        "tags": TEXTS,
    },
    "hook_event": {"answer": OneOf("none", "deny"), "event": TEXT},
    "checkpoint": {"note": TEXT, "origin": TEXT, "root_hash": HEX64, "tree_size": NATURAL},
    "recovered": {
        "reason": OneOf("torn-tail", "log-shorter-than-head", "head-mismatch"),
        "bytes": NATURAL,
        "sha256": HEX64,
        "kept_in": OrNull(TEXT),
    },
    "run_ended": {
        "exit_code": OrNull(Integer(negative=True)),
        "reason": OneOf("exit", "signal", "failed", "abandoned"),
    },
}

OPTIONAL: Mapping[str, Mapping[str, Form]] = {
    "tool_call": {"approval_id": TEXT, "input_names": TEXTS, "message": TEXT, "rule": TEXT, "transform": TEXT},
    "tool_result": {
        "exit_code": Integer(negative=True),
        "is_error": BOOLEAN,
        "left_out": NATURAL,
        "returned_digest": HEX64,
        "returned_size": NATURAL,
        "secret_labels": TEXTS,
        "secrets_redacted": NATURAL,
        "shaped_by": TEXTS,
    },
    "request": {
        "complete": BOOLEAN,
        "cost_micro_usd": NATURAL,
        "secret_labels": TEXTS,
        "secrets_redacted": NATURAL,
    },
    "hook_event": {
        "call_id": TEXT,
        "file": TEXT,
        "input_digest": HEX64,
        "outputs": ListOf(Members({"call_id": TEXT, "digest": HEX64, "is_error": BOOLEAN})),
        "secret_labels": TEXTS,
        "source": TEXT,
        "subagent": TEXT,
        "tool_name": TEXT,
    },
    "recovered": {"former_hash": HEX64, "former_size": NATURAL},
}


def form_of(kind: str, member: str) -> Form | None:
    """Return the form of a row's member, or None if this version knows nothing of it."""
    if member in ENVELOPE:
        return ENVELOPE[member]
    return REQUIRED.get(kind, {}).get(member) or OPTIONAL.get(kind, {}).get(member)


def fault(row: Mapping[str, Json]) -> str | None:
    """Return the name of the first member that is missing or not of its form, or None."""
    for name, form in ENVELOPE.items():
        if name not in row or not form.admits(row[name]):
            return name
    kind = row["kind"]
    if not isinstance(kind, str):
        return "kind"
    for name in RUN_MEMBERS:
        if (row[name] is None) != (kind in LOG_KINDS):
            return name
    for name, form in REQUIRED.get(kind, {}).items():
        if name not in row or not form.admits(row[name]):
            return name
    for name, form in OPTIONAL.get(kind, {}).items():
        if name in row and not form.admits(row[name]):
            return name
    return None


def git_digest(state: Mapping[str, Json]) -> str:
    """Return the digest of a git state: SHA-256 over its members in the order of SPEC section 5.1."""
    members = b",".join(b'"%s":%s' % (name.encode(), canonical(state[name])) for name in GIT_HASHED)
    return hashlib.sha256(b"{" + members + b"}").hexdigest()
