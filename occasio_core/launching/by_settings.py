"""Agents that speak to several providers and find them in their settings: they get settings for the run alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from occasio_core.launching.way import Agent, Way, option

_MODELS = {"anthropic": "claude-sonnet-4-5", "openai-native": "gpt-5"}  # should the person choose none


class OpenCode(Agent):
    """opencode reads settings from a variable too, behind those of the person and of the project, so that they win."""

    name = "opencode"
    program = "opencode"
    install = "npm install -g opencode-ai"
    tried = "1.18.33"
    _google_key = "GOOGLE_GENERATIVE_AI_API_KEY"

    def known_variables(self, environment: Mapping[str, str], /) -> Mapping[str, str]:
        """Return the key that it looks for under another name than Gemini CLI."""
        key = environment.get(self._google_key)
        return {"GEMINI_API_KEY": key} if key else {}

    def way(self, addresses: Mapping[str, str], environment: Mapping[str, str], /) -> Way:
        """Return our providers, and no others.

        Plugins run inside the agent and may send its requests anywhere, and its own sign-in with a provider is one:
        they are left out, unless the environment says otherwise.
        """
        places = (
            ("anthropic", "ANTHROPIC_BASE_URL", "/v1"),
            ("google", "GOOGLE_GEMINI_BASE_URL", "/v1beta"),
            ("openai", "OPENAI_BASE_URL", ""),
        )
        providers = {
            name: {"options": {"baseURL": addresses[variable] + path}}
            for name, variable, path in places
            if variable in addresses
        }
        settings = {
            "autoupdate": False,
            "share": "disabled",
            "enabled_providers": list(providers),
            "provider": providers,
        }
        key = environment.get("GEMINI_API_KEY")
        return Way(
            fixed={"OPENCODE_CONFIG_CONTENT": json.dumps(settings), **({self._google_key: key} if key else {})},
            variables={"OPENCODE_PURE": "1", "OPENCODE_DISABLE_DEFAULT_PLUGINS": "1"},
        )

    def way_around(self, arguments: Sequence[str], environment: Mapping[str, str], /) -> str:
        """Return what connects it to an agent that runs elsewhere."""
        if arguments and arguments[0] == "attach":
            return "attach"
        found = option(arguments, "--attach")
        return found[0] if found else ""


class Cline(Agent):
    """Cline keeps its providers in one file, whose place a variable names."""

    name = "cline"
    program = "cline"
    install = "npm install -g cline"
    tried = "3.0.65"
    # These run or reach an agent in another process, or take the providers from another place.
    _elsewhere = ("hub", "schedule", "connect", "kanban", "dashboard")
    _places = ("--data-dir", "--config", "--zen", "-z", "--kanban")

    def way(self, addresses: Mapping[str, str], environment: Mapping[str, str], /) -> Way:
        """Return a file with our providers; what the agent does, it does in its own process."""
        providers = {
            name: _provider(name, addresses[variable] + path, environment.get(key, ""))
            for name, variable, path, key in (
                ("anthropic", "ANTHROPIC_BASE_URL", "/v1", "ANTHROPIC_API_KEY"),
                ("openai-native", "OPENAI_BASE_URL", "", "OPENAI_API_KEY"),
            )
            if variable in addresses
        }
        first = next((name for name, one in providers.items() if "apiKey" in one["settings"]), "anthropic")
        settings = {"version": 1, "lastUsedProvider": first, "providers": providers}
        return Way(
            fixed={"CLINE_SESSION_BACKEND_MODE": "local"},
            files={"CLINE_PROVIDER_SETTINGS_PATH": json.dumps(settings)},
        )

    def way_around(self, arguments: Sequence[str], environment: Mapping[str, str], /) -> str:
        """Return what makes it ask another provider, or be another process."""
        if arguments and arguments[0] in self._elsewhere:
            return arguments[0]
        if found := option(arguments, *self._places):
            return found[0]
        found = option(arguments, "-P", "--provider")
        return f"{found[0]} {found[1]}" if found and found[1] not in _MODELS else ""


def _provider(name: str, address: str, key: str) -> dict[str, dict[str, str] | str]:
    settings = {"provider": name, "model": _MODELS[name], "baseUrl": address, **({"apiKey": key} if key else {})}
    return {"settings": settings, "updatedAt": "1970-01-01T00:00:00Z", "tokenSource": "manual"}
