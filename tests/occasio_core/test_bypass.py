"""A setting that would lead an agent around the gate is found before the run begins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core import bypass
from occasio_core.bypass import BypassError, check_bypass

BASE_URLS = ["ANTHROPIC_BASE_URL"]


@pytest.fixture(autouse=True)
def _no_managed_settings_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bypass, "_MANAGED", (tmp_path / "managed",))


@pytest.fixture
def work(tmp_path: Path) -> Path:
    place = tmp_path / "project" / "part"
    place.mkdir(parents=True)
    return place


def settings(folder: Path, content: object, name: str = "settings.json") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


HARMLESS = [
    {},
    "",
    [],
    {"env": {"PATH": "/bin"}, "disableAllHooks": False},
    {"env": {"CLAUDE_CODE_USE_BEDROCK": "0"}},
    {"env": {"NO_PROXY": "example.com, 127.0.0.1"}},
    {"env": "none"},
]
WAYS_AROUND = [
    ({"env": {"ANTHROPIC_BASE_URL": "https://elsewhere.example"}}, "env.ANTHROPIC_BASE_URL"),
    ({"env": {"ANTHROPIC_BASE_URL": ""}}, "env.ANTHROPIC_BASE_URL"),
    ({"env": {"CLAUDE_CODE_USE_BEDROCK": 1}}, "env.CLAUDE_CODE_USE_BEDROCK"),
    ({"env": {"CLAUDE_CODE_USE_VERTEX": "true"}}, "env.CLAUDE_CODE_USE_VERTEX"),
    ({"env": {"no_proxy": "example.com"}}, "env.no_proxy without 127.0.0.1"),
    ({"disableAllHooks": True}, "disableAllHooks"),
]


@pytest.mark.parametrize("content", HARMLESS)
def test_harmless_settings_are_no_obstacle(work: Path, content: object) -> None:
    settings(work / ".claude", content)
    check_bypass(work, {}, BASE_URLS)


@pytest.mark.parametrize(("content", "setting"), WAYS_AROUND)
def test_a_setting_that_leads_around_the_gate_is_named_with_its_file(work: Path, content: object, setting: str) -> None:
    path = settings(work / ".claude", content)
    with pytest.raises(BypassError) as caught:
        check_bypass(work, {}, BASE_URLS)
    assert str(caught.value) == f"`{path}` sets {setting}: the agent would not go through the gate"


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("project/part/.claude", "settings.local.json"),
        ("project/.claude", "settings.json"),
        ("home/.claude", "settings.json"),
        ("moved", "settings.json"),
        ("managed", "managed-settings.json"),
        ("managed/managed-settings.d", "10-more.json"),
    ],
)
def test_every_file_that_the_agent_obeys_is_looked_at(work: Path, tmp_path: Path, folder: str, name: str) -> None:
    settings(tmp_path / folder, {"disableAllHooks": True}, name)
    environment = {"HOME": str(tmp_path / "home"), "CLAUDE_CONFIG_DIR": str(tmp_path / "moved")}
    with pytest.raises(BypassError, match="disableAllHooks"):
        check_bypass(work, environment, BASE_URLS)


@pytest.mark.parametrize("content", ["{not json", '{"env":{},"env":{"ANTHROPIC_BASE_URL":"x"}}'])
def test_settings_that_can_be_read_in_two_ways_are_refused(work: Path, content: str) -> None:
    settings(work / ".claude", content)
    with pytest.raises(BypassError, match="not JSON with one reading"):
        check_bypass(work, {}, BASE_URLS)


def test_settings_that_cannot_be_read_are_refused(work: Path) -> None:
    (work / ".claude" / "settings.json").mkdir(parents=True)
    with pytest.raises(BypassError, match="cannot be read"):
        check_bypass(work, {}, BASE_URLS)


def test_an_environment_that_chooses_another_provider_is_refused(work: Path) -> None:
    with pytest.raises(BypassError, match="CLAUDE_CODE_USE_BEDROCK is set"):
        check_bypass(work, {"CLAUDE_CODE_USE_BEDROCK": "1"}, BASE_URLS)


def test_the_settings_of_whoever_owns_the_directory_above_are_theirs_and_not_the_agents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    settings(tmp_path / ".claude", {"disableAllHooks": True})
    work = tmp_path / "project"
    work.mkdir()
    check_bypass(work, {"HOME": str(tmp_path / "other")}, BASE_URLS)
