"""Agents that find their providers by variables alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from occasio_core.launching.way import Agent, Way, is_on, option


class ClaudeCode(Agent):
    """Claude Code finds its provider by a variable."""

    name = "claude-code"
    program = "claude"
    install = "npm install -g @anthropic-ai/claude-code"
    tried = "2.1.197"
    base_url_variable = "ANTHROPIC_BASE_URL"


class Gemini(Agent):
    """Gemini CLI finds its provider by a variable, unless another variable has it sign in with Google."""

    name = "gemini-cli"
    program = "gemini"
    install = "npm install -g @google/gemini-cli"
    tried = "0.61.0"
    base_url_variable = "GOOGLE_GEMINI_BASE_URL"
    _others = ("GOOGLE_GENAI_USE_GCA", "GOOGLE_GENAI_USE_VERTEXAI", "CLOUD_SHELL")

    def way(self, addresses: Mapping[str, str], environment: Mapping[str, str], /) -> Way:
        """Return the other providers, switched off: what a variable says already, a project's `.env` cannot say."""
        return Way(fixed=dict.fromkeys(self._others, "false"))

    def way_around(self, arguments: Sequence[str], environment: Mapping[str, str], /) -> str:
        """Return the variable that chooses a provider of another address."""
        return next((name for name in self._others if is_on(environment.get(name))), "")


class Copilot(Agent):
    """GitHub Copilot CLI asks a provider of the person's own, "BYOK", by variables of its own."""

    name = "copilot-cli"
    program = "copilot"
    install = "npm install -g @github/copilot"
    tried = "1.0.102"

    def known_variables(self, environment: Mapping[str, str], /) -> Mapping[str, str]:
        """Return its provider and its key as those of the API that it speaks."""
        api = _api(environment)
        own = {f"{api}_BASE_URL": "COPILOT_PROVIDER_BASE_URL", f"{api}_API_KEY": "COPILOT_PROVIDER_API_KEY"}
        found = {name: environment[given] for name, given in own.items() if environment.get(given)}
        if api == "ANTHROPIC" and "ANTHROPIC_BASE_URL" in found:  # with the path that it would put in front itself
            found["ANTHROPIC_BASE_URL"] = found["ANTHROPIC_BASE_URL"].rstrip("/").removesuffix("/v1")
        return found

    def way(self, addresses: Mapping[str, str], environment: Mapping[str, str], /) -> Way:
        """Return the provider that we are; it talks to nobody else unless the environment says so."""
        api = _api(environment)
        fixed = {
            "COPILOT_PROVIDER_BASE_URL": addresses.get(f"{api}_BASE_URL", ""),
            "COPILOT_PROVIDER_TYPE": api.lower(),
            "COPILOT_PROVIDER_TRANSPORT": "http",
        }
        if key := environment.get(f"{api}_API_KEY"):
            fixed["COPILOT_PROVIDER_API_KEY"] = key
        return Way(fixed=fixed, variables={"COPILOT_OFFLINE": "true"})

    def way_around(self, arguments: Sequence[str], environment: Mapping[str, str], /) -> str:
        """Return a provider whose API we do not speak, or an argument that connects it to an agent elsewhere."""
        kind = environment.get("COPILOT_PROVIDER_TYPE", "openai").lower()
        if kind not in ("openai", "anthropic"):
            return f"COPILOT_PROVIDER_TYPE={kind}"
        found = option(arguments, "--connect", "--cloud", "--remote")
        return found[0] if found else ""


class _LiteLlm(Agent):
    """An agent whose library has second names for addresses, some of which win."""

    _second = (("OPENAI_BASE_URL", "OPENAI_API_BASE"), ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_BASE"))

    def known_variables(self, environment: Mapping[str, str], /) -> Mapping[str, str]:
        """Return the addresses that the person gave under the second names."""
        return {
            name: environment[second]
            for name, second in self._second
            if environment.get(second) and not environment.get(name)
        }

    def way(self, addresses: Mapping[str, str], environment: Mapping[str, str], /) -> Way:
        """Return our addresses under the second names."""
        return Way(fixed={second: addresses[name] for name, second in self._second if name in addresses})


class MiniSweAgent(_LiteLlm):
    """mini-swe-agent has one tool, the shell."""

    name = "mini-swe-agent"
    program = "mini"
    install = "pip install mini-swe-agent"
    tried = "2.4.6"


class Aider(_LiteLlm):
    """aider calls no tools: its edits are texts, which are written down and paid for, and not judged."""

    name = "aider"
    program = "aider"
    install = "pip install aider-chat"
    tried = "0.86.2"

    def way(self, addresses: Mapping[str, str], environment: Mapping[str, str], /) -> Way:
        """Return our addresses as arguments too: a project's `.env` and `.aider.conf.yml` win over variables."""
        ours = super().way(addresses, environment)
        arguments = [f"--set-env={name}={text}" for name, text in ours.fixed.items()]
        if address := addresses.get("OPENAI_BASE_URL"):
            arguments += [f"--openai-api-base={address}", f"--set-env=OPENAI_BASE_URL={address}"]
        return Way(arguments=arguments, fixed=ours.fixed)

    def way_around(self, arguments: Sequence[str], environment: Mapping[str, str], /) -> str:
        """Return an argument that names another address."""
        found = option(arguments, "--openai-api-base", "--set-env", "--env-file")
        return found[0] if found else ""


def _api(environment: Mapping[str, str]) -> str:
    return "ANTHROPIC" if environment.get("COPILOT_PROVIDER_TYPE", "").lower() == "anthropic" else "OPENAI"
