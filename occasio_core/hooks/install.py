"""Putting our hooks into an agent's settings, taking them out again, and seeing whether they are there.

What we cannot read we do not touch: an agent's reader may be more lenient than ours, and what we would write back could
mean something else to it.  Nothing of others is changed; the file as it was is kept beside it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from occasio_core.errors import OccasioError, UsageError
from occasio_core.files import write_whole
from occasio_core.hooks.event import Installation, Scope
from occasio_core.hooks.place import NAME, command_line, interpreter
from occasio_core.interfaces import HookDialect
from occasio_verify import Json, MalformedError, parse_json

BACKUP = ".before-occasio"
_HOOKS = "hooks"
_URL = re.compile(r"http://127\.0\.0\.1:[0-9]+/[A-Za-z0-9_-]{43}/[a-z0-9.-]+")  # the daemon's, with its secret
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What was found: where, and for which of the agent's events our hook is there, and for which it is not."""

    agent: str
    scope: Scope
    path: Path
    events: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One agent, and whose settings.  `home` is the person's, `cwd` the project's, `place` Occasio's directory."""

    dialect: HookDialect
    scope: Scope
    home: Path
    cwd: Path
    place: Path
    environment: Mapping[str, str]
    url: str = ""  # where the agent posts events to, empty for one that starts our program

    @property
    def path(self) -> Path:
        """The file, or the directory of programs.  Raises `UsageError` where the agent has none for this scope."""
        installation = self.dialect.installation
        text = installation.paths.get(self.scope)
        if text is None:
            known = ", ".join(f"--{scope}" for scope in installation.paths)
            raise UsageError(
                f"{self.dialect.name} has no {self.scope} settings for hooks that Occasio can write",
                hint=f"it has: {known}",
            )
        start, _, rest = text.partition("/")
        if start == "~" and (moved := self.environment.get(installation.moved_by or "-")):
            return Path(moved, rest.partition("/")[2])
        return {"~": self.home, ".": self.cwd}.get(start, Path("/")) / rest

    def command(self, wait: int) -> str:
        """Return what the agent starts.  Everybody's settings find the home of whoever runs the agent."""
        home = None if self.scope is Scope.MANAGED else self.place
        return command_line(self.place / NAME, self.dialect.name, home=home, wait=wait)


def install(target: Target) -> bool:
    """Put our hooks in; return whether anything had to be changed.  Raises `OccasioError`."""
    if target.dialect.installation.scripts:
        return _install_scripts(target)
    data, settings = _read(target.path)
    wanted = _with(_without(settings, target), target)
    if settings == wanted:
        return False
    if data is not None and status(target).events == ():
        _write(target.path.with_name(target.path.name + BACKUP), data)
    _write(target.path, _text(wanted, data), is_secret=bool(target.url))
    return True


def check_posts(installation: Installation, environment: Mapping[str, str]) -> None:
    """Make sure that the agent posts events, and refuses where that fails.  Raises `UsageError`."""
    if not installation.program:
        raise UsageError("this agent cannot post its events", hint="leave --http out")
    command = [installation.program, "--version"]
    try:
        told = subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        raise UsageError(f"`{' '.join(command)}` cannot be run", hint="is the agent installed, and in PATH?") from None
    found = _VERSION.search(told.stdout)
    version = tuple(int(number) for number in found[0].split(".")) if found else ()
    if version < installation.posts_since:
        since = ".".join(map(str, installation.posts_since))
        raise UsageError(
            f"{installation.program} {found[0] if found else 'of an unknown version'} lets calls through when a post "
            f"fails; {since} and later do not",
            hint="leave --http out: the hook's program refuses",
        )


def uninstall(target: Target) -> bool:
    """Take our hooks out, and nothing else; return whether there were any.  Raises `OccasioError`."""
    if target.dialect.installation.scripts:
        return _uninstall_scripts(target)
    data, settings = _read(target.path)
    left = _without(settings, target)
    if data is None or left == settings:
        return False
    backup = target.path.with_name(target.path.name + BACKUP)
    before, old = _read(backup)
    if before is not None:
        base = target.dialect.installation.base
        left = {name: value for name, value in left.items() if name in old or base.get(name) != value}
    if before is None and left in ({}, dict(target.dialect.installation.base)):
        target.path.unlink()
    else:
        # exactly the bytes of before, if nobody changed anything meanwhile
        _write(target.path, before if before is not None and old == left else _text(left, data))
    backup.unlink(missing_ok=True)
    return True


def status(target: Target) -> Installed:
    """Return for which events our hook is there.  Raises `OccasioError` for settings that cannot be read."""
    installation = target.dialect.installation
    if installation.scripts:
        there = [event for event, path in _scripts(target) if _is_our_script(path)]
    else:
        _, settings = _read(target.path)
        there = [event for event in installation.events if any(_is_ours(one) for one in _entries(settings, event))]
    return Installed(
        agent=target.dialect.name,
        scope=target.scope,
        path=target.path,
        events=tuple(there),
        missing=tuple(event for event in installation.events if event not in there),
    )


def targets(
    dialects: Iterable[HookDialect], agent: str, cwd: Path, place: Path, environment: Mapping[str, str]
) -> list[Target]:
    """Return every place where the agent of that name, or that is started as such a program, may have our hooks."""
    name = Path(agent).name
    return [
        Target(
            dialect=dialect,
            scope=scope,
            home=home_of_person(environment),
            cwd=cwd,
            place=place,
            environment=environment,
        )
        for dialect in dialects
        if dialect.name.startswith(name) or name.startswith(dialect.name)
        for scope in dialect.installation.paths
    ]


