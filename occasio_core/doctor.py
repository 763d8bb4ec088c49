"""Everything that is wrong around a policy: in its file, with its rules, and with what could lead past it.

Looks and asks, and changes nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from occasio_core import home as places
from occasio_core.bypass import BypassError, check_bypass
from occasio_core.engine import Engine, engine, supposed
from occasio_core.errors import OccasioError, PolicyError
from occasio_core.idle_rules import Finding, Level, idle_rules
from occasio_core.model import Action, Policy
from occasio_core.policy import load_policy, policy_bytes
from occasio_core.policy.difference import differences
from occasio_core.policy.lock import NAME as LOCK
from occasio_core.policy.lock import locked, read_lock
from occasio_core.policy.schema import NAME as SCHEMA
from occasio_core.policy.schema import schema_bytes
from occasio_core.validity import problems

_HAS_MODES = os.name == "posix"


def findings(path: Path | None, home: Path, cwd: Path, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is wrong with the policy at `path`, by default that of `home`, for an agent that works in `cwd`."""
    file = path or places.policy_path(home)
    yield from _directory(home)
    unusable = list(_unusable(file, home, cwd)) if path or os.path.lexists(file) else []
    yield from unusable
    if unusable:
        return
    policy = load_policy(path, home, cwd)
    governing = engine(policy, home)
    if policy.path:
        yield from _file(Path(policy.path))
        yield from _beside(policy)
    yield from _reach(governing, home, cwd)
    yield from idle_rules(governing, cwd)
    try:
        check_bypass(cwd, environment, [one.base_url_variable for one in governing.registry.adapters.values()])
    except BypassError as error:
        yield Finding(level=Level.ERROR, where=str(cwd), message=str(error), hint=error.hint)


def _unusable(file: Path, home: Path, cwd: Path) -> Iterator[Finding]:
    try:
        data = policy_bytes(file)
    except PolicyError as error:
        message = str(error).removeprefix(f"{file}:1:1: ")
        yield Finding(level=Level.ERROR, where=str(file), message=message, hint=error.hint)
        return
    for problem in problems(data, file, home, cwd):
        message = str(problem).removeprefix(f"{file}:").removeprefix(f"{file.absolute()}:")
        line, _, rest = message.partition(":")
        where = f"{file}:{line}" if line.isdigit() else str(file)
        said = rest.partition(": ")[2] if line.isdigit() else message
        yield Finding(level=Level.ERROR, where=where, message=said, hint=problem.hint)


def _directory(home: Path) -> Iterator[Finding]:
    if not _HAS_MODES or not home.exists():
        return
    found = home.stat()
    if found.st_uid != os.geteuid():
        yield Finding(level=Level.ERROR, where=str(home), message="belongs to another user")
    if found.st_mode & 0o022:
        hint = f"chmod 700 {home}, if nobody has"
        yield Finding(level=Level.ERROR, where=str(home), message="others may write to it", hint=hint)
    elif stat.S_IMODE(found.st_mode) & 0o077:
        yield Finding(level=Level.WARNING, where=str(home), message="others may look into it", hint=f"chmod 700 {home}")


def _file(file: Path) -> Iterator[Finding]:
    if not _HAS_MODES:
        return
    found = file.stat()
    if found.st_uid not in {os.geteuid(), 0}:
        yield Finding(level=Level.ERROR, where=str(file), message="belongs to another user")
    if found.st_mode & 0o022:
        yield Finding(level=Level.ERROR, where=str(file), message="others may change it", hint=f"chmod go-w {file}")


def _beside(policy: Policy) -> Iterator[Finding]:
    """Yield what is out of date beside the policy: its lock, and the schema that its editor uses."""
    folder = Path(policy.path or "").parent
    schema, lock = folder / SCHEMA, folder / LOCK
    if schema.is_file() and schema.read_bytes() != schema_bytes():
        message = "is that of another version of Occasio"
        hint = f"occasio policy init --path {folder / 'new.yml'} writes today's beside it"
        yield Finding(level=Level.NOTE, where=str(schema), message=message, hint=hint)
    if lock.is_file():
        try:
            found = differences(read_lock(lock.read_bytes(), str(lock)).rules, locked(policy).rules)
        except OccasioError as error:
            yield Finding(level=Level.WARNING, where=str(lock), message=str(error), hint=error.hint)
            return
        if found:
            message = f"the policy in force differs from its lock in {len(found)} rule{'s'[: len(found) != 1]}"
            yield Finding(level=Level.WARNING, where=str(lock), message=message, hint="occasio policy diff shows them")


def _reach(governing: Engine, home: Path, cwd: Path) -> Iterator[Finding]:
    """Yield what an agent could change that the gate rests on."""
    policy = Path(governing.policy.path).resolve() if governing.policy.path else None
    for path in (policy, places.log_path(home)):
        if path and _may_write(governing, path, cwd):
            message = "an agent may change it"
            hint = f"keep it in {home}, or deny it: `write: {{deny_paths: [{path}]}}`"
            yield Finding(level=Level.ERROR, where=str(path), message=message, hint=hint)


def _may_write(governing: Engine, path: Path, cwd: Path) -> bool:
    call = supposed("Write", {"file_path": str(path), "content": ""}, cwd)
    return governing.rule(call).decision.action is not Action.BLOCK
