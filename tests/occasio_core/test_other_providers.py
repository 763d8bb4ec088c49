"""Settings that have Gemini CLI or Qwen Code ask another provider are found, and others are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core.bypass import BypassError
from occasio_core.other_providers import check_providers, chosen

ELSEWHERE = {"modelProviders": {"openai": [{"id": "m", "baseUrl": "https://h.example/v1"}]}}
VERTEX = {"security": {"auth": {"selectedType": "vertex-ai"}}}


def write(path: Path, settings: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(settings if isinstance(settings, str) else json.dumps(settings), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("agent", "folder", "settings", "setting"),
    [
        ("gemini-cli", ".gemini", VERTEX, "security.auth.selectedType to `vertex-ai`"),
        ("gemini-cli", ".gemini", {"selectedAuthType": "oauth-personal"}, "selectedAuthType to `oauth-personal`"),
        ("qwen-code", ".qwen", ELSEWHERE, "modelProviders.openai with a baseUrl"),
    ],
)
def test_a_provider_that_the_settings_choose_is_named(
    agent: str, folder: str, settings: object, setting: str, tmp_path: Path
) -> None:
    work, home = tmp_path / "work", tmp_path / "home"
    for place in (work, home):
        path = write(place / folder / "settings.json", settings)
        assert list(chosen(agent, work, {"HOME": str(home)})) == [(path, setting)]
        with pytest.raises(BypassError, match="would not go through the gate"):
            check_providers(agent, work, {"HOME": str(home)})
        path.unlink()


@pytest.mark.parametrize(
    ("agent", "folder", "settings"),
    [
        ("gemini-cli", ".gemini", {"security": {"auth": {"selectedType": "gemini-api-key"}}}),
        ("gemini-cli", ".gemini", {"security": "x"}),
        ("gemini-cli", ".gemini", {}),
        ("qwen-code", ".qwen", {"modelProviders": {"openai": [{"id": "m"}]}}),
        ("qwen-code", ".qwen", VERTEX),
        ("codex", ".codex", VERTEX),
    ],
)
def test_other_settings_are_the_persons_own_affair(agent: str, folder: str, settings: object, tmp_path: Path) -> None:
    write(tmp_path / folder / "settings.json", settings)
    check_providers(agent, tmp_path, {})


def test_comments_are_read_over_as_the_agents_do(tmp_path: Path) -> None:
    text = '{ // mine\n "a": "http://h", /* ours */ "selectedAuthType": "oauth-personal" }'
    write(tmp_path / ".gemini" / "settings.json", text)
    assert [setting for _, setting in chosen("gemini-cli", tmp_path, {})] == ["selectedAuthType to `oauth-personal`"]


def test_settings_without_one_reading_are_refused(tmp_path: Path) -> None:
    write(tmp_path / ".gemini" / "settings.json", '{"a": 1, "a": 2}')
    with pytest.raises(BypassError, match="is not JSON with one reading"):
        check_providers("gemini-cli", tmp_path, {})


def test_a_home_that_a_variable_moves_is_looked_into(tmp_path: Path) -> None:
    path = write(tmp_path / "moved" / "settings.json", ELSEWHERE)
    found = chosen("qwen-code", tmp_path / "work", {"QWEN_HOME": str(tmp_path / "moved")})
    assert list(found) == [(path, "modelProviders.openai with a baseUrl")]
