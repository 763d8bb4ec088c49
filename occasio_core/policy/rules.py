"""What the policy says of hosts, texts, commands and amounts.

Knows trees, not files.  Patterns are RE2's: they match anywhere in what they look at, and see upper and lower case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace

from occasio_core.linear import LinearPattern, linear_pattern
from occasio_core.model import CommandEntry, HostEntry, Limits, PathEntry, PathLists, TextPattern
from occasio_core.policy.document import Node, Place, Scalar, Table
from occasio_core.policy.entries import allow_entry, deny_entry
from occasio_core.policy.hosts import host_entry
from occasio_core.policy.nodes import check_keys, choice, listing, mapping, optional_text, positive, text

_PATH_LISTS = ("deny_paths", "allow_paths")
_DENIED_KEYS = ("command_regex", "message")
_ASKED_KEYS = ("command_regex", "actor_type", "target_class", "reason", "message")
_PATTERN_KEYS = ("regex", "message")
_ACTORS = ("ai_agent",)
# What a command reaches, as approvals show it.
CLASSES = ("cloud", "development", "production", "secrets", "staging", "test", "unknown")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LIMITS = tuple(field.name for field in fields(Limits))

_Made = Callable[[str, Place, str], PathEntry]


def denied_paths(table: Table, cwd: str) -> tuple[PathEntry, ...]:
    """Return the entries of `deny_paths`.  Raises `PolicyError`."""
    return tuple(_paths(table, "deny_paths", deny_entry, cwd))


def allowed_paths(table: Table, cwd: str) -> tuple[PathEntry, ...]:
    """Return the entries of `allow_paths`.  Raises `PolicyError`."""
    return tuple(_paths(table, "allow_paths", allow_entry, cwd))


def path_lists(table: Table, key: str, base: PathLists, cwd: str) -> PathLists:
    """Return `base` with what `read:` or `write:` adds.  Raises `PolicyError`."""
    given = mapping(table, key)
    check_keys(given, _PATH_LISTS)
    return PathLists(deny=(*base.deny, *denied_paths(given, cwd)), allow=(*base.allow, *allowed_paths(given, cwd)))


def hosts(table: Table, key: str) -> tuple[HostEntry, ...]:
    """Return the entries of `deny_hosts` or `allow_hosts`.  Raises `PolicyError`."""
    return tuple(host_entry(name, place, message) for name, place, message in _entries(table, key, "host"))


def patterns(table: Table, key: str) -> tuple[TextPattern, ...]:
    """Return the entries of `deny_patterns`, or of another table of patterns.  Raises `PolicyError`."""
    return tuple(_pattern(label, node, key) for label, node in labelled(table, key))


def denied_commands(table: Table) -> tuple[CommandEntry, ...]:
    """Return the entries of `deny_commands`.  Raises `PolicyError`."""
    return tuple(_command(label, node, _DENIED_KEYS) for label, node in labelled(table, "deny_commands"))


def asked_commands(table: Table) -> tuple[CommandEntry, ...]:
    """Return the entries of `identity_approval`.  Raises `PolicyError`."""
    return tuple(_command(label, node, _ASKED_KEYS) for label, node in labelled(table, "identity_approval"))


def limits(table: Table, base: Limits) -> Limits:
    """Return `base` with what `limits:` says.  Raises `PolicyError`."""
    given = mapping(table, "limits")
    check_keys(given, _LIMITS)
    said = {name: amount for name in _LIMITS if (amount := positive(given, name)) is not None}
    return replace(base, **said)


def _paths(table: Table, key: str, made: _Made, cwd: str) -> Iterator[PathEntry]:
    for path, place, message in _entries(table, key, "path"):
        entry = made(path, place, cwd)
        yield replace(entry, message=message) if message else entry


def _entries(table: Table, key: str, member: str) -> Iterator[tuple[str, Place, str]]:
    """Yield each entry of a list: a text, or a mapping of that text and a message."""
    for item in listing(table, key).items:
        if isinstance(item, Table):
            check_keys(item, (member, "message"))
            if member not in item.members:
                raise item.place.error(f"an entry of {key} has no {member}", f"add `{member}:`")
            node = item.members[member]
            yield text(node, f"a {member}"), node.place, optional_text(item, "message", "a message")
        else:
            yield text(item, f"an entry of {key}"), item.place, ""


def labelled(table: Table, key: str) -> Iterable[tuple[str, Node]]:
    """Return the members of a table whose keys are labels.  Raises `PolicyError`."""
    given = mapping(table, key)
    for label, place in given.keys.items():
        if not _LABEL.fullmatch(label):
            raise place.error(f"`{label}` is no label", "a label is made of letters, digits and `._-`, at most 64")
    return given.members.items()


def _pattern(label: str, node: Node, key: str) -> TextPattern:
    if isinstance(node, Table):
        check_keys(node, _PATTERN_KEYS)
        source = _member(node, "regex", f"{key}: {label}")
        message = optional_text(node, "message", "a message")
    else:
        source, message = node, ""
    return TextPattern(label=label, pattern=_compiled(source), line=node.place.line, message=message)


def _command(label: str, node: Node, known: tuple[str, ...]) -> CommandEntry:
    if isinstance(node, Scalar):
        return CommandEntry(label=label, pattern=_compiled(node), line=node.place.line)
    if not isinstance(node, Table):
        raise node.place.error(f"{label} is a mapping, not {node.described}", "write `command_regex:` in it")
    check_keys(node, known)
    if actor := node.members.get("actor_type"):
        choice(actor, "an actor_type", _ACTORS)
    target = node.members.get("target_class")
    return CommandEntry(
        label=label,
        pattern=_compiled(_member(node, "command_regex", label)),
        reason=optional_text(node, "reason", "a reason"),
        target_class="unknown" if target is None else choice(target, "a target_class", CLASSES),
        line=node.place.line,
        message=optional_text(node, "message", "a message"),
    )


def _member(node: Table, key: str, what: str) -> Node:
    if key not in node.members:
        raise node.place.error(f"{what} has no {key}", f"add `{key}:`")
    return node.members[key]


def _compiled(node: Node) -> LinearPattern:
    source = text(node, "a regular expression")
    try:
        compiled = linear_pattern(source)
    except ValueError as error:
        raise node.place.error(f"`{source}`: {error}", "RE2 reads it, which knows no look-around and no \\1") from None
    if compiled.finds(""):
        raise node.place.error(f"`{source}` fits an empty text", "say what it looks for")
    return compiled
