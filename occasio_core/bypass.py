"""Ways around the gate that stand open before a run begins: settings that send an agent's traffic elsewhere.

Coding agents obey a settings file in the project, whoever wrote it.  One line there makes the agent talk to another
address than the one it is given, or skip its hooks.  Knows the files of Claude Code; changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path

from occasio_core.errors import OccasioError
from occasio_verify import Json, MalformedError, parse_json

_SETTINGS = ("settings.json", "settings.local.json")
_MANAGED = (Path("/etc/claude-code"), Path("/Library/Application Support/ClaudeCode"))

# With one of these the agent asks another provider than the one that its base URL names.
_OTHER_PROVIDERS = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_FOUNDRY", "CLAUDE_CODE_USE_VERTEX")
SWITCHED_OFF = "disableAllHooks"
_OFF = ("", "0", "false", "no", "off")


class BypassError(OccasioError):
    """Raised when the agent would not go through the gate."""


def check_bypass(cwd: Path, environment: Mapping[str, str], base_urls: Iterable[str]) -> None:
    """Make sure that nothing known leads an agent around the gate; `base_urls` are the variables that lead it there.

    Raises `BypassError` that names the file and the setting.
    """
    for name in _OTHER_PROVIDERS:
        if _is_on(environment.get(name)):
            raise BypassError(f"{name} is set: the agent would not go through the gate", hint=f"unset {name}")
    known = tuple(base_urls)
    for path in dict.fromkeys(_files(cwd, environment)):
        for setting in _ways_around(settings_at(path), known):
            raise BypassError(
                f"`{path}` sets {setting}: the agent would not go through the gate",
                hint="take it out of the file; a provider of your own is given with --upstream or in the environment",
            )


def ways_around(path: Path, base_urls: Iterable[str]) -> list[str]:
    """Return what the settings at `path` have that leads around the gate; nothing where there is no such file.

    Raises `BypassError` for a file that has not one reading.
    """
    return list(_ways_around(settings_at(path), tuple(base_urls)))


def _files(cwd: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    folders = [directory / ".claude" for directory in takewhile(lambda one: one != Path.home(), (cwd, *cwd.parents))]
    if "HOME" in environment:
        folders.append(Path(environment["HOME"]) / ".claude")
    if moved := environment.get("CLAUDE_CONFIG_DIR"):
        folders.append(Path(moved))
    yield from (folder / name for folder in folders for name in _SETTINGS)
    for folder in _MANAGED:
        yield folder / "managed-settings.json"
        yield from sorted((folder / "managed-settings.d").glob("*.json"))


def settings_at(path: Path, prepare: Callable[[bytes], bytes] = bytes) -> Mapping[str, Json]:
    """Return the settings of an agent at `path`, its bytes prepared; none where there is no such file.

    Raises `BypassError` for a file that cannot be read or has not one reading.
    """
    try:
        data = prepare(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise BypassError(f"`{path}` cannot be read: {error.strerror}") from error
    try:
        settings = parse_json(data) if data.strip() else {}
    except MalformedError as error:  # the agent's reader may be more lenient than ours
        raise BypassError(f"`{path}` is not JSON with one reading ({error.code})", hint="mend it") from None
    return settings if isinstance(settings, dict) else {}


def _ways_around(settings: Mapping[str, Json], base_urls: Iterable[str]) -> Iterator[str]:
    if settings.get(SWITCHED_OFF) is True:
        yield SWITCHED_OFF
    environment = settings.get("env")
    if not isinstance(environment, dict):
        return
    yield from (f"env.{name}" for name in base_urls if name in environment)
    yield from (f"env.{name}" for name in _OTHER_PROVIDERS if _is_on(environment.get(name)))
    for name in ("NO_PROXY", "no_proxy"):
        if name in environment and "127.0.0.1" not in str(environment[name]).replace(" ", "").split(","):
            yield f"env.{name} without 127.0.0.1"


def _is_on(value: Json) -> bool:
    return value is not None and str(value).strip().lower() not in _OFF
