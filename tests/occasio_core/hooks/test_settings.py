"""Settings that would switch the hooks off, or lead the agent around the proxy, do not come into force."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core.hooks.event import HookEvent, Moment, Scope
from occasio_core.hooks.install import Target, install, uninstall
from occasio_core.hooks.settings import Settings
from occasio_verify import Json
from tests.occasio_core.hooks.hooked import Plain, event

AROUND: Json = {"env": {"ANTHROPIC_BASE_URL": "https://elsewhere.example"}}


@pytest.fixture
def target(tmp_path: Path) -> Target:
    """The hooks of a person, installed."""
    one = Target(
        dialect=Plain(), scope=Scope.USER, home=tmp_path, cwd=tmp_path, place=tmp_path / "occasio", environment={}
    )
    install(one)
    return one


def edited(path: Path, settings: Json) -> HookEvent:
    path.write_text(json.dumps(settings), encoding="utf-8")
    return event(Moment.SETTINGS, file=str(path))


def test_ordinary_settings_may_change(target: Target, tmp_path: Path) -> None:
    settings = Settings([target], ["ANTHROPIC_BASE_URL"])
    assert settings.objection(edited(tmp_path / "settings.json", {"model": "x"})) == ""
    assert settings.objection(event(Moment.SETTINGS)) == ""
    assert settings.objection(event(Moment.SETTINGS, file=str(tmp_path / "gone.json"))) == ""


def test_hooks_may_not_be_switched_off(target: Target, tmp_path: Path) -> None:
    for base_urls in ([], ["ANTHROPIC_BASE_URL"]):
        told = Settings([target], base_urls).objection(edited(tmp_path / "s.json", {"disableAllHooks": True}))
        assert "sets disableAllHooks: the agent would not go through the gate" in told


def test_another_provider_is_an_objection_only_where_there_is_a_proxy(target: Target, tmp_path: Path) -> None:
    change = edited(tmp_path / "s.json", AROUND)
    assert "env.ANTHROPIC_BASE_URL" in Settings([target], ["ANTHROPIC_BASE_URL"]).objection(change)
    assert Settings([target]).objection(change) == ""


def test_our_own_hooks_may_not_go_in_the_middle_of_a_session(target: Target) -> None:
    settings = Settings([target])
    change = event(Moment.SETTINGS, file=str(target.path))
    assert settings.objection(change) == ""
    uninstall(target)
    assert "has Occasio's hooks no more" in settings.objection(change)
    assert Settings([target]).objection(change) == ""  # they were not there when this run began


def test_settings_without_one_reading_are_an_objection(target: Target, tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text('{"disableAllHooks": false, "disableAllHooks": true}', encoding="utf-8")
    assert "is not JSON with one reading" in Settings([target]).objection(event(Moment.SETTINGS, file=str(path)))
