"""Whether everything is ready for a governed run on this machine, and how to mend what is not.

Looks, and changes nothing.  What it cannot see: whether a key is valid, and what an agent does with its settings later.
"""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from occasio_core import daemon
from occasio_core import home as places
from occasio_core.agents_found import FoundAgent, found_agents, version_of
from occasio_core.bypass import BypassError
from occasio_core.doctor import findings
from occasio_core.engine import Engine, engine
from occasio_core.errors import OccasioError
from occasio_core.hooks.install import status, targets
from occasio_core.idle_rules import Level
from occasio_core.launch import AGENTS
from occasio_core.other_providers import check_providers
from occasio_core.policy import load_policy
from occasio_verify import MalformedError, VerifyError, parse_row, walk_log

_WHOLE = 16 << 20  # bytes of a log that are read whole; of a longer one the last row
_LAST = 1 << 20  # bytes that hold a row: SPEC section 15
_PYTHON = (3, 11)
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_NAMES = (
    "ANTHROPIC_BASE_URL",
    "OPENAI_BASE_URL",
    "OPENAI_API_BASE",
    "GOOGLE_GEMINI_BASE_URL",
    "GOOGLE_VERTEX_BASE_URL",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at; without a level it is as it should be."""

    name: str
    message: str
    level: Level | None = None
    hint: str = ""


def checks(home: Path, cwd: Path, environment: Mapping[str, str]) -> Iterator[Check]:
    """Yield what was found for agents that are started in `cwd` by `environment`."""
    yield from _machine(environment)
    yield from _policy(home, cwd, environment)
    yield from _keys(home)
    yield _log(places.log_path(home))
    found = list(found_agents(environment))
    yield from _agents(found)
    try:
        ruled = engine(load_policy(None, home, cwd), home)
    except OccasioError:
        return  # told already
    yield from _hooks(ruled, found, home, cwd, environment)
    yield from _around(cwd, environment)


def is_ready(found: list[Check]) -> bool:
    """Return whether nothing is in the way of a governed run."""
    return all(one.level is not Level.ERROR for one in found)


def _machine(environment: Mapping[str, str]) -> Iterator[Check]:
    here = f"{platform.python_version()} on {platform.system()}"
    if sys.version_info < _PYTHON:
        yield Check(name="python", level=Level.ERROR, message=f"{here} is too old", hint="install Python 3.11 or later")
    elif sys.platform != "linux":
        yield Check(name="python", level=Level.NOTE, message=f"{here}: Linux is tested, this is not")
    else:
        yield Check(name="python", message=here)
    node = shutil.which("node", path=environment.get("PATH", os.defpath))
    npm = shutil.which("npm", path=environment.get("PATH", os.defpath))
    if node is None:
        hint = "needed by most agents and by nothing in Occasio itself"
        yield Check(name="node", level=Level.NOTE, message="not installed", hint=hint)
    else:
        said = f"npm {version_of(Path(npm), 'npm install npm') or 'of an unknown version'}" if npm else "without npm"
        yield Check(name="node", message=f"{node}, {said}")


def _policy(home: Path, cwd: Path, environment: Mapping[str, str]) -> Iterator[Check]:
    wrong = [
        Check(name="policy", level=one.level, message=f"{one.where}: {one.message}", hint=one.hint)
        for one in findings(None, home, cwd, environment)
    ]
    yield from wrong
    if all(one.level is not Level.ERROR for one in wrong):
        path = places.policy_path(home)
        yield Check(name="policy", message=f"{path} holds" if path.exists() else "the built-in one holds")


def _keys(home: Path) -> Iterator[Check]:
    folder = places.keys_path(home)
    keys = sorted(folder.glob("*.pem")) if folder.is_dir() else []
    for key in [*keys, *([home / "token.key"] if (home / "token.key").exists() else [])]:
        if os.name == "posix" and stat.S_IMODE(key.stat().st_mode) & 0o077:
            hint = f"chmod 600 {key}; and make a new one, if others may have read it"
            yield Check(name="keys", level=Level.ERROR, message=f"others may use `{key}`", hint=hint)
    yield Check(name="keys", message=f"{len(keys)} in {folder}" if keys else "none yet; one is made on first use")


def _log(path: Path) -> Check:
    """Return whether the log is whole, as far as can be said quickly."""
    if not path.exists():
        return Check(name="log", message="none yet")
    hint = "occasio audit verify says more, occasio audit repair mends what a crash left"
    try:
        size = path.stat().st_size
        if size <= _WHOLE:
            rows = walk_log(path).chain.rows
            return Check(name="log", message=f"{path} is whole: {rows} rows")
        _last_row(path, size)
    except VerifyError as error:
        if error.code == "log-empty":
            return Check(name="log", message="nothing in it yet")
        return Check(name="log", level=Level.ERROR, message=f"{path}: {error}", hint=hint)
    except (MalformedError, OSError) as error:
        return Check(name="log", level=Level.ERROR, message=f"{path}: {error}", hint=hint)
    return Check(name="log", message=f"{path} ends with a whole row; occasio audit verify reads all")


def _last_row(path: Path, size: int) -> None:
    with path.open("rb") as file:
        file.seek(max(0, size - _LAST))
        end = file.read()
    if not end.endswith(b"\n"):
        raise OSError("its last row is torn")
    parse_row(end[:-1].rpartition(b"\n")[2])


def _agents(found: list[FoundAgent]) -> Iterator[Check]:
    if not found:
        hint = f"one is enough, for example: {AGENTS[0].install}"
        yield Check(name="agents", level=Level.ERROR, message="none that Occasio knows is in PATH", hint=hint)
    for one in found:
        said = f"{one.agent.name} {one.version or 'of an unknown version'}: {one.program}"
        if one.version == one.agent.tried:
            yield Check(name="agents", message=said)
        else:
            hint = "what an agent sends and obeys differs between versions; look at its first run"
            yield Check(name="agents", level=Level.NOTE, message=f"{said}; the tests run {one.agent.tried}", hint=hint)


def _hooks(
    ruled: Engine, found: list[FoundAgent], home: Path, cwd: Path, environment: Mapping[str, str]
) -> Iterator[Check]:
    there = False
    for one in found:
        for target in targets(ruled.registry.hook_dialects.values(), one.agent.name, cwd, home, environment):
            try:
                state = status(target)
            except OccasioError as error:
                yield Check(name="hooks", level=Level.ERROR, message=str(error), hint=error.hint)
                continue
            if state.events and state.missing:
                hint = f"occasio hook install --agent {state.agent} --{target.scope}"
                missing = f"{state.path} lacks {', '.join(state.missing)}"
                yield Check(name="hooks", level=Level.ERROR, message=missing, hint=hint)
            elif state.events:
                yield Check(name="hooks", message=f"{state.agent} asks at {len(state.events)} events: {state.path}")
            there = there or bool(state.events)
    if not there:
        hint = "occasio hook install --agent NAME, for calls that the proxy does not see; the proxy needs none"
        yield Check(name="hooks", level=Level.NOTE, message="in no agent's settings", hint=hint)
    elif daemon.status(home) is None:
        message = "the daemon is not running: outside of `occasio run` every call of these agents is refused"
        yield Check(name="hooks", level=Level.WARNING, message=message, hint="occasio daemon start")


def _around(cwd: Path, environment: Mapping[str, str]) -> Iterator[Check]:
    """Yield what would lead agents past the gate; what the policy's own check says of Claude Code is told there."""
    wrong = False
    for agent in AGENTS:
        try:
            check_providers(agent.name, cwd, environment)
        except BypassError as error:
            wrong = True
            yield Check(name="ways around", level=Level.ERROR, message=str(error), hint=error.hint)
        if around := agent.way_around([], environment):
            wrong = True
            message = f"{around} would lead {agent.name} around the gate"
            name = around.partition("=")[0]
            yield Check(name="ways around", level=Level.ERROR, message=message, hint=f"unset {name}")
    yield from _env_file(cwd / ".env")
    yield from _proxy(environment)
    if not wrong:
        yield Check(name="ways around", message="none in the environment or in the settings of other agents")


def _env_file(path: Path) -> Iterator[Check]:
    """Yield what a project's `.env` says of providers: agents that are not started by Occasio obey it."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        name = line.strip().removeprefix("export ").partition("=")[0].strip()
        if name in _NAMES:
            hint = "an agent that `occasio` starts does not follow it; one that is started alone does"
            yield Check(name="ways around", level=Level.NOTE, message=f"{path} sets {name}", hint=hint)


def _proxy(environment: Mapping[str, str]) -> Iterator[Check]:
    for name in _PROXIES:
        if environment.get(name):
            message = f"{name} is set: Occasio asks the model's provider through it, agents reach Occasio without it"
            yield Check(name="ways around", level=Level.NOTE, message=message)
            return
