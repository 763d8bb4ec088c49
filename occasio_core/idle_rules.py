"""Rules of a policy that do nothing, or something else than they look like: found by asking the engine without them.

Only what the person wrote is looked at.  An entry with wildcards is tried on one path that it fits, so what is said of
those is a note.  Knows the engine, and the disk no further than names.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path

from occasio_core.engine import Engine, supposed
from occasio_core.model import Action, HostEntry, PathEntry, PathLists, Policy
from occasio_core.policy.describe import statements

_MOST_SAMPLES = 1000  # names of a directory that are looked at for one that was meant
_ORDINARY = ("the quick brown fox", "def main(): return 0", "git status", "README.md")
# Hosts that developers name, to find slips of the pen by.
_WELL_KNOWN = (
    *("github.com", "gitlab.com", "bitbucket.org", "pypi.org", "npmjs.org", "crates.io", "rubygems.org", "golang.org"),
    *("docker.io", "debian.org", "ubuntu.com", "googleapis.com", "amazonaws.com", "anthropic.com", "openai.com"),
)
_DENIED = frozenset({"path-denied", "path-protected"})


class Level(StrEnum):
    """How bad it is: an error opens the gate or keeps it shut, a warning is likely a slip, a note is good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found.  `where` is a file with a line, or a directory."""

    level: Level
    where: str
    message: str
    hint: str = ""


def idle_rules(engine: Engine, cwd: Path) -> Iterator[Finding]:
    """Yield what the person's own policy says without effect, or likely did not mean."""
    if engine.policy.source != "user":
        return
    yield from _paths(engine, cwd)
    yield from _hosts(engine, cwd)
    yield from _tools(engine)
    yield from _patterns(engine.policy)
    yield from _switches(engine.policy)


def _paths(engine: Engine, cwd: Path) -> Iterator[Finding]:
    policy = engine.policy
    for key, lists, tool in _lists(policy):
        for entry in lists.deny:
            if entry.line and entry.is_exception:
                yield from _exception(engine, key, entry, tool, cwd)
            elif entry.line:
                yield from _denial(engine, key, entry, tool, cwd)
        for entry in lists.allow:
            if entry.line:
                yield from _allowance(engine, key, entry, tool, cwd)


def _lists(policy: Policy) -> tuple[tuple[str, PathLists, str], ...]:
    common = PathLists(deny=policy.deny_paths, allow=policy.allow_paths)
    return ("", common, "Read"), ("read.", policy.read, "Read"), ("write.", policy.write, "Write")


def _exception(engine: Engine, key: str, entry: PathEntry, tool: str, cwd: Path) -> Iterator[Finding]:
    path = _sample(entry)
    where = _where(engine.policy, entry.line)
    if _refused(engine, tool, path, cwd, {"path-protected"}):
        message = f"{key}deny_paths: {entry.text} opens nothing: what it names is protected in every policy"
        yield Finding(level=Level.WARNING, where=where, message=message, hint="take it out")
    elif not _refused(engine.under(_without(engine.policy, entry)), tool, path, cwd, {"path-denied"}):
        message = f"{key}deny_paths: {entry.text} opens nothing: no entry denies it"
        yield Finding(level=_level(entry), where=where, message=message, hint="take it out, or look for a slip in it")


def _denial(engine: Engine, key: str, entry: PathEntry, tool: str, cwd: Path) -> Iterator[Finding]:
    where = _where(engine.policy, entry.line)
    if covering := _refused(engine.under(_without(engine.policy, entry)), tool, _sample(entry), cwd, _DENIED):
        message = f"{key}deny_paths: {entry.text} adds nothing: {covering} covers it"
        yield Finding(level=Level.NOTE, where=where, message=message, hint="take one of them out")
    yield from _slip(f"{key}deny_paths: {entry.text}", entry, where)


def _allowance(engine: Engine, key: str, entry: PathEntry, tool: str, cwd: Path) -> Iterator[Finding]:
    path = _sample(entry)
    where = _where(engine.policy, entry.line)
    if denying := _refused(engine, tool, path, cwd, _DENIED):
        message = f"{key}allow_paths: {entry.text} allows nothing: {denying} denies it, and deny wins"
        hint = f'an exception opens it: `- "!{entry.text}"` in deny_paths'
        yield Finding(level=Level.WARNING, where=where, message=message, hint=hint)
    elif not _is_wild(entry) and not os.path.lexists(path):
        message = f"{key}allow_paths: {entry.text} is not there"
        yield Finding(level=Level.WARNING, where=where, message=message, hint=_near(Path(path)))


def _slip(rule: str, entry: PathEntry, where: str) -> Iterator[Finding]:
    """Yield an entry that names nothing where something of nearly that name is."""
    path = Path(_sample(entry))
    if not _is_wild(entry) and not os.path.lexists(path) and (hint := _near(path)):
        yield Finding(level=Level.WARNING, where=where, message=f"{rule} is not there", hint=hint)


