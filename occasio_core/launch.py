"""The agents that Occasio knows: how each is installed, how it is led to the gate, and what would lead it around.

Knows command lines and variables.  Starts nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from types import MappingProxyType
from typing import Protocol

_IDLE_MILLISECONDS = 600_000  # longer than a person has for an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What leads an agent to the gate: arguments in front of its own, and variables that its environment may change."""

    arguments: Sequence[str] = ()
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class KnownAgent(Protocol):
    """One agent."""

    @property
    def name(self) -> str:
        """What rows call it."""

    @property
    def program(self) -> str:
        """The command that starts it."""

    @property
    def install(self) -> str:
        """The command that installs it."""

    @property
    def base_url_variable(self) -> str:
        """The variable of the one provider that it speaks to, empty if there are several."""

    def way(self, addresses: Mapping[str, str], environment: Mapping[str, str], /) -> Way:
        """Return what leads it to the gate; `addresses` are the providers' base URLs by their variables."""

    def way_around(self, arguments: Sequence[str], /) -> str:
        """Return the first of its own arguments that would lead it around the gate, empty if none would."""


class ClaudeCode:
    """Claude Code finds its provider by a variable."""

    name = "claude-code"
    program = "claude"
    install = "npm install -g @anthropic-ai/claude-code"
    base_url_variable = "ANTHROPIC_BASE_URL"

    def way(self, addresses: Mapping[str, str], environment: Mapping[str, str], /) -> Way:
        """Return nothing more: the variable is set for every agent."""
        return Way()

    def way_around(self, arguments: Sequence[str], /) -> str:
        """Return nothing: no argument of it names a provider."""
        return ""


class Codex:
    """Codex finds its provider in its settings alone; those on its command line win over every file."""

    name = "codex"
    program = "codex"
    install = "npm install -g @openai/codex"
    base_url_variable = "OPENAI_BASE_URL"

    def way(self, addresses: Mapping[str, str], environment: Mapping[str, str], /) -> Way:
        """Return a provider of our own, chosen; a key that is not in the environment is the agent's own affair."""
        key = 'env_key="OPENAI_API_KEY"' if environment.get("OPENAI_API_KEY") else "requires_openai_auth=true"
        # a string of JSON is a basic string of TOML
        address = json.dumps(addresses.get("OPENAI_BASE_URL", ""))
        provider = (
            f'{{name="occasio",base_url={address},{key},wire_api="responses",'
            f"stream_idle_timeout_ms={_IDLE_MILLISECONDS},supports_websockets=false}}"
        )
        return Way(arguments=("-c", f"model_providers.occasio={provider}", "-c", 'model_provider="occasio"'))

    def way_around(self, arguments: Sequence[str], /) -> str:
        """Return an argument that chooses another provider, or changes ours."""
        return next(_other_providers(arguments), "")


class Gemini:
    """Gemini CLI finds its provider by a variable."""

    name = "gemini-cli"
    program = "gemini"
    install = "npm install -g @google/gemini-cli"
    base_url_variable = "GOOGLE_GEMINI_BASE_URL"

    def way(self, addresses: Mapping[str, str], environment: Mapping[str, str], /) -> Way:
        """Return nothing more."""
        return Way()

    def way_around(self, arguments: Sequence[str], /) -> str:
        """Return nothing: no argument of it names a provider."""
        return ""


_AGENTS: tuple[KnownAgent, ...] = (ClaudeCode(), Codex(), Gemini())


def known_agent(name: str | None, command: str) -> KnownAgent | None:
    """Return the agent of that name, or else the one that the command starts; None if it is not known."""
    program = PurePath(command).name.lower().removesuffix(".exe").removesuffix(".cmd")
    by_name = next((agent for agent in _AGENTS if agent.name == name), None)
    return by_name or next((agent for agent in _AGENTS if agent.program == program), None)


def _other_providers(arguments: Sequence[str]) -> Iterator[str]:
    settings = ("model_provider", "openai_base_url", "chatgpt_base_url")
    for at, argument in enumerate(arguments):
        if argument == "--":
            return
        if argument in ("--oss", "--local-provider") or argument.startswith("--local-provider="):
            yield argument
        setting = _setting(argument, arguments[at + 1] if at + 1 < len(arguments) else "")
        if setting.lstrip(" \"'").startswith(settings):
            yield f"-c {setting}"


def _setting(argument: str, following: str) -> str:
    if argument in ("-c", "--config"):
        return following
    if argument.startswith("--config="):
        return argument.removeprefix("--config=")
    return argument[2:].removeprefix("=") if argument.startswith("-c") and not argument.startswith("--") else ""
