"""What the keys of a policy mean, one function for each.

Knows trees, not files.  A key that is not known is refused: a rule that is not enforced must not look as if it were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from occasio_core.model import CommandEntry, Policy
from occasio_core.policy.document import Listing, Node, Place, Scalar, Table
from occasio_core.policy.nodes import check_keys, mapping, positive, settings, switch, text
from occasio_core.policy.rules import (
    allowed_paths,
    asked_commands,
    denied_commands,
    denied_paths,
    hosts,
    limits,
    path_lists,
    patterns,
)
from occasio_core.policy.screen import computer_use
from occasio_core.policy.tools import default_action, tools
from occasio_core.policy.watching import detectors, sinks
from occasio_verify import Json

BUILT_IN = "occasio"

SWITCHES = (
    "block_secrets_in_tool_results",
    "redact_secrets_in_tool_results",
    "distill_tool_results",
    "block_requests_over_budget",
    "entropy_secret_detection",
    "keep_shortened_results",
)
KEYS = (
    "version",
    "default_action",
    "deny_paths",
    "allow_paths",
    "read",
    "write",
    "deny_hosts",
    "allow_hosts",
    "deny_patterns",
    "deny_commands",
    "identity_approval",
    "limits",
    "computer_use",
    "checkpoint_every",
    "tools",
    "plugins",
    "detectors",
    "sinks",
    *SWITCHES,
)


def with_keys(base: Policy, table: Table, cwd: str) -> Policy:
    """Return `base` with everything that `table` says; lists and tables add to those of `base`.

    Raises `PolicyError` at the first thing that is not known or not of its type.
    """
    check_keys(table, KEYS)
    _check_version(table.members.get("version"))
    return replace(
        base,
        default_action=default_action(table, base.default_action),
        deny_paths=(*base.deny_paths, *denied_paths(table, cwd)),
        allow_paths=(*base.allow_paths, *allowed_paths(table, cwd)),
        read=path_lists(table, "read", base.read, cwd),
        write=path_lists(table, "write", base.write, cwd),
        deny_hosts=(*base.deny_hosts, *hosts(table, "deny_hosts")),
        allow_hosts=(*base.allow_hosts, *hosts(table, "allow_hosts")),
        deny_patterns=(*base.deny_patterns, *patterns(table, "deny_patterns")),
        deny_commands=_by_label(base.deny_commands, denied_commands(table)),
        identity_approval=_by_label(base.identity_approval, asked_commands(table)),
        limits=limits(table, base.limits),
        computer_use=computer_use(table, base.computer_use),
        tools=MappingProxyType({**base.tools, **tools(table)}),
        plugins=MappingProxyType({**base.plugins, **_plugins(table)}),
        detectors=detectors(table, base.detectors),
        sinks=MappingProxyType({**base.sinks, **sinks(table)}),
        block_secrets_in_tool_results=_switched(table, "block_secrets_in_tool_results", base),
        redact_secrets_in_tool_results=_switched(table, "redact_secrets_in_tool_results", base),
        distill_tool_results=_switched(table, "distill_tool_results", base),
        block_requests_over_budget=_switched(table, "block_requests_over_budget", base),
        entropy_secret_detection=_switched(table, "entropy_secret_detection", base),
        keep_shortened_results=_switched(table, "keep_shortened_results", base),
        checkpoint_every=positive(table, "checkpoint_every") or base.checkpoint_every,
    )


def _by_label(base: tuple[CommandEntry, ...], added: tuple[CommandEntry, ...]) -> tuple[CommandEntry, ...]:
    """Return the entries; one of a label that the base has too takes its place, so that a person can change it."""
    labels = {entry.label for entry in added}
    return (*(entry for entry in base if entry.label not in labels), *added)


def _switched(table: Table, key: str, base: Policy) -> bool:
    return switch(table, key, bool(getattr(base, key)))


def _check_version(node: Node | None) -> None:
    match node:
        case None | Scalar(kind="int", text="1"):
            return
        case Scalar(kind="int", text=number):
            raise node.place.error(f"version {number} of the policy language is not known", "write `version: 1`")
        case _:
            raise node.place.error(f"version is a number, not {node.described}", "write `version: 1`")


def _plugins(table: Table) -> dict[str, Mapping[str, Json]]:
    node = table.members.get("plugins")
    if isinstance(node, Listing):
        names = [(text(item, "the name of a plugin"), item.place) for item in node.items]
        _check_once(names)
        given: dict[str, Mapping[str, Json]] = {name: MappingProxyType({}) for name, _ in names}
    else:
        found = mapping(table, "plugins")
        names = list(found.keys.items())
        given = {name: settings(name, member) for name, member in found.members.items()}
    for name, place in names:
        if name == BUILT_IN:
            raise place.error(f"the plugins of `{BUILT_IN}` itself are always loaded", "take the name out")
    return given


def _check_once(names: Iterable[tuple[str, Place]]) -> None:
    seen: set[str] = set()
    for name, place in names:
        if name in seen:
            raise place.error(f"the plugin {name} is named twice", "keep one of them")
        seen.add(name)
