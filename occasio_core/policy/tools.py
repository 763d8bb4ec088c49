"""What the policy says of tools by their names: `tools:` and `default_action:`.

Knows actions and transforms.  It does not know which tools there are.
"""

from __future__ import annotations

import re

from occasio_core.model import Action, ToolPolicy
from occasio_core.policy.document import Node, Table
from occasio_core.policy.nodes import check_keys, choice, mapping, nearest, optional_text, positive, text
from occasio_core.redact import REDACT

_KEYS = ("action", "otherwise", "transform", "message", "reason", "max_output_tokens", "executor")
_DEFAULT_ACTIONS = (Action.PASS, Action.ASK, Action.BLOCK)
_REASON = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")  # a label, SPEC section 4.2


def tools(table: Table) -> dict[str, ToolPolicy]:
    """Return the entries of `tools:`.  Raises `PolicyError` at the first that is not understood."""
    return {name: _tool(name, node) for name, node in mapping(table, "tools").members.items()}


def default_action(table: Table, default: Action) -> Action:
    """Return what happens to a tool that `tools:` does not name.  Raises `PolicyError`."""
    node = table.members.get("default_action")
    if node is None:
        return default
    return _without_runner(node, "default_action")


def _tool(name: str, node: Node) -> ToolPolicy:
    if not isinstance(node, Table):
        raise node.place.error(
            f"tools: {name} is a mapping, not {node.described}", f"write `{name}: {{action: BLOCK}}`"
        )
    _check(name, node)
    action = _action(node.members["action"])
    return ToolPolicy(
        action=action,
        otherwise=_otherwise(name, node, action),
        transform=_transform(name, node, action),
        message=optional_text(node, "message", "a message"),
        reason=_reason(node),
        max_output_tokens=positive(node, "max_output_tokens"),
    )


def _check(name: str, node: Table) -> None:
    if classifier := node.keys.get("classifier"):
        raise classifier.error(
            "a tool's handler says itself which calls it understands", "take `classifier` out: nothing would obey it"
        )
    check_keys(node, _KEYS)
    if executor := node.members.get("executor"):
        choice(executor, "an executor", ("native",))
    if "action" not in node.members:
        raise node.place.error(f"tools: {name} has no action", "add `action: BLOCK`, or another")


def _action(node: Node) -> Action:
    word = text(node, "an action")
    if word not in list(Action):
        raise node.place.error(f"`{word}` is not an action", nearest(word.upper(), [*Action]))
    return Action(word)


def _otherwise(name: str, node: Table, action: Action) -> Action:
    given = node.members.get("otherwise")
    if given is None:
        return Action.BLOCK
    if action is not Action.LOCAL:
        raise given.place.error(f"tools: {name} says otherwise of the action {action}", "only LOCAL may be impossible")
    return _without_runner(given, "otherwise")


def _without_runner(node: Node, key: str) -> Action:
    action = _action(node)
    if action not in _DEFAULT_ACTIONS:
        raise node.place.error(f"{key} cannot be {action}", "write PASS, ASK or BLOCK")
    return action


def _transform(name: str, node: Table, action: Action) -> str | None:
    given = node.members.get("transform")
    if given is None:
        if action is Action.TRANSFORM:
            raise node.place.error(f"tools: {name} does not say which transform", f"add `transform: {REDACT}`")
        return None
    if action is not Action.TRANSFORM:
        raise given.place.error(f"a transform with the action {action}", "write `action: TRANSFORM`")
    return text(given, "a transform")  # which there are, plugins say


def _reason(node: Table) -> str:
    word = optional_text(node, "reason", "a reason")
    if word and not _REASON.fullmatch(word):
        raise node.members["reason"].place.error(
            f"`{word}` is no reason code", "a code is made of a-z 0-9 . _ -, at most 64 of them"
        )
    return word
