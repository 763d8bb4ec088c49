"""Agents that are told their provider on the command line, which wins over every file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from occasio_core.launching.way import IDLE_MILLISECONDS, Agent, Way, option


class Codex(Agent):
    """Codex finds its provider in its settings alone; those on its command line win over every file."""

    name = "codex"
    program = "codex"
    install = "npm install -g @openai/codex"
    tried = "0.169.0"
    base_url_variable = "OPENAI_BASE_URL"

    def way(self, addresses: Mapping[str, str], environment: Mapping[str, str], /) -> Way:
        """Return a provider of our own, chosen; a key that is not in the environment is the agent's own affair."""
        key = 'env_key="OPENAI_API_KEY"' if environment.get("OPENAI_API_KEY") else "requires_openai_auth=true"
        # a string of JSON is a basic string of TOML
        address = json.dumps(addresses.get("OPENAI_BASE_URL", ""))
        provider = (
            f'{{name="occasio",base_url={address},{key},wire_api="responses",'
            f"stream_idle_timeout_ms={IDLE_MILLISECONDS},supports_websockets=false}}"
        )
        return Way(arguments=("-c", f"model_providers.occasio={provider}", "-c", 'model_provider="occasio"'))

    def way_around(self, arguments: Sequence[str], environment: Mapping[str, str], /) -> str:
        """Return an argument that chooses another provider, or changes ours."""
        return next(_other_providers(arguments), "")


class QwenCode(Agent):
    """Qwen Code, made to speak Chat Completions: settings of a project may choose otherwise, but not over arguments."""

    name = "qwen-code"
    program = "qwen"
    install = "npm install -g @qwen-code/qwen-code"
    tried = "0.15.10"
    base_url_variable = "OPENAI_BASE_URL"

    def way(self, addresses: Mapping[str, str], environment: Mapping[str, str], /) -> Way:
        """Return our provider, chosen."""
        address = addresses.get("OPENAI_BASE_URL", "")
        return Way(arguments=("--auth-type=openai", f"--openai-base-url={address}"))

    def way_around(self, arguments: Sequence[str], environment: Mapping[str, str], /) -> str:
        """Return an argument that chooses another provider."""
        names = ("--auth-type", "--authType", "--openai-base-url", "--openaiBaseUrl")
        found = option(arguments, *names)
        return found[0] if found else ""


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
