"""What a policy says, statement by statement, whatever file it came from and in whatever order.

Two policies with the same statements decide alike.  Left out is what no policy can change: the paths that are protected
in all of them.  Knows every key of a policy; it does not know files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

from occasio_core.detection.finding import Detection
from occasio_core.model import (
    Action,
    CommandEntry,
    ComputerUse,
    HostEntry,
    PathEntry,
    PathLists,
    Policy,
    TextPattern,
    ToolPolicy,
)
from occasio_core.policy.document import Table, document
from occasio_core.policy.keys import SWITCHES
from occasio_verify import Json, canonical

# What is no statement of the policy: where it came from, what every policy has, and what the command line adds.
NO_RULES = frozenset({"source", "path", "text", "sha256", "protected_paths", "preset", "hardened"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that a policy says.

    `key` is the key of the policy, `name` the entry below it (a path, a host, a tool, a label; empty for a switch),
    `value` what is said of it.  `line` is where the file says so, 0 where the built-in policy does.
    """

    key: str
    name: str
    value: str
    line: int = 0

    @property
    def subject(self) -> str:
        """Return the key and the entry, as rules are called in decisions."""
        return f"{self.key}: {self.name}" if self.name else self.key


def statements(policy: Policy) -> tuple[Statement, ...]:
    """Return everything that `policy` says, key by key, the entries of each sorted; each once."""
    lines = _lines(policy) if policy.source == "user" else {}
    found: dict[str, Statement] = {}
    for key, name, value, line in _said(policy):
        own = lines.get((key, name), line if policy.source == "user" else 0)
        one = Statement(key=key, name=name, value=value, line=own)
        said = found.setdefault(f"{one.subject}\0{value}", one)
        if one.line and not said.line:  # the person's own word for what is built in, too
            found[f"{one.subject}\0{value}"] = one
    return tuple(sorted(found.values(), key=lambda one: (_order(one.key), one.name, one.value)))


def _said(policy: Policy) -> Iterator[tuple[str, str, str, int]]:
    yield "version", "", str(policy.version), 0
    yield "default_action", "", policy.default_action.value, 0
    yield from ((name, "", "true" if getattr(policy, name) else "false", 0) for name in SWITCHES)
    yield from _paths("deny_paths", (entry for entry in policy.deny_paths if entry not in policy.protected_paths))
    yield from _paths("allow_paths", policy.allow_paths)
    for key, lists in (("read", policy.read), ("write", policy.write)):
        yield from _lists(key, lists)
    yield from _hosts("deny_hosts", policy.deny_hosts)
    yield from _hosts("allow_hosts", policy.allow_hosts)
    yield from _labelled("deny_patterns", policy.deny_patterns)
    yield from _labelled("deny_commands", policy.deny_commands)
    yield from _labelled("identity_approval", policy.identity_approval)
    for limit in fields(policy.limits):
        if (amount := getattr(policy.limits, limit.name)) is not None:
            yield "limits", limit.name, str(amount), 0
    yield from _screen(policy.computer_use)
    yield "checkpoint_every", "", str(policy.checkpoint_every), 0
    yield from (("tools", name, _tool(entry), 0) for name, entry in policy.tools.items())
    yield from (("plugins", name, canonical(told).decode(), 0) for name, told in policy.plugins.items())
    yield from _watching(policy.detectors)
    yield from (("sinks", name, canonical(told).decode(), 0) for name, told in policy.sinks.items())


def _paths(key: str, entries: Iterable[PathEntry]) -> Iterator[tuple[str, str, str, int]]:
    return ((key, entry.text, entry.message, entry.line) for entry in entries)


def _lists(key: str, lists: PathLists) -> Iterator[tuple[str, str, str, int]]:
    yield from _paths(f"{key}.deny_paths", lists.deny)
    yield from _paths(f"{key}.allow_paths", lists.allow)


def _hosts(key: str, entries: Iterable[HostEntry]) -> Iterator[tuple[str, str, str, int]]:
    return ((key, entry.text, entry.message, entry.line) for entry in entries)


def _labelled(key: str, entries: Iterable[CommandEntry | TextPattern]) -> Iterator[tuple[str, str, str, int]]:
    for entry in entries:
        told: dict[str, Json] = {"message": entry.message}
        if isinstance(entry, CommandEntry):
            told |= {"reason": entry.reason, "target_class": entry.target_class}
        yield key, entry.label, " ".join([entry.pattern.text, *_members(told)]), entry.line


def _screen(said: ComputerUse) -> Iterator[tuple[str, str, str, int]]:
    yield from _labelled("computer_use.deny_keyboard_patterns", said.deny_keyboard_patterns)
    yield from _labelled("computer_use.deny_command_patterns", said.deny_command_patterns)
    for region in said.deny_screen_regions:
        sides = f"{region.left},{region.top} {region.right},{region.bottom}"
        yield "computer_use.deny_screen_regions", region.label, f"{sides} {region.message}".rstrip(), region.line
    yield from _hosts("computer_use.allow_browser_hosts", said.allow_browser_hosts)
    if said.max_clicks_per_minute is not None:
        yield "computer_use.max_clicks_per_minute", "", str(said.max_clicks_per_minute), 0


def _watching(said: Detection) -> Iterator[tuple[str, str, str, int]]:
    yield "detectors.window_seconds", "", str(said.window_seconds), 0
    yield "detectors.threshold_percent", "", str(said.threshold_percent), 0
    yield from (("detectors.disabled", name, "", 0) for name in said.disabled)
    yield from (("detectors.options", name, canonical(told).decode(), 0) for name, told in said.options.items())


def _tool(entry: ToolPolicy) -> str:
    told: dict[str, Json] = {
        "otherwise": entry.otherwise.value if entry.action is Action.LOCAL else "",
        "transform": entry.transform or "",
        "reason": entry.reason,
        "message": entry.message,
        "max_output_tokens": entry.max_output_tokens or "",
    }
    return " ".join([entry.action.value, *_members(told)])


def _members(told: Mapping[str, Json]) -> Iterator[str]:
    return (f"{name}={canonical(value).decode()}" for name, value in told.items() if value != "")


def _order(key: str) -> tuple[int, str]:
    """Return what sorts the keys: what holds for everything first, then lists, then tables."""
    first = ("version", "default_action", *SWITCHES)
    return (first.index(key), "") if key in first else (len(first), key)


def _lines(policy: Policy) -> dict[tuple[str, str], int]:
    """Return on which line the file says what the model does not keep the line of."""
    table = document(policy.text.encode(), policy.path or "")
    lines = {(key, ""): place.line for key, place in table.keys.items()}
    for key in ("tools", "limits", "plugins", "sinks"):
        member = table.members.get(key)
        if isinstance(member, Table):
            lines |= {(key, name): place.line for name, place in member.keys.items()}
    return lines
