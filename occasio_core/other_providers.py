"""Settings of Gemini CLI and Qwen Code that have them ask another provider than the one that they are given.

Both obey a settings file in the project, and what stands in these is stronger than variables and arguments.  A `.env`
in the project is not: what the environment says already, it does not change.  Changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from occasio_core.bypass import BypassError, settings_at
from occasio_verify import Json

_COMMENTS = re.compile(rb'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)  # or a string, which may hold such
_BY_OUR_ADDRESS = ("gemini-api-key", "gateway")


def check_providers(agent: str, cwd: Path, environment: Mapping[str, str]) -> None:
    """Make sure that no settings of the agent choose another provider.

    Raises `BypassError` that names the file and the setting; an agent that is not known here has none.
    """
    for path, setting in chosen(agent, cwd, environment):
        raise BypassError(
            f"`{path}` sets {setting}: {agent} would not go through the gate", hint="take it out of the file"
        )


def chosen(agent: str, cwd: Path, environment: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Yield the files and their settings that choose another provider.  Raises `BypassError` for an unreadable file."""
    folder, system, find = _KNOWN.get(agent, ("", "", _nothing))
    if not folder:
        return
    home = environment.get("HOME")
    places = [cwd / folder, *([Path(home) / folder] if home else []), Path("/etc") / system]
    moved = environment.get("QWEN_HOME") if agent == "qwen-code" else environment.get("GEMINI_CLI_HOME")
    if moved:
        places += [Path(moved), Path(moved) / folder]
    for place in dict.fromkeys(places):
        path = place / "settings.json"
        yield from ((path, setting) for setting in find(settings_at(path, _without_comments)))


def _without_comments(data: bytes) -> bytes:
    return _COMMENTS.sub(lambda found: found[0] if found[0].startswith(b'"') else b" ", data)


def _nothing(settings: Mapping[str, Json]) -> Iterator[str]:
    yield from ()


def _gemini(settings: Mapping[str, Json]) -> Iterator[str]:
    for names in (("security", "auth", "selectedType"), ("selectedAuthType",)):
        found = _member(settings, *names)
        if found is not None and found not in _BY_OUR_ADDRESS:
            yield f"{'.'.join(names)} to `{found}`"


def _qwen(settings: Mapping[str, Json]) -> Iterator[str]:
    providers = settings.get("modelProviders")
    if not isinstance(providers, dict):
        return
    for name, models in providers.items():
        listed = models if isinstance(models, list) else []
        if any(isinstance(model, dict) and model.get("baseUrl") for model in listed):
            yield f"modelProviders.{name} with a baseUrl"


def _member(settings: Json, *names: str) -> Json:
    for name in names:
        settings = settings.get(name) if isinstance(settings, dict) else None
    return settings


_KNOWN: Mapping[str, tuple[str, str, Callable[[Mapping[str, Json]], Iterator[str]]]] = {
    "gemini-cli": (".gemini", "gemini-cli", _gemini),
    "qwen-code": (".qwen", "qwen-code", _qwen),
}
