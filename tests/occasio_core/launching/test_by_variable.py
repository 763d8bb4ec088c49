"""Agents that find their providers by variables are led to the gate, and not around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from occasio_core.launching.by_variable import Aider, ClaudeCode, Copilot, Gemini, MiniSweAgent
from occasio_core.launching.way import KnownAgent, Way

OPENAI, ANTHROPIC = "http://127.0.0.1:1/s/openai", "http://127.0.0.1:1/s/anthropic"
ADDRESSES = {"OPENAI_BASE_URL": OPENAI, "ANTHROPIC_BASE_URL": ANTHROPIC}


def test_claude_code_needs_nothing_more() -> None:
    assert ClaudeCode().way(ADDRESSES, {}) == Way()


def test_gemini_cli_cannot_be_told_by_a_file_to_ask_another_provider() -> None:
    way = Gemini().way({}, {})
    assert way.fixed == {"GOOGLE_GENAI_USE_GCA": "false", "GOOGLE_GENAI_USE_VERTEXAI": "false", "CLOUD_SHELL": "false"}


def test_copilot_cli_gets_our_address_and_the_token_and_stays_offline() -> None:
    way = Copilot().way(ADDRESSES, {"OPENAI_API_KEY": "token"})
    assert way.fixed["COPILOT_PROVIDER_BASE_URL"] == OPENAI
    assert (way.fixed["COPILOT_PROVIDER_TYPE"], way.fixed["COPILOT_PROVIDER_API_KEY"]) == ("openai", "token")
    assert way.variables == {"COPILOT_OFFLINE": "true"}


def test_copilot_cli_asks_the_provider_whose_api_it_is_told_to_speak() -> None:
    environment = {"COPILOT_PROVIDER_TYPE": "Anthropic", "ANTHROPIC_API_KEY": "token", "OPENAI_API_KEY": "other"}
    way = Copilot().way(ADDRESSES, environment)
    assert way.fixed["COPILOT_PROVIDER_BASE_URL"] == ANTHROPIC
    assert (way.fixed["COPILOT_PROVIDER_TYPE"], way.fixed["COPILOT_PROVIDER_API_KEY"]) == ("anthropic", "token")


def test_a_login_that_copilot_cli_has_of_its_own_stays() -> None:
    assert "COPILOT_PROVIDER_API_KEY" not in Copilot().way(ADDRESSES, {}).fixed


def test_what_the_person_gave_copilot_cli_is_known_as_the_providers() -> None:
    given = {"COPILOT_PROVIDER_BASE_URL": "https://h.example/v1", "COPILOT_PROVIDER_API_KEY": "k"}
    assert Copilot().known_variables(given) == {"OPENAI_BASE_URL": "https://h.example/v1", "OPENAI_API_KEY": "k"}
    assert Copilot().known_variables(given | {"COPILOT_PROVIDER_TYPE": "anthropic"}) == {
        "ANTHROPIC_BASE_URL": "https://h.example",
        "ANTHROPIC_API_KEY": "k",
    }
    assert Copilot().known_variables({}) == {}


@pytest.mark.parametrize("agent", [MiniSweAgent(), Aider()])
def test_second_names_of_addresses_are_ours_too(agent: KnownAgent) -> None:
    assert agent.way(ADDRESSES, {}).fixed == {"OPENAI_API_BASE": OPENAI, "ANTHROPIC_API_BASE": ANTHROPIC}
    assert agent.known_variables({"OPENAI_API_BASE": "a"}) == {"OPENAI_BASE_URL": "a"}
    assert agent.known_variables({"OPENAI_API_BASE": "a", "OPENAI_BASE_URL": "b"}) == {}


def test_aider_is_told_by_arguments_too() -> None:
    arguments = Aider().way(ADDRESSES, {}).arguments
    assert f"--openai-api-base={OPENAI}" in arguments
    assert {f"--set-env={name}" for name in ("OPENAI_API_BASE", "OPENAI_BASE_URL", "ANTHROPIC_API_BASE")} <= {
        argument.rpartition("=")[0] for argument in arguments
    }


@pytest.mark.parametrize(
    ("agent", "arguments", "environment", "around"),
    [
        (ClaudeCode(), ["-p", "go"], {}, ""),
        (Gemini(), ["-p", "go"], {"GOOGLE_GENAI_USE_VERTEXAI": "true"}, "GOOGLE_GENAI_USE_VERTEXAI"),
        (Gemini(), ["-p", "go"], {"GOOGLE_GENAI_USE_VERTEXAI": "false"}, ""),
        (Copilot(), ["-p", "go"], {"COPILOT_PROVIDER_TYPE": "azure"}, "COPILOT_PROVIDER_TYPE=azure"),
        (Copilot(), ["--connect=1"], {}, "--connect"),
        (Copilot(), ["-p", "go"], {}, ""),
        (Aider(), ["--set-env", "OPENAI_API_BASE=x"], {}, "--set-env"),
        (Aider(), ["--openai-api-base=x"], {}, "--openai-api-base"),
        (Aider(), ["--message", "go"], {}, ""),
    ],
)
def test_what_leads_around_is_named(
    agent: KnownAgent, arguments: Sequence[str], environment: Mapping[str, str], around: str
) -> None:
    assert agent.way_around(arguments, environment) == around
