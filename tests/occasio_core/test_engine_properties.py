"""What holds of every decision, whatever the call: tried on all calls of the table of cases."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from occasio_core import Action, Decision, Json, Policy, ToolCall
from occasio_core.decide import rule_on
from occasio_core.engine import Engine, engine, supposed
from occasio_core.links import all_named as named
from occasio_core.policy import policy_of
from occasio_core.policy.cases import cases
from occasio_core.policy.templates import template
from tests.occasio_core.case_world import world

TABLES = sorted((Path(__file__).parents[1] / "cases").glob("*.yml"))
LOOSE = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass(frozen=True, repr=False)
class Place:
    """The world of the cases: an engine under no policy of the person's own, and all calls and policies of the table."""

    project: Path
    engine: Engine
    calls: tuple[ToolCall, ...]
    texts: tuple[str, ...]

    def __repr__(self) -> str:
        """Return little: hypothesis prints what a test was given, and a long print hides why it failed."""
        return f"Place({self.project})"

    def policy(self, text: str) -> Policy:
        home = self.project.parent
        return policy_of(text.encode(), home / "policy.yml", home / ".occasio", str(self.project))

    def decision(self, policy: Policy, call: ToolCall) -> Decision:
        return self.engine.under(policy).rule(call).decision


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The calls of the table, each once, in their world."""
    with world(tmp_path_factory.mktemp("world")) as project:
        home = project.parent
        read = [cases(table.read_bytes(), table.name, cwd=str(project), home=str(home)) for table in TABLES]
        calls = {repr((one.tool, one.input)): one for found in read for one in found.trials}
        texts = {
            policy_text(table, scalar.text)
            for table, found in zip(TABLES, read, strict=True)
            for scalar in found.policies.values()
        }
        start = policy_of(b"version: 1", home / "policy.yml", home / ".occasio", str(project))
        yield Place(
            project=project,
            engine=engine(start, home / ".occasio"),
            calls=tuple(supposed(one.tool, one.input, project) for one in calls.values()),
            texts=tuple(sorted(texts)),
        )


def policy_text(table: Path, given: str) -> str:
    """Return what a policy of `table` says, which may stand in a file of its own."""
    return (table.parent / given).read_text(encoding="utf-8") if given.endswith(".yml") else given


def told(decision: Decision) -> list[tuple[str, str]]:
    return sorted((reason.opinion.action.value, reason.opinion.reason) for reason in decision.reasons)


# A stricter policy is stricter on every call.


@pytest.mark.parametrize("name", ["strict", "finance", "dev-default"])
def test_no_template_is_weaker_than_no_policy(place: Place, name: str) -> None:
    stricter, start = place.policy(template(name).decode()), place.policy("version: 1")
    weaker = [
        f"{call.tool} {dict(call.input)}: {before} then {after}"
        for call in place.calls
        for before, after in [(place.decision(start, call).action, place.decision(stricter, call).action)]
        if after.strictness < before.strictness
    ]
    assert weaker == []


def test_strict_switches_nothing_off(place: Place) -> None:
    stricter, start = place.policy(template("strict").decode()), place.policy("version: 1")
    assert stricter.block_secrets_in_tool_results >= start.block_secrets_in_tool_results
    assert stricter.block_requests_over_budget >= start.block_requests_over_budget
    assert stricter.entropy_secret_detection >= start.entropy_secret_detection
    assert not any(entry.is_exception and entry.line for entry in stricter.deny_paths)
    assert {entry.text for entry in start.deny_paths} <= {entry.text for entry in stricter.deny_paths}


DENIALS = st.sampled_from(
    [
        "deny_paths: [~/.bashrc]",
        "deny_paths: ['**/*.md']",
        "deny_paths: [src]",
        "deny_paths: [/]",
        "read: {deny_paths: [./docs]}",
        "write: {deny_paths: ['**/*.py', /tmp]}",
        "deny_hosts: ['*']",
        "deny_hosts: [example.com]",
        "deny_commands: {any: '.'}",
        "deny_patterns: {any: '[a-z]'}",
        "tools: {Bash: {action: BLOCK}}",
        "tools: {read_file: {action: ASK}}",
        "default_action: BLOCK",
        "default_action: ASK",
        "identity_approval: {git: git}",
    ]
)


@LOOSE
@given(data=st.data(), denial=DENIALS)
def test_adding_a_denial_never_permits_more(place: Place, data: st.DataObject, denial: str) -> None:
    base = place.policy(data.draw(st.sampled_from(place.texts)))
    own = place.policy(denial)
    more = replace(
        base,
        deny_paths=(*base.deny_paths, *own.deny_paths),
        read=replace(base.read, deny=(*base.read.deny, *own.read.deny)),
        write=replace(base.write, deny=(*base.write.deny, *own.write.deny)),
        deny_hosts=(*base.deny_hosts, *own.deny_hosts),
        deny_commands=(*base.deny_commands, *own.deny_commands),
        deny_patterns=(*base.deny_patterns, *own.deny_patterns),
        identity_approval=(*base.identity_approval, *own.identity_approval),
        default_action=max(base.default_action, own.default_action, key=lambda action: action.strictness),
        tools={**own.tools, **base.tools},
    )
    for call in data.draw(st.lists(st.sampled_from(place.calls), min_size=20, max_size=20)):
        before, after = place.decision(base, call), place.decision(more, call)
        assert after.action.strictness >= before.action.strictness, (call.tool, dict(call.input))


# Order says nothing.


@LOOSE
@given(data=st.data())
def test_the_order_of_rules_never_matters(place: Place, data: st.DataObject) -> None:
    policy = place.policy(data.draw(st.sampled_from(place.texts)))
    registry = place.engine.registry
    shuffled = MappingProxyType(dict(data.draw(st.permutations(list(registry.rules.items())))))
    for call in data.draw(st.lists(st.sampled_from(place.calls), min_size=20, max_size=20)):
        ruled = functools.partial(rule_on, call, policy, registry.by_tool.get(call.tool))
        assert ruled(shuffled, named).decision == ruled(registry.rules, named).decision


@LOOSE
@given(data=st.data())
def test_the_order_of_entries_never_matters(place: Place, data: st.DataObject) -> None:
    policy = place.policy(data.draw(st.sampled_from(place.texts)))
    shuffled = replace(
        policy,
        deny_paths=tuple(data.draw(st.permutations(policy.deny_paths))),
        allow_paths=tuple(data.draw(st.permutations(policy.allow_paths))),
        deny_hosts=tuple(data.draw(st.permutations(policy.deny_hosts))),
        tools=dict(data.draw(st.permutations(list(policy.tools.items())))),
    )
    for call in data.draw(st.lists(st.sampled_from(place.calls), min_size=20, max_size=20)):
        assert told(place.decision(shuffled, call)) == told(place.decision(policy, call)), dict(call.input)


# Tools add up.


@LOOSE
@given(data=st.data(), action=st.sampled_from([Action.PASS, Action.ASK, Action.BLOCK]))
def test_an_entry_of_tools_is_about_its_own_tool_alone(place: Place, data: st.DataObject, action: Action) -> None:
    policy = place.policy(data.draw(st.sampled_from(place.texts)))
    entry = place.policy(f"tools: {{NoSuchTool: {{action: {action}}}}}").tools
    more = replace(policy, tools={**policy.tools, **entry})
    for call in data.draw(st.lists(st.sampled_from(place.calls), min_size=20, max_size=20)):
        assert place.decision(more, call) == place.decision(policy, call)


TOOL_ENTRIES = st.dictionaries(
    st.sampled_from(["Read", "read_file", "Bash", "x"]), st.sampled_from(["PASS", "ASK", "BLOCK"])
)


@LOOSE
@given(entries=TOOL_ENTRIES)
def test_tools_of_a_policy_add_to_the_built_in_ones(place: Place, entries: Mapping[str, str]) -> None:
    said = ", ".join(f"{name}: {{action: {action}}}" for name, action in entries.items())
    own = place.policy(f"tools: {{{said}}}").tools
    below = place.policy("version: 1").tools
    assert {name: entry.action for name, entry in own.items()} == {
        **{name: entry.action for name, entry in below.items()},
        **{name: Action(action) for name, action in entries.items()},
    }


# One file has one verdict, however it is written.

FILES = st.sampled_from(
    [".env", "README.md", "keys/id_rsa", "../.ssh/config", "../.aws/credentials", "link-env", "src/main.py"]
)


@st.composite
def spellings(draw: st.DrawFn, file: str) -> str:
    """Another name for the same file, seen from the project."""
    parts = file.split("/")
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(parts) - 1))
        added = draw(st.sampled_from([["."], [""], ["src", ".."], ["docs", ".", ".."]]))
        if at == 0 and added == [""]:
            added = ["."]
        elsewhere = any(part in {"..", "keys", "src", ".ssh", ".aws"} for part in parts[:at])
        parts[at:at] = ["."] if elsewhere and ".." in added else added
    front = draw(st.sampled_from(["", "./", "{cwd}/", "/proc/self/cwd/", "/proc/self/root{cwd}/", "{cwd}/../project/"]))
    return front + "/".join(parts)


def quoted(draw: st.DrawFn, text: str) -> str:
    """Return `text` as a shell may write it, a letter at a time."""
    hexadecimal = "".join(f"\\x{ord(letter):02x}" for letter in text)
    ways = [text, f"'{text}'", f'"{text}"', "".join(f"\\{letter}" for letter in text), f"$'{hexadecimal}'"]
    ways += ["".join(f"{letter}''" for letter in text), f'{text[:2]}"{text[2:]}"']
    return draw(st.sampled_from(ways))


@st.composite
def commands(draw: st.DrawFn, file: str) -> str:
    """A command that prints the file."""
    path = quoted(draw, file)
    cat = quoted(draw, "cat")
    patterns = ["{cat} {path}", "{cat}<{path}", "X={path}; {cat} $X", "true&&{cat} {path}", "{cat} $(echo {path})"]
    patterns += [
        "eval cat' '{path}",
        "({cat} {path})",
        "echo {path} | xargs {cat}",
        "{cat} <<<x {path}",
        "cd .; {cat} {path}",
    ]
    return draw(st.sampled_from(patterns)).format(cat=cat, path=path)


def percent(draw: st.DrawFn, text: str) -> str:
    return "".join(f"%{ord(letter):02X}" if draw(st.booleans()) else letter for letter in text)


@st.composite
def wrapped(draw: st.DrawFn, file: str, project: Path) -> dict[str, Json]:
    """Arguments of a tool of MCP that name the file."""
    absolute = os.path.normpath(project / file)
    folder, _, name = absolute.rpartition("/")
    given: Json = draw(
        st.sampled_from(
            [
                file,
                [file],
                absolute,
                f"file://{absolute}",
                f"file://{percent(draw, absolute)}",
                percent(draw, file),
                {"cwd": folder, "file": name},
                {"root": folder, "files": ["a", name]},
                absolute.split("/"),
                absolute.replace("/", "\\"),
                f"please read {file}, and nothing else",
            ]
        )
    )
    for _ in range(draw(st.integers(0, 3))):
        wrap = draw(st.sampled_from(["list", "object", "json", "text"]))
        match wrap:
            case "list":
                given = ["x", given]
            case "object":
                given = {"uri": given, "n": 1}
            case "json":
                given = json.dumps(given, ensure_ascii=draw(st.booleans()))
            case _:
                given = [{"type": "text", "text": given}]
    return {"argument": given}


@LOOSE
@given(data=st.data(), file=FILES)
def test_every_spelling_in_a_shell_has_the_same_verdict(place: Place, data: st.DataObject, file: str) -> None:
    policy = place.policy(data.draw(st.sampled_from(place.texts)))
    command = data.draw(commands(file))
    plain = place.decision(policy, supposed("Bash", {"command": f"cat {file}"}, place.project))
    spelled = place.decision(policy, supposed("Bash", {"command": command}, place.project))
    if plain.first.reason.startswith("path"):  # what is said of commands is not said of files
        assert (spelled.action, spelled.first.reason) == (plain.action, plain.first.reason), command


@LOOSE
@given(data=st.data(), file=FILES)
def test_no_way_to_wrap_an_argument_of_mcp_makes_it_weaker(place: Place, data: st.DataObject, file: str) -> None:
    policy = place.policy(data.draw(st.sampled_from(place.texts)))
    arguments = data.draw(wrapped(file, place.project))
    plain = place.decision(policy, supposed("mcp__x__y", {"path": file}, place.project))
    other = place.decision(policy, supposed("mcp__x__y", arguments, place.project))
    assert other.action.strictness >= plain.action.strictness, arguments


@LOOSE
@given(data=st.data(), preset=st.sampled_from([None, "strict"]), hardened=st.booleans())
def test_no_preset_but_off_is_weaker_than_none(
    place: Place, data: st.DataObject, preset: str | None, hardened: bool
) -> None:
    policy = place.policy(data.draw(st.sampled_from(place.texts)))
    governing = place.engine.under(policy, preset, hardened)
    assert governing.policy.block_secrets_in_tool_results >= policy.block_secrets_in_tool_results
    for call in data.draw(st.lists(st.sampled_from(place.calls), min_size=20, max_size=20)):
        before, after = place.decision(policy, call), governing.rule(call).decision
        assert after.action.strictness >= before.action.strictness, (call.tool, dict(call.input))


@LOOSE
@given(data=st.data(), file=FILES)
def test_every_spelling_of_a_file_has_the_same_verdict(place: Place, data: st.DataObject, file: str) -> None:
    policy = place.policy(data.draw(st.sampled_from(place.texts)))
    other = data.draw(spellings(file)).replace("{cwd}", str(place.project))
    plain = place.decision(policy, supposed("Read", {"file_path": file}, place.project))
    spelled = place.decision(policy, supposed("Read", {"file_path": other}, place.project))
    assert (spelled.action, spelled.first.reason) == (plain.action, plain.first.reason), other
