"""A policy is described by every key that it has: what changes a decision changes a statement, and shows in a diff."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_core import Policy, UsageError
from occasio_core.policy import built_in, keys, policy_of
from occasio_core.policy.describe import NO_RULES, Statement, statements
from occasio_core.policy.difference import Difference, Kind, differences, rules_of
from occasio_core.policy.lock import lock_bytes, locked, read_lock

HOME, HERE = Path("/srv/person/.occasio"), Path("/srv/project")

# A policy for each key, which says of it what the built-in policy does not.
SAYS = {
    "default_action": "default_action: ASK",
    "deny_paths": "deny_paths: [~/x]",
    "allow_paths": "allow_paths: [~/x]",
    "read": "read: {deny_paths: [~/x]}",
    "write": "write: {allow_paths: [~/x]}",
    "deny_hosts": "deny_hosts: [x.example]",
    "allow_hosts": "allow_hosts: [x.example]",
    "deny_patterns": "deny_patterns: {x: y+}",
    "deny_commands": "deny_commands: {x: y+}",
    "identity_approval": "identity_approval: {x: y+}",
    "limits": "limits: {max_requests_per_run: 7}",
    "computer_use": "computer_use: {max_clicks_per_minute: 7}",
    "tools": "tools: {Read: {action: ASK}}",
    "plugins": "plugins: {x: {y: 1}}",
    "detectors": "detectors: {disabled: [x.y]}",
    "sinks": "sinks: {x: {y: 1}}",
    "block_secrets_in_tool_results": "block_secrets_in_tool_results: false",
    "redact_secrets_in_tool_results": "redact_secrets_in_tool_results: true",
    "distill_tool_results": "distill_tool_results: true",
    "block_requests_over_budget": "block_requests_over_budget: false",
    "entropy_secret_detection": "entropy_secret_detection: true",
    "keep_shortened_results": "keep_shortened_results: true",
    "checkpoint_every": "checkpoint_every: 50",
}
# What is said of an entry, beside its name, one change each.
DETAILS = [
    ("computer_use: {deny_keyboard_patterns: {x: a}}", "computer_use: {deny_keyboard_patterns: {x: b}}"),
    ("computer_use: {deny_command_patterns: {x: a}}", "computer_use: {deny_command_patterns: {x: b}}"),
    (
        "computer_use: {deny_screen_regions: {x: {left: 0, top: 0, right: 9, bottom: 9}}}",
        "computer_use: {deny_screen_regions: {x: {left: 0, top: 0, right: 9, bottom: 8}}}",
    ),
    ("deny_paths: [{path: ~/x, message: a}]", "deny_paths: [{path: ~/x, message: b}]"),
    ("deny_hosts: [{host: x.example, message: a}]", "deny_hosts: [{host: x.example, message: b}]"),
    ("deny_patterns: {x: a}", "deny_patterns: {x: b}"),
    ("deny_patterns: {x: {regex: a, message: m}}", "deny_patterns: {x: {regex: a, message: n}}"),
    ("deny_commands: {x: a}", "deny_commands: {x: b}"),
    ("identity_approval: {x: {command_regex: a, reason: r}}", "identity_approval: {x: {command_regex: a, reason: s}}"),
    (
        "identity_approval: {x: {command_regex: a, target_class: test}}",
        "identity_approval: {x: {command_regex: a, target_class: cloud}}",
    ),
    ("tools: {Read: {action: PASS}}", "tools: {Read: {action: LOCAL}}"),
    ("tools: {Bash: {action: LOCAL}}", "tools: {Bash: {action: LOCAL, otherwise: PASS}}"),
    ("tools: {Read: {action: BLOCK, message: a}}", "tools: {Read: {action: BLOCK, message: b}}"),
    ("tools: {Read: {action: BLOCK, reason: a}}", "tools: {Read: {action: BLOCK, reason: b}}"),
    ("tools: {Read: {action: PASS, max_output_tokens: 1}}", "tools: {Read: {action: PASS, max_output_tokens: 2}}"),
    (
        "tools: {Read: {action: TRANSFORM, transform: redact-secrets}}",
        "tools: {Read: {action: TRANSFORM, transform: distill-output}}",
    ),
    ("plugins: {x: {y: 1}}", "plugins: {x: {y: 2}}"),
    ("detectors: {window_seconds: 60}", "detectors: {window_seconds: 61}"),
    ("detectors: {threshold_percent: 50}", "detectors: {threshold_percent: 51}"),
    ("detectors: {options: {x.y: {z: 1}}}", "detectors: {options: {x.y: {z: 2}}}"),
    ("sinks: {x: {y: 1}}", "sinks: {x: {y: 2}}"),
]


def policy(text: str) -> Policy:
    return policy_of(text.encode(), HERE / "policy.yml", HOME, str(HERE))


def changes(before: str, after: str) -> tuple[Difference, ...]:
    return differences(rules_of(statements(policy(before))), rules_of(statements(policy(after))))


def test_every_key_is_tried() -> None:
    assert {*SAYS, "version"} == set(keys.KEYS)
    assert {*SAYS, "version"} == {field.name for field in fields(Policy)} - NO_RULES


@pytest.mark.parametrize("key", sorted(SAYS))
def test_what_a_key_says_is_a_difference(key: str) -> None:
    (found,) = changes("version: 1", SAYS[key])
    assert found.subject.partition(":")[0].partition(".")[0] == key


@pytest.mark.parametrize(("before", "after"), DETAILS)
def test_what_is_said_otherwise_is_one_changed_rule(before: str, after: str) -> None:
    (found,) = changes(before, after)
    assert found.kind is Kind.CHANGED


def test_a_difference_says_before_and_after() -> None:
    assert changes("limits: {max_requests_per_run: 7}", "limits: {max_requests_per_run: 8}") == (
        Difference(kind=Kind.CHANGED, subject="limits: max_requests_per_run", before="7", after="8"),
    )
    assert changes("version: 1", "deny_paths: [~/x]")[0] == Difference(kind=Kind.ADDED, subject="deny_paths: ~/x")
    assert changes("deny_paths: [~/x]", "")[0].kind is Kind.REMOVED


@given(st.permutations(["~/a", "b/c", "!~/a/d", "**/e"]), st.permutations(sorted(SAYS)))
def test_order_and_comments_are_no_difference(paths: list[str], order: list[str]) -> None:
    body = {**SAYS, "deny_paths": f"deny_paths: {['~/a', 'b/c', '!~/a/d', '**/e']}"}
    other = {**SAYS, "deny_paths": f"deny_paths: {paths}"}
    before = "\n".join(body[key] for key in sorted(body))
    after = "\n".join(f"# about {key}\n{other[key]}" for key in order)
    assert changes(before, after) == ()


def test_entries_that_stand_twice_are_said_once() -> None:
    assert changes("deny_paths: [~/x]", "deny_paths: [~/x, ~/x]") == ()


def test_a_statement_knows_its_line_and_the_built_in_ones_have_none() -> None:
    said = statements(
        policy("version: 1\ntools:\n  Read: {action: ASK}\ndeny_paths:\n  - ~/x\nlimits:\n  max_requests_per_run: 1\n")
    )
    assert {one.subject: one.line for one in said if one.line} == {
        "version": 1,
        "tools: Read": 3,
        "deny_paths: ~/x": 5,
        "limits: max_requests_per_run": 7,
    }


def test_an_entry_that_is_built_in_too_has_the_line_of_the_person() -> None:
    said = statements(policy("version: 1\ndeny_paths:\n  - ~/.ssh\n"))
    assert [one.line for one in said if one.subject == "deny_paths: ~/.ssh"] == [3]


def test_the_built_in_policy_is_described_without_lines() -> None:
    assert {one.line for one in statements(built_in(HOME, str(HERE)))} == {0}


def test_where_occasio_lives_is_no_rule() -> None:
    assert rules_of(statements(built_in(HOME, "/a"))) == rules_of(statements(built_in(Path("/elsewhere"), "/b")))


def test_a_statement_is_named_as_decisions_name_rules() -> None:
    assert Statement(key="deny_paths", name="~/x", value="").subject == "deny_paths: ~/x"
    assert Statement(key="default_action", name="", value="ASK").subject == "default_action"


# The lock.


def test_a_lock_says_what_the_policy_says() -> None:
    own = policy("\n".join(SAYS.values()))
    assert read_lock(lock_bytes(own), "policy.lock") == locked(own)


def test_the_same_policy_has_the_same_lock() -> None:
    assert lock_bytes(policy("deny_paths: [~/x]")) == lock_bytes(policy("deny_paths: [~/x]"))


def test_a_lock_holds_nothing_of_the_machine() -> None:
    assert b"/srv" not in lock_bytes(policy("deny_paths: [~/x]"))


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"schema": "other"}', b'{"schema": "occasio-policy-lock/v2"}', b'{"a": 1, "a": 1}']
)
def test_what_is_no_lock_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError, match="not a"):
        read_lock(data, "policy.lock")
