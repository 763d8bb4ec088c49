"""What the keys of a policy mean, one function for each.

Knows trees, not files.  A key that this version does not know is refused, and so is one that only a later version will
obey: a rule that is not enforced must not look as if it were.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType

from occasio_core.freeze import frozen
from occasio_core.model import Action, PathEntry, Policy, ToolPolicy
from occasio_core.policy.document import Listing, Node, Place, Scalar, Table
from occasio_core.policy.entries import allow_entry, deny_entry
from occasio_core.redact import REDACT
from occasio_verify import Json

BUILT_IN = "occasio"

_KEYS = (
    "version",
    "deny_paths",
    "allow_paths",
    "tools",
    "plugins",
    "block_secrets_in_tool_results",
    "redact_secrets_in_tool_results",
)
_LATER_KEYS = (
    "block_requests_over_budget",
    "deny_commands",
    "deny_patterns",
    "distill_tool_results",
    "entropy_secret_detection",
    "identity_approval",
    "limits",
)
_TOOL_KEYS = ("action", "transform", "message")
_LATER_TOOL_KEYS = ("classifier", "executor", "max_output_tokens", "reason")
_TRANSFORMS = (REDACT,)
_LATER_TRANSFORMS = ("distill-output",)

_TRUE = frozenset({"true", "yes", "on"})
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_MAX_INTEGER = 2**53 - 1

_NOTHING = Table(place=Place("", 1, 1))


def with_keys(base: Policy, table: Table, cwd: str) -> Policy:
    """Return `base` with everything that `table` says; lists and tables add to those of `base`.

    Raises `PolicyError` at the first thing that is not known or not of its type.
    """
    _check_keys(table, _KEYS, _LATER_KEYS)
    _check_version(table.members.get("version"))
    return replace(
        base,
        deny_paths=(*base.deny_paths, *_paths(table, "deny_paths", deny_entry, cwd)),
        allow_paths=(*base.allow_paths, *_paths(table, "allow_paths", allow_entry, cwd)),
        tools=MappingProxyType({**base.tools, **_tools(table)}),
        plugins=MappingProxyType({**base.plugins, **_plugins(table)}),
        block_secrets_in_tool_results=_switch(
            table, "block_secrets_in_tool_results", base.block_secrets_in_tool_results
        ),
        redact_secrets_in_tool_results=_switch(
            table, "redact_secrets_in_tool_results", base.redact_secrets_in_tool_results
        ),
    )


def _check_version(node: Node | None) -> None:
    match node:
        case None | Scalar(kind="int", text="1"):
            return
        case Scalar(kind="int", text=text):
            raise node.place.error(f"version {text} of the policy language is not known", "write `version: 1`")
        case _:
            raise node.place.error(f"version is a number, not {node.described}", "write `version: 1`")


def _paths(table: Table, key: str, entry: Callable[[str, Place, str], PathEntry], cwd: str) -> Iterable[PathEntry]:
    for item in _listing(table, key).items:
        text = _text(item, f"an entry of {key}")
        yield entry(text, item.place, cwd)


def _tools(table: Table) -> dict[str, ToolPolicy]:
    tools = _table(table, "tools")
    return {name: _tool(name, node) for name, node in tools.members.items()}


def _tool(name: str, node: Node) -> ToolPolicy:
    if not isinstance(node, Table):
        raise node.place.error(
            f"tools: {name} is a mapping, not {node.described}", f"write `{name}: {{action: BLOCK}}`"
        )
    _check_keys(node, _TOOL_KEYS, _LATER_TOOL_KEYS)
    if "action" not in node.members:
        raise node.place.error(f"tools: {name} has no action", "add `action: BLOCK`, or another")
    action = _action(node.members["action"])
    return ToolPolicy(action=action, transform=_transform(name, node, action), message=_message(node))


def _action(node: Node) -> Action:
    text = _text(node, "an action")
    if text == Action.ASK:
        raise node.place.error("the action ASK is not supported yet", "use BLOCK until a person can be asked")
    if text not in list(Action):
        raise node.place.error(f"`{text}` is not an action", _nearest(text.upper(), [*Action]))
    return Action(text)


def _transform(name: str, node: Table, action: Action) -> str | None:
    given = node.members.get("transform")
    if given is None:
        if action is Action.TRANSFORM:
            raise node.place.error(f"tools: {name} does not say which transform", f"add `transform: {REDACT}`")
        return None
    if action is not Action.TRANSFORM:
        raise given.place.error(f"a transform with the action {action}", "write `action: TRANSFORM`")
    text = _text(given, "a transform")
    if text not in _TRANSFORMS:
        raise _unknown(given.place, text, "transform", _TRANSFORMS, _LATER_TRANSFORMS)
    return text


def _message(node: Table) -> str:
    given = node.members.get("message")
    return "" if given is None else _text(given, "a message")


def _plugins(table: Table) -> dict[str, Mapping[str, Json]]:
    node = table.members.get("plugins")
    if isinstance(node, Listing):
        names = [(_text(item, "the name of a plugin"), item.place) for item in node.items]
        _check_once(names)
        settings: dict[str, Mapping[str, Json]] = {name: MappingProxyType({}) for name, _ in names}
    else:
        given = _table(table, "plugins")
        names = list(given.keys.items())
        settings = {name: _settings(name, member) for name, member in given.members.items()}
    for name, place in names:
        if name == BUILT_IN:
            raise place.error(f"the plugins of `{BUILT_IN}` itself are always loaded", "take the name out")
    return settings


def _check_once(names: Iterable[tuple[str, Place]]) -> None:
    seen: set[str] = set()
    for name, place in names:
        if name in seen:
            raise place.error(f"the plugin {name} is named twice", "keep one of them")
        seen.add(name)


def _settings(name: str, node: Node) -> Mapping[str, Json]:
    match node:
        case Scalar(kind="null"):
            return MappingProxyType({})
        case Table():
            return MappingProxyType({key: frozen(_json(member)) for key, member in node.members.items()})
        case _:
            raise node.place.error(f"the settings of {name} are a mapping, not {node.described}")


def _json(node: Node) -> Json:
    match node:
        case Table():
            return {key: _json(member) for key, member in node.members.items()}
        case Listing():
            return [_json(item) for item in node.items]
        case Scalar(kind="str", text=text):
            return text
        case Scalar(kind="null"):
            return None
        case Scalar(kind="bool", text=text):
            return text.lower() in _TRUE
        case Scalar(text=text) if _DECIMAL.fullmatch(text) and abs(int(text)) <= _MAX_INTEGER:
            return int(text)
        case Scalar(text=text) if _FRACTION.fullmatch(text):
            return float(text)
        case _:
            raise node.place.error(
                f"`{node.text}` is {node.described} that can be read in two ways", "put it in quotes"
            )


def _switch(table: Table, key: str, default: bool) -> bool:
    match table.members.get(key):
        case None:
            return default
        case Scalar(kind="bool", text=text):
            return text.lower() in _TRUE
        case node:
            raise node.place.error(
                f"{key} is true or false, not {node.described}", "write true or false, without quotes"
            )


def _listing(table: Table, key: str) -> Listing:
    match table.members.get(key):
        case None | Scalar(kind="null"):
            return Listing(place=table.place)
        case Listing() as listing:
            return listing
        case node:
            raise node.place.error(f"{key} is a list, not {node.described}", "begin each entry with `- `")


def _table(table: Table, key: str) -> Table:
    match table.members.get(key):
        case None | Scalar(kind="null"):
            return _NOTHING
        case Table() as found:
            return found
        case node:
            raise node.place.error(f"{key} is a mapping, not {node.described}")


def _text(node: Node, what: str) -> str:
    if not isinstance(node, Scalar):
        raise node.place.error(f"{what} is a text, not {node.described}")
    if node.kind != "str":
        raise node.place.error(
            f"{what} is a text, and YAML reads `{node.text}` as {node.described}", "put it in quotes"
        )
    return node.text


def _check_keys(table: Table, known: Iterable[str], later: Iterable[str]) -> None:
    for key, place in table.keys.items():
        if key not in known:
            raise _unknown(place, key, "key", known, later)


def _unknown(place: Place, word: str, what: str, known: Iterable[str], later: Iterable[str]) -> Exception:
    if word in later:
        return place.error(f"the {what} `{word}` is not supported yet", "take it out: nothing would obey it")
    return place.error(f"the {what} `{word}` is not known", _nearest(word, known))


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=1)
    return f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"
