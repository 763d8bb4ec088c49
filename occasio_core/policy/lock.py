"""The lock of a policy: its hash and everything it says, in a file that stands in version control.

A lock shows a reviewer what a change of the policy, or of the built-in one below it, means.  The same policy makes the
same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from occasio_core.errors import UsageError
from occasio_core.model import Policy
from occasio_core.policy.describe import statements
from occasio_core.policy.difference import rules_of
from occasio_verify import Json, MalformedError, parse_json

NAME = "policy.lock"
SCHEMA = "occasio-policy-lock/v2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """What a policy said when it was locked: the hash of its bytes, and its rules by subject."""

    sha256: str
    rules: Mapping[str, tuple[str, ...]]


def locked(policy: Policy) -> Locked:
    """Return what `policy` says now."""
    return Locked(sha256=policy.sha256, rules=rules_of(statements(policy)))


def lock_bytes(policy: Policy) -> bytes:
    """Return the lock of `policy`, JSON, one rule a line."""
    now = locked(policy)
    rules: dict[str, Json] = {
        name: values[0] if len(values) == 1 else list(values) for name, values in now.rules.items()
    }
    members = {"schema": SCHEMA, "policy_hash": now.sha256, "policy_source": policy.source, "rules": rules}
    return (json.dumps(members, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def read_lock(data: bytes, file: str) -> Locked:
    """Return what the lock says.  Raises `UsageError` when `data` is none."""
    try:
        value = parse_json(data)
    except MalformedError as error:
        raise UsageError(f"`{file}` is not a lock: {error}", hint="occasio policy lock writes one") from None
    if not isinstance(value, Mapping) or value.get("schema") != SCHEMA:
        raise UsageError(f"`{file}` is not a lock of this version", hint="occasio policy lock writes one")
    sha256, rules = value.get("policy_hash"), value.get("rules")
    if not isinstance(sha256, str) or not isinstance(rules, Mapping):
        raise UsageError(f"`{file}` is not a whole lock", hint="occasio policy lock writes one")
    return Locked(sha256=sha256, rules={name: _values(said) for name, said in rules.items()})


def _values(said: Json) -> tuple[str, ...]:
    return tuple(map(str, said)) if isinstance(said, list | tuple) else (str(said),)
