"""Cases that test a policy: a call each, and what must become of it.

A file of cases is YAML as a policy is, with places for errors:

    version: 1
    policy: ../policy.yml        # a path from this file, or the text of a policy; without it the one in force
    policies:                    # further ones that a case may name
      open: "version: 1"
    cases:
      - {tool: Read, input: {file_path: ~/.ssh/id_rsa}, action: BLOCK, reason: path-denied}
      - {command: git status, action: PASS, policy: open}

A case of a tool of MCP may have the `annotations` that its server gives it: `annotations: {readOnlyHint: true}`.
`{cwd}` and `{home}` in an input stand for the working directory and the person's home.  Knows texts; it reads no file
and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from occasio_core.freeze import frozen
from occasio_core.model import Action
from occasio_core.policy.document import Node, Place, Scalar, Table, document
from occasio_core.policy.nodes import check_keys, choice, listing, mapping, optional_text, settings, switch, text
from occasio_core.policy.preset import PRESETS
from occasio_verify import Json

SHELL = "Bash"
_KEYS = ("version", "policy", "policies", "cases")
_CASE = (
    "case",
    "tool",
    "input",
    "annotations",
    "command",
    "policy",
    "preset",
    "hardened",
    "action",
    "reason",
    "rule",
    "message",
)
OWN = ""  # the name of the policy that stands in `policy:`


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A call, and what must become of it.  `reason`, `rule` and `message` are compared where they are given.

    `message` need only be a part of what the decision says; `rule` is empty where no rule may have decided.
    """

    name: str
    place: Place
    tool: str
    input: Mapping[str, Json] = field(repr=False)
    policy: str
    annotations: Mapping[str, Json]
    preset: str | None
    hardened: bool
    action: Action
    reason: str | None
    rule: str | None
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """The cases of one file, in its order, and its policies: paths, or texts with a line end in them.

    The policy under the empty name is the file's own; where it is missing, the one in force is meant.
    """

    trials: tuple[Trial, ...]
    policies: Mapping[str, Scalar]


def cases(data: bytes, file: str, *, cwd: str, home: str) -> Cases:
    """Return the cases that `data` says.  Raises `PolicyError` with file, line and column for anything unclear."""
    table = document(data, file)
    check_keys(table, _KEYS)
    policies = _policies(table)
    items = listing(table, "cases").items
    if not items:
        raise table.place.error("there are no cases", "write them below `cases:`, each with `tool:` and `action:`")

    def filled(word: str) -> str:
        return word.replace("{cwd}", cwd).replace("{home}", home)

    return Cases(trials=tuple(_trial(item, policies, filled) for item in items), policies=policies)


def _policies(table: Table) -> Mapping[str, Scalar]:
    found = {name: _scalar(node) for name, node in mapping(table, "policies").members.items()}
    if own := table.members.get("policy"):
        found[OWN] = _scalar(own)
    return MappingProxyType(found)


def _scalar(node: Node) -> Scalar:
    text(node, "a policy")
    assert isinstance(node, Scalar)
    return node


def _trial(node: Node, policies: Mapping[str, Scalar], filled: Callable[[str], str]) -> Trial:
    if not isinstance(node, Table):
        raise node.place.error(f"a case is a mapping, not {node.described}", "write `{tool: Read, action: PASS}`")
    check_keys(node, _CASE)
    tool, given = _call(node)
    named = node.members.get("policy")
    return Trial(
        name=optional_text(node, "case", "a case") or _described(tool, given),
        place=node.place,
        tool=tool,
        input=frozen({filled(name): _filled(value, filled) for name, value in given.items()}),
        annotations=settings("annotations", node.members["annotations"]) if "annotations" in node.members else {},
        policy=OWN if named is None else choice(named, "a policy", policies),
        preset=choice(node.members["preset"], "a preset", PRESETS) if "preset" in node.members else None,
        hardened=switch(node, "hardened", default=False),
        action=_action(node),
        reason=_given(node, "reason"),
        rule=_given(node, "rule"),
        message=_given(node, "message"),
    )


def _call(node: Table) -> tuple[str, dict[str, Json]]:
    """Return the tool and its input; `command:` is short for one of the shell."""
    if command := node.members.get("command"):
        if other := node.keys.get("input"):
            raise other.error("a case has a command or an input, not both", "take one of them out")
        return optional_text(node, "tool", "a tool") or SHELL, {"command": text(command, "a command")}
    if "tool" not in node.members:
        raise node.place.error("a case has no tool", "add `tool:` and `input:`, or `command:`")
    given = node.members.get("input")
    return text(node.members["tool"], "a tool"), dict(settings("a call", given)) if given else {}


def _action(node: Table) -> Action:
    if "action" not in node.members:
        raise node.place.error("a case does not say what it expects", "add `action: BLOCK`, or another")
    return Action(choice(node.members["action"], "an action", [*Action]))


def _given(node: Table, key: str) -> str | None:
    return optional_text(node, key, f"a {key}") if key in node.members else None


def _filled(value: Json, filled: Callable[[str], str]) -> Json:
    match value:
        case str():
            return filled(value)
        case Mapping():
            return {filled(name): _filled(member, filled) for name, member in value.items()}
        case list() | tuple():
            return [_filled(item, filled) for item in value]
        case _:
            return value


def _described(tool: str, given: Mapping[str, Json]) -> str:
    first = next((value for value in given.values() if isinstance(value, str)), "")
    return f"{tool} {first}".strip()