def _near(path: Path) -> str:
    try:
        names = [one.name for _, one in zip(range(_MOST_SAMPLES), os.scandir(path.parent), strict=False)]
    except OSError:
        return ""
    near = get_close_matches(path.name, names, n=1, cutoff=0.85)
    return f"did you mean `{path.parent / near[0]}`?" if near else ""


def _hosts(engine: Engine, cwd: Path) -> Iterator[Finding]:
    policy = engine.policy
    for entry in policy.allow_hosts:
        if entry.line and entry.name and not entry.below:
            decided = engine.rule(supposed("WebFetch", {"url": f"https://{entry.name}/"}, cwd)).decision.first
            if decided.reason == "host-denied":
                message = f"allow_hosts: {entry.text} allows nothing: {decided.rule} denies it, and deny wins"
                yield Finding(level=Level.WARNING, where=_where(policy, entry.line), message=message)
    for key, entries in (("deny_hosts", policy.deny_hosts), ("allow_hosts", policy.allow_hosts)):
        for entry in entries:
            if entry.line and (hint := _host_slip(entry)):
                message = f"{key}: {entry.text} looks like a slip"
                yield Finding(level=Level.WARNING, where=_where(policy, entry.line), message=message, hint=hint)


def _host_slip(entry: HostEntry) -> str:
    if not entry.name or entry.name == "localhost":
        return ""
    if "." not in entry.name:
        return "a host of the internet has a dot in its name"
    domain = ".".join(entry.name.split(".")[-2:])
    near = get_close_matches(domain, _WELL_KNOWN, n=1, cutoff=0.85)
    return f"did you mean `{near[0]}`?" if near and domain not in _WELL_KNOWN else ""


def _tools(engine: Engine) -> Iterator[Finding]:
    handlers = engine.registry.tool_handlers.values()
    known = {name for handler in handlers for pair in handler.tools.items() for name in pair}
    for name in engine.policy.tools:
        near = get_close_matches(name, sorted(known), n=1, cutoff=0.75)
        if name not in known and near:
            message = f"tools: {name} is no tool that Occasio knows"
            yield Finding(
                level=Level.WARNING,
                where=_where(engine.policy, _line(engine.policy, f"tools: {name}")),
                message=message,
                hint=f"did you mean `{near[0]}`?",
            )


def _patterns(policy: Policy) -> Iterator[Finding]:
    lists = (("deny_patterns", policy.deny_patterns), ("deny_commands", policy.deny_commands))
    for key, entries in (*lists, ("identity_approval", policy.identity_approval)):
        for entry in entries:
            if entry.line and all(map(entry.pattern.finds, _ORDINARY)):
                message = f"{key}: {entry.label} fits every text that was tried"
                where = _where(policy, entry.line)
                yield Finding(level=Level.WARNING, where=where, message=message, hint="say more of what it looks for")


def _switches(policy: Policy) -> Iterator[Finding]:
    where = _where(policy, _line(policy, "block_secrets_in_tool_results"))
    if not (policy.block_secrets_in_tool_results or policy.redact_secrets_in_tool_results):
        message = "secrets in results of tools reach the model: both switches against it are off"
        yield Finding(
            level=Level.WARNING, where=where, message=message, hint="set redact_secrets_in_tool_results: true"
        )
    if policy.default_action is Action.BLOCK and not any(
        entry.action is not Action.BLOCK for entry in policy.tools.values()
    ):
        where = _where(policy, _line(policy, "default_action"))
        message = "every tool is refused: default_action is BLOCK, and no entry of `tools:` lets one pass"
        yield Finding(level=Level.WARNING, where=where, message=message)


def _without(policy: Policy, entry: PathEntry) -> Policy:
    """Return the policy without this entry, wherever it stands."""

    def left(entries: tuple[PathEntry, ...]) -> tuple[PathEntry, ...]:
        return tuple(one for one in entries if one is not entry)

    return replace(
        policy,
        deny_paths=left(policy.deny_paths),
        read=replace(policy.read, deny=left(policy.read.deny)),
        write=replace(policy.write, deny=left(policy.write.deny)),
    )


def _refused(engine: Engine, tool: str, path: str, cwd: Path, reasons: Collection[str]) -> str:
    """Return the rule that refuses the path for one of these reasons, whatever else does; empty if none does."""
    decision = engine.rule(supposed(tool, {"file_path": path}, cwd)).decision
    found = [reason.opinion for reason in decision.reasons if reason.opinion.reason in reasons]
    return (found[0].rule or found[0].reason) if found else ""


def _sample(entry: PathEntry) -> str:
    """Return a path that the entry fits."""
    return entry.forms[0].replace("**", "any").replace("*", "x").replace("?", "x")


def _is_wild(entry: PathEntry) -> bool:
    return "*" in entry.forms[0] or "?" in entry.forms[0]


def _level(entry: PathEntry) -> Level:
    return Level.NOTE if _is_wild(entry) else Level.WARNING


def _line(policy: Policy, subject: str) -> int:
    return next((one.line for one in statements(policy) if one.subject == subject), 0)


def _where(policy: Policy, line: int) -> str:
    path = policy.path or "the built-in policy"
    return f"{path}:{line}" if line else path
