"""The policy: which file it is, and what it says.

Knows files and the order in which they add up: what protects Occasio itself, then the built-in policy, then the
person's own.  What the keys mean is in `keys`, what YAML is allowed in `document`, what paths mean in `entries`.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from occasio_core.errors import PolicyError
from occasio_core.home import policy_path
from occasio_core.interfaces import RunningToolHandler, ToolHandler
from occasio_core.model import Action, PathLists, Policy
from occasio_core.policy.document import MAX_BYTES, Place, Table, document
from occasio_core.policy.entries import built_in_entry
from occasio_core.policy.keys import with_keys
from occasio_core.policy.nodes import unknown
from occasio_core.policy.protected import agent_settings
from occasio_core.policy.watching import check_detectors, check_sinks
from occasio_core.redact import REDACT

_DEFAULT = Path(__file__).with_name("default.yml")


def load_policy(path: Path | None, home: Path, cwd: Path | None = None) -> Policy:
    """Return the policy of `path`, by default that of `home`, and where there is none the built-in one.

    Relative entries start from `cwd`, by default the working directory.  The file is read once: `sha256` and `text` are
    those of the bytes that were parsed.  Raises `PolicyError` with file, line and column for anything unclear.
    """
    start = str(cwd or Path.cwd())
    file = path or policy_path(home)
    if path is None and not os.path.lexists(file):
        return built_in(home, start)
    return policy_of(policy_bytes(file), file, home, start)


def policy_of(data: bytes, file: Path, home: Path, cwd: str) -> Policy:
    """Return the policy that `data` says, read from `file`.  Raises `PolicyError` as `load_policy` does."""
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        table = document(data, str(file))
        base = replace(
            _without_lines(built_in(home, cwd)),
            source="user",
            path=str(file.absolute()),
            text=data.decode("utf-8"),
            sha256=sha256,
        )
        return with_keys(base, table, cwd)
    except PolicyError as error:
        error.sha256 = sha256
        raise


def check_tools(policy: Policy, handlers: Iterable[ToolHandler], transforms: Iterable[str] = ()) -> None:
    """Make sure that every tool which `policy` wants to be run locally has a handler, and that its transforms exist.

    Raises `PolicyError` at the entry.
    """
    known_transforms = sorted({REDACT, *transforms})
    runnable = {
        name
        for handler in handlers
        if isinstance(handler, RunningToolHandler)
        for name in sum(handler.tools.items(), ())
    }
    for name, entry in policy.tools.items():
        if entry.action is Action.LOCAL and name not in runnable:
            known = ", ".join(sorted(runnable)) or "none"
            raise _tool_place(policy, name).error(
                f"tools: {name}: no plugin can run this tool locally", f"LOCAL is possible for: {known}"
            )
        if entry.transform is not None and entry.transform not in known_transforms:
            raise unknown(_tool_place(policy, name, "transform"), entry.transform, "transform", known_transforms)


def built_in(home: Path, cwd: str) -> Policy:
    """Return what is in force without a policy of the person's own, and below one."""
    data = _DEFAULT.read_bytes()
    own = built_in_entry(str(home), cwd)
    bare = Policy(
        source="default",
        path=None,
        text=data.decode("utf-8"),
        sha256=hashlib.sha256(data).hexdigest(),
        deny_paths=(own,),  # in both lists: no kind of access, and no exception
        protected_paths=(own, *agent_settings(cwd)),
    )
    policy = with_keys(bare, document(data, _DEFAULT.name), cwd)
    # An entry without a line is nobody's choice: it is held against what a call names, not against what it may name.
    return replace(
        policy,
        deny_hosts=tuple(replace(entry, line=0) for entry in policy.deny_hosts),
        deny_commands=tuple(replace(entry, line=0) for entry in policy.deny_commands),
    )


def _without_lines(policy: Policy) -> Policy:
    """Return `policy` with entries that stand on no line: that of another file would mislead."""
    return replace(
        policy,
        deny_paths=tuple(replace(entry, line=0) for entry in policy.deny_paths),
        allow_paths=tuple(replace(entry, line=0) for entry in policy.allow_paths),
        read=_lists_without_lines(policy.read),
        write=_lists_without_lines(policy.write),
        deny_hosts=tuple(replace(entry, line=0) for entry in policy.deny_hosts),
        allow_hosts=tuple(replace(entry, line=0) for entry in policy.allow_hosts),
        deny_patterns=tuple(replace(entry, line=0) for entry in policy.deny_patterns),
        deny_commands=tuple(replace(entry, line=0) for entry in policy.deny_commands),
        identity_approval=tuple(replace(entry, line=0) for entry in policy.identity_approval),
    )


def _lists_without_lines(lists: PathLists) -> PathLists:
    return PathLists(
        deny=tuple(replace(entry, line=0) for entry in lists.deny),
        allow=tuple(replace(entry, line=0) for entry in lists.allow),
    )


def policy_bytes(file: Path) -> bytes:
    """Return the bytes of `file`, no more than show that it is too long.

    Raises `PolicyError` for what is no regular file or cannot be read.
    """
    start = Place(str(file), 1, 1)
    try:
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a pipe would block here for ever
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise start.error("is not a file")
            with os.fdopen(handle, "rb", closefd=False) as opened:
                return opened.read(MAX_BYTES + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise start.error(f"cannot be read: {error.strerror}") from error


def _tool_place(policy: Policy, name: str, member: str = "") -> Place:
    """Return where `tools:` names the tool, or a member of its entry."""
    file = policy.path or _DEFAULT.name
    tools = document(policy.text.encode(), file).members.get("tools")
    if not isinstance(tools, Table):
        return Place(file, 1, 1)
    entry = tools.members.get(name)
    if isinstance(entry, Table) and member in entry.members:
        return entry.members[member].place
    return tools.keys.get(name, tools.place)


__all__ = [
    "PolicyError",
    "built_in",
    "check_detectors",
    "check_sinks",
    "check_tools",
    "load_policy",
    "policy_bytes",
    "policy_of",
]
