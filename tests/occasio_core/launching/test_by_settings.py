"""Agents that find their providers in settings are led to the gate, and not around it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from occasio_core.launching.by_settings import Cline, OpenCode
from occasio_core.launching.way import KnownAgent

ADDRESSES = {
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:1/s/anthropic",
    "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:1/s/google_gemini",
    "OPENAI_BASE_URL": "http://127.0.0.1:1/s/openai",
}


def test_opencode_has_our_providers_and_no_others() -> None:
    settings = json.loads(OpenCode().way(ADDRESSES, {}).fixed["OPENCODE_CONFIG_CONTENT"])
    assert settings["enabled_providers"] == ["anthropic", "google", "openai"]
    assert {name: one["options"]["baseURL"] for name, one in settings["provider"].items()} == {
        "anthropic": "http://127.0.0.1:1/s/anthropic/v1",
        "google": "http://127.0.0.1:1/s/google_gemini/v1beta",
        "openai": "http://127.0.0.1:1/s/openai",
    }


def test_opencode_gets_a_token_for_its_own_name_of_the_key_of_google() -> None:
    assert OpenCode().known_variables({"GOOGLE_GENERATIVE_AI_API_KEY": "k"}) == {"GEMINI_API_KEY": "k"}
    assert OpenCode().known_variables({}) == {}
    assert OpenCode().way({}, {"GEMINI_API_KEY": "token"}).fixed["GOOGLE_GENERATIVE_AI_API_KEY"] == "token"
    assert "GOOGLE_GENERATIVE_AI_API_KEY" not in OpenCode().way({}, {}).fixed


def test_plugins_of_opencode_are_left_out_unless_the_person_says_otherwise() -> None:
    assert OpenCode().way({}, {}).variables == {"OPENCODE_PURE": "1", "OPENCODE_DISABLE_DEFAULT_PLUGINS": "1"}


def test_cline_gets_a_file_with_our_providers_and_tokens_and_works_in_its_own_process() -> None:
    way = Cline().way(ADDRESSES, {"OPENAI_API_KEY": "token"})
    settings = json.loads(way.files["CLINE_PROVIDER_SETTINGS_PATH"])
    assert {name: one["settings"]["baseUrl"] for name, one in settings["providers"].items()} == {
        "anthropic": "http://127.0.0.1:1/s/anthropic/v1",
        "openai-native": "http://127.0.0.1:1/s/openai",
    }
    assert settings["lastUsedProvider"] == "openai-native"
    assert settings["providers"]["openai-native"]["settings"]["apiKey"] == "token"
    assert "apiKey" not in settings["providers"]["anthropic"]["settings"]
    assert way.fixed == {"CLINE_SESSION_BACKEND_MODE": "local"}


@pytest.mark.parametrize(
    ("agent", "arguments", "around"),
    [
        (OpenCode(), ["attach", "http://h.example"], "attach"),
        (OpenCode(), ["run", "--attach=http://h.example", "go"], "--attach"),
        (OpenCode(), ["run", "attach"], ""),
        (Cline(), ["hub"], "hub"),
        (Cline(), ["--data-dir", "x", "go"], "--data-dir"),
        (Cline(), ["-z", "go"], "-z"),
        (Cline(), ["-P", "openrouter", "go"], "-P openrouter"),
        (Cline(), ["--provider=cline", "go"], "--provider cline"),
        (Cline(), ["-P", "anthropic", "go"], ""),
        (Cline(), ["go"], ""),
    ],
)
def test_what_leads_around_is_named(agent: KnownAgent, arguments: Sequence[str], around: str) -> None:
    assert agent.way_around(arguments, {}) == around
