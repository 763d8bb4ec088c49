"""Agents that are told their provider on the command line are led to the gate, and not around it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence

import pytest

from occasio_core.launching.by_argument import Codex, QwenCode

ADDRESS = 'http://127.0.0.1:1/se"cret/openai'


def settings(arguments: Sequence[str]) -> dict[str, object]:
    """Return what Codex makes of the settings on its command line, each of which is a line of TOML."""
    assert list(arguments[::2]) == ["-c"] * (len(arguments) // 2)
    return tomllib.loads("\n".join(arguments[1::2]))


def test_codex_gets_a_provider_of_ours_that_waits_for_a_persons_answer() -> None:
    way = Codex().way({"OPENAI_BASE_URL": ADDRESS}, {"OPENAI_API_KEY": "k"})
    assert settings(way.arguments) == {
        "model_provider": "occasio",
        "model_providers": {
            "occasio": {
                "name": "occasio",
                "base_url": ADDRESS,
                "env_key": "OPENAI_API_KEY",
                "wire_api": "responses",
                "stream_idle_timeout_ms": 600_000,
                "supports_websockets": False,
            }
        },
    }


def test_codex_uses_its_own_login_where_there_is_no_key() -> None:
    (_, provider, *_) = Codex().way({"OPENAI_BASE_URL": ADDRESS}, {"OPENAI_API_KEY": ""}).arguments
    assert "requires_openai_auth=true" in provider
    assert "env_key" not in provider


@pytest.mark.parametrize(
    "arguments",
    [
        ["exec", "--oss", "do it"],
        ["--local-provider", "ollama"],
        ["--local-provider=ollama"],
        ["exec", "-c", "model_provider=openai"],
        ["exec", "-cmodel_provider=openai"],
        ["--config", 'model_providers.occasio.base_url="http://h.example"'],
        ["--config=openai_base_url=x"],
        ["-c", ' "model_provider"="openai"'],
    ],
)
def test_what_leads_codex_to_another_provider_is_named(arguments: list[str]) -> None:
    assert Codex().way_around(arguments, {})


@pytest.mark.parametrize(
    "arguments",
    [[], ["exec", "do it"], ["-c", "model=gpt-5.5"], ["-m", "model_provider"], ["exec", "--", "--oss"], ["--config"]],
)
def test_other_arguments_are_codexs_own_affair(arguments: list[str]) -> None:
    assert Codex().way_around(arguments, {}) == ""


def test_qwen_code_is_told_whom_to_ask_and_how() -> None:
    way = QwenCode().way({"OPENAI_BASE_URL": ADDRESS}, {})
    assert way.arguments == ("--auth-type=openai", f"--openai-base-url={ADDRESS}")


@pytest.mark.parametrize("argument", ["--auth-type=gemini", "--openai-base-url", "--openaiBaseUrl=http://h.example"])
def test_what_leads_qwen_code_to_another_provider_is_named(argument: str) -> None:
    assert QwenCode().way_around(["-p", "go", argument, "http://h.example"], {}) == argument.partition("=")[0]


def test_other_arguments_are_qwen_codes_own_affair() -> None:
    assert QwenCode().way_around(["-p", "go", "--", "--auth-type=gemini"], {}) == ""
