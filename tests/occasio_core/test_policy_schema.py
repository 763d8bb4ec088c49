"""The published schema and the parser say the same: what one knows the other knows, what the parser takes the schema takes."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core import Action, PolicyError
from occasio_core.model import Limits
from occasio_core.policy import keys, policy_of, rules, screen, tools, watching
from occasio_core.policy.document import document
from occasio_core.policy.schema import schema_bytes, schema_error

SCHEMA = json.loads(schema_bytes())
TOP = SCHEMA["properties"]
PARTS = SCHEMA["definitions"]
HERE = Path("/srv/project")


def parsed(text: str) -> PolicyError | None:
    """Return what the parser has against a policy."""
    try:
        policy_of(text.encode(), HERE / "policy.yml", HERE / ".occasio", str(HERE))
    except PolicyError as error:
        return error
    return None


def refused(text: str) -> PolicyError | None:
    """Return what the schema has against a policy."""
    return schema_error(document(text.encode(), "policy.yml"))


def longer(name: str) -> dict[str, object]:
    """Return the members of the long form of an entry."""
    return PARTS[name]["oneOf"][1]["properties"]


# The same keys on both sides.


def test_the_top_keys_are_the_same() -> None:
    assert set(TOP) == set(keys.KEYS)


def test_the_keys_of_a_tool_are_the_same() -> None:
    assert set(PARTS["tool"]["properties"]) == set(tools._KEYS)


def test_the_keys_of_computer_use_are_the_same() -> None:
    assert set(TOP["computer_use"]["properties"]) == set(screen.KEYS)
    assert set(PARTS["screen_region"]["properties"]) == {*screen._SIDES, "message"}


def test_the_limits_are_the_same() -> None:
    assert set(TOP["limits"]["properties"]) == {field.name for field in fields(Limits)}


def test_the_keys_of_detectors_are_the_same() -> None:
    assert set(TOP["detectors"]["properties"]) == set(watching.KEYS)


@pytest.mark.parametrize(
    ("part", "known"),
    [
        ("denied_command", rules._DENIED_KEYS),
        ("asked_command", rules._ASKED_KEYS),
        ("pattern", rules._PATTERN_KEYS),
        ("denied_path", ("path", "message")),
        ("allowed_path", ("path", "message")),
        ("host", ("host", "message")),
    ],
)
def test_the_keys_of_each_entry_are_the_same(part: str, known: tuple[str, ...]) -> None:
    assert set(longer(part)) == set(known)


@pytest.mark.parametrize("key", ["read", "write"])
def test_the_keys_of_lists_for_one_kind_of_access_are_the_same(key: str) -> None:
    assert set(TOP[key]["properties"]) == set(rules._PATH_LISTS)


def test_the_words_are_the_same() -> None:
    assert PARTS["tool"]["properties"]["action"]["enum"] == [*Action]
    assert set(TOP["default_action"]["enum"]) == set(tools._DEFAULT_ACTIONS)
    assert longer("asked_command")["target_class"]["enum"] == list(rules.CLASSES)
    assert longer("asked_command")["actor_type"]["enum"] == list(rules._ACTORS)
    assert TOP["deny_patterns"]["propertyNames"]["pattern"] == f"^{rules._LABEL.pattern}$"


def test_everything_is_described_for_editors() -> None:
    assert [key for key, said in {**TOP, **PARTS}.items() if not said.get("description")] == []


def test_it_is_a_schema_of_draft_7() -> None:
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"


# The same policies are taken.

EXAMPLES = [
    "",
    "version: 1",
    "deny_paths:",
    "deny_paths: [.env, {path: ~/x, message: m}]",
    "read: {deny_paths: [a/b], allow_paths: [./c]}",
    "write:",
    "deny_hosts: [example.com, '*.example.com:443', {host: 10.0.0.0/8, message: m}]",
    "deny_patterns: {a: x+, b: {regex: y+, message: m}}",
    "deny_commands: {a: rm, b: {command_regex: dd, message: m}}",
    "identity_approval: {a: ssh, b: {command_regex: az, actor_type: ai_agent, target_class: cloud, reason: r}}",
    "limits: {max_tool_calls_per_round: 1}",
    "limits:",
    "tools: {Read: {action: PASS, message: m, reason: r, max_output_tokens: 5, executor: native}}",
    "tools: {Read: {action: TRANSFORM, transform: redact-secrets}}",
    "tools: {Read: {action: BLOCK, reason: ''}}",
    "tools: {Bash: {action: LOCAL, otherwise: PASS}}",
    "plugins: [a, b]",
    "plugins: {a: , b: {x: [1, 2.5, null, {y: z}]}}",
    "detectors: {window_seconds: 60, threshold_percent: 150, disabled: [a.b], options: {a.b: {c: 1}}}",
    "detectors: {disabled: , options: {a.b: }}",
    "sinks: {a: , b: {url: x}}",
    "default_action: ASK",
    "block_secrets_in_tool_results: no",
]
REFUSED = [
    "version: 2",
    "version: '1'",
    "version:",
    "deny_path: [a]",
    "deny_paths: a",
    "deny_paths: [1]",
    "deny_paths: ['']",
    "deny_paths: [{message: m}]",
    "deny_paths: [{path: a, why: m}]",
    "deny_paths: [2020-01-01]",
    "read: [a]",
    "read: {deny_hosts: []}",
    "deny_hosts: [[a]]",
    "deny_patterns: [a]",
    "deny_patterns: {'a b': x}",
    "deny_patterns: {a: ''}",
    "deny_patterns: {a: {message: m}}",
    "deny_commands: {a: {command_regex: x, reason: r}}",
    "identity_approval: {a: {command_regex: x, target_class: moon}}",
    "limits: {max_tool_calls_per_round: 0}",
    "limits: {max_tool_calls_per_round: 1.5}",
    f"limits: {{max_tool_calls_per_round: {'9' * 5000}}}",
    "limits: {max_calls: 1}",
    "tools: {Read: BLOCK}",
    "tools: {Read: {}}",
    "tools: {Read: {action: STOP}}",
    "tools: {Read: {action: TRANSFORM}}",
    "tools: {Read: {action: PASS, transform: redact-secrets}}",
    "tools: {Read: {action: PASS, reason: 'No Code'}}",
    "tools: {Read: {action: PASS, classifier: x}}",
    "tools: {Bash: {action: LOCAL, otherwise: LOCAL}}",
    "tools: {Bash: {action: PASS, otherwise: ASK}}",
    "plugins: [occasio]",
    "plugins: {occasio: {}}",
    "plugins: [a, a]",
    "plugins: {a: [1]}",
    "detectors: [a]",
    "detectors: {window: 1}",
    "detectors: {window_seconds: 0}",
    "detectors: {threshold_percent: 1.5}",
    "detectors: {disabled: a.b}",
    "detectors: {disabled: [1]}",
    "detectors: {options: {a.b: 1}}",
    "sinks: [a]",
    "sinks: {a: 1}",
    "default_action: LOCAL",
    "block_secrets_in_tool_results: 'true'",
    "block_secrets_in_tool_results:",
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_what_the_parser_takes_the_schema_takes(text: str) -> None:
    assert parsed(text) is None
    assert refused(text) is None


@pytest.mark.parametrize("text", REFUSED)
def test_what_the_schema_refuses_the_parser_refuses(text: str) -> None:
    assert refused(text) is not None
    assert parsed(text) is not None


_WORDS = st.sampled_from(["a", "b/c", "~/x", "**/y", "PASS", "BLOCK", "native", "", "redact-secrets", "x.example"])
_NAMES = st.sampled_from(sorted({"occasio", "x", "a b", *longer("asked_command"), *PARTS["tool"]["properties"]}))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.floats(0, 2) | _WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=6,
)
_POLICIES = st.dictionaries(st.sampled_from([*keys.KEYS, "other"]), _VALUES, min_size=1, max_size=2)


def changed(draw: st.DrawFn, tree: object) -> object:
    """Return a tree in which one node somewhere is another."""
    if not isinstance(tree, dict | list) or not tree or draw(st.integers(0, 3)) == 0:
        return draw(_VALUES)
    if isinstance(tree, list):
        place = draw(st.integers(0, len(tree) - 1))
        return [changed(draw, item) if at == place else item for at, item in enumerate(tree)]
    name = draw(st.sampled_from(sorted(tree)))
    if draw(st.integers(0, 4)) == 0:
        return {**tree, draw(_NAMES): draw(_VALUES)}
    return {key: changed(draw, member) if key == name else member for key, member in tree.items()}


@st.composite
def nearly_right(draw: st.DrawFn) -> object:
    """A policy that is right but for one node."""
    tree = yaml.safe_load(draw(st.sampled_from([text for text in EXAMPLES if text])))
    return changed(draw, tree)


@settings(deadline=None, max_examples=400)
@given(_POLICIES | nearly_right())
def test_the_schema_takes_whatever_the_parser_takes(policy: object) -> None:
    text = yaml.safe_dump(policy)
    if parsed(text) is None:
        assert refused(text) is None


def test_an_error_has_the_place_of_what_is_wrong() -> None:
    error = refused("version: 1\ntools:\n  Read:\n    action: STOP\n")
    assert str(error).startswith("policy.yml:4:13: tools.Read.action must be one of")