def is_installed(targets: Iterable[Target]) -> bool:
    """Return whether our hooks are in any of these."""
    for target in targets:
        with suppress(OccasioError):  # what cannot be read is told by whoever looks for ways around
            if status(target).events:
                return True
    return False


def _with(settings: Mapping[str, Json], target: Target) -> dict[str, Json]:
    installation = target.dialect.installation
    hooks = dict(_hooks(settings, target.path))
    for event, wait in installation.events.items():
        posted = installation.post(event, wait, target.url) if target.url else None
        entry = posted or installation.entry(event, wait, target.command(wait))
        hooks[event] = [*_entries({_HOOKS: hooks}, event), entry]
    return {**installation.base, **settings, _HOOKS: hooks}


def _without(settings: Mapping[str, Json], target: Target) -> dict[str, Json]:
    hooks: dict[str, Json] = {}
    for event, entries in _hooks(settings, target.path).items():
        if not isinstance(entries, list):
            raise OccasioError(f"`{target.path}`: hooks.{event} is no list", hint="mend it; nothing was changed")
        left = [entry for entry in entries if not _is_ours(entry)]
        if left or not entries:
            hooks[event] = left
    rest = {name: value for name, value in settings.items() if name != _HOOKS}
    return {**rest, _HOOKS: hooks} if hooks or settings.get(_HOOKS) == {} else rest


def _hooks(settings: Mapping[str, Json], path: Path) -> Mapping[str, Json]:
    hooks = settings.get(_HOOKS, {})
    if not isinstance(hooks, dict):
        raise OccasioError(f"`{path}`: `hooks` is no object", hint="mend it; nothing was changed")
    return hooks


def _entries(settings: Mapping[str, Json], event: str) -> list[Json]:
    hooks = settings.get(_HOOKS)
    entries = hooks.get(event) if isinstance(hooks, dict) else None
    return list(entries) if isinstance(entries, list) else []


def _is_ours(entry: Json) -> bool:
    """Return whether the entry starts our program, or posts to our port, and does nothing else."""
    if not isinstance(entry, dict):
        return False
    inner = entry.get(_HOOKS)
    each = inner if isinstance(inner, list) else [entry]
    return bool(each) and all(isinstance(one, dict) and _is_ours_alone(one) for one in each)


def _is_ours_alone(hook: Mapping[str, Json]) -> bool:
    command, url = hook.get("command"), hook.get("url")
    if isinstance(command, str):
        return f"/{NAME} --agent " in command.replace("'", "")
    return isinstance(url, str) and _URL.fullmatch(url) is not None


def _read(path: Path) -> tuple[bytes | None, dict[str, Json]]:
    """Return the file's bytes, None where there is none, and what they say.  Raises `OccasioError`."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None, {}
    except OSError as error:
        raise OccasioError(f"`{path}` cannot be read: {error.strerror}") from error
    try:
        settings = parse_json(data) if data.strip() else {}
    except MalformedError as error:
        hint = "take comments and commas too many out, or add the hooks by hand; nothing was changed"
        raise OccasioError(f"`{path}` is not JSON with one reading ({error.code})", hint=hint) from None
    if not isinstance(settings, dict):
        raise OccasioError(f"`{path}` is no JSON object", hint="mend it; nothing was changed")
    return data, settings


def _text(settings: Mapping[str, Json], like: bytes | None) -> bytes:
    """Return the settings as text, indented as they were."""
    lines = (like or b"").split(b"\n")
    indent = next((len(line) - len(line.lstrip(b" ")) for line in lines if line.startswith(b" ")), 2)
    return json.dumps(settings, indent=indent, ensure_ascii=False).encode() + b"\n"


def _write(path: Path, data: bytes, *, is_secret: bool = False) -> None:
    real = path.resolve()  # people keep their settings elsewhere and link to them
    mode = real.stat().st_mode & 0o777 if real.exists() else 0o600 if path.is_relative_to(Path.home()) else 0o644
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        write_whole(real, data, mode & 0o600 if is_secret else mode)
    except OSError as error:
        raise OccasioError(f"`{path}` cannot be written: {error.strerror}") from error


def _install_scripts(target: Target) -> bool:
    changed = False
    for event, path in _scripts(target):
        wanted = _script(target, target.dialect.installation.events[event])
        if path.exists() and not _is_our_script(path):
            raise OccasioError(f"`{path}` is a hook of somebody else", hint="move it away; an event has one program")
        if not path.exists() or path.read_bytes() != wanted:
            _write(path, wanted)
            path.chmod(0o755)
            changed = True
    return changed


def _uninstall_scripts(target: Target) -> bool:
    ours = [path for _, path in _scripts(target) if _is_our_script(path)]
    for path in ours:
        path.unlink()
    return bool(ours)


def _scripts(target: Target) -> Iterator[tuple[str, Path]]:
    installation = target.dialect.installation
    for event in installation.events:
        yield event, target.path / f"{event}{installation.scripts[target.scope]}"


def _script(target: Target, wait: int) -> bytes:
    """Return a program that becomes ours, with the interpreter that ours needs."""
    words = ["-I", "-S", str(target.place / NAME), "--agent", target.dialect.name, "--wait", str(wait)]
    words += ["--home", str(target.place)]
    program = interpreter()
    return (
        f"#!{program}\n# Occasio's hook: occasio hook uninstall takes it out again\n"
        f"import os\n\nos.execv({program!r}, {[program, *words]!r})\n"
    ).encode()


def _is_our_script(path: Path) -> bool:
    try:
        return f"/{NAME}'" in path.read_text(encoding="utf-8", errors="replace") and path.is_file()
    except OSError:
        return False


def home_of_person(environment: Mapping[str, str]) -> Path:
    """Return the directory that agents take for `~`."""
    return Path(environment.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111
