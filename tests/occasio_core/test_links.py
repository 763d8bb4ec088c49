"""A file that has several names is judged by all of them, as far as they can be found."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from occasio_core import Effect, EffectKind, PathEntry, Policy
from occasio_core.links import MAX_LOOK, all_named

POLICY = Policy(source="user", path=None, text="", sha256="0" * 64)


def denying(*forms: object) -> Policy:
    return replace(POLICY, deny_paths=tuple(PathEntry(text=str(form), forms=(str(form),)) for form in forms))


def other_names(path: Path, cwd: Path, policy: Policy = POLICY) -> tuple[str, ...]:
    (effect,) = all_named([Effect(EffectKind.READ, str(path))], str(cwd), policy)
    return effect.found


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work" / "sub").mkdir(parents=True)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "id").write_text("secret", encoding="utf-8")
    (tmp_path / "work" / ".env").write_text("secret", encoding="utf-8")
    return tmp_path / "work"


def test_a_second_name_of_a_file_in_the_project_is_found(work: Path) -> None:
    os.link(work / ".env", work / "sub" / "plain")
    assert other_names(work / "sub" / "plain", work) == (str(work / ".env"),)


@pytest.mark.parametrize("denied", ["keys", "keys/id"])
def test_a_second_name_of_a_file_that_is_denied_by_its_place_is_found(work: Path, denied: str) -> None:
    place = work.parent / denied
    os.link(work.parent / "keys" / "id", work / "plain")
    assert str(work.parent / "keys" / "id") in other_names(work / "plain", work, denying(place))


def test_a_link_to_a_file_with_a_second_name_has_that_too(work: Path) -> None:
    os.link(work / ".env", work / "plain")
    (work / "soft").symlink_to("plain")
    assert str(work / ".env") in other_names(work / "soft", work)


def test_a_file_with_one_name_has_no_other_and_nothing_is_looked_for(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "scandir", lambda path: pytest.fail("looked"))
    assert other_names(work / ".env", work, denying(work.parent / "keys")) == ()
    assert other_names(work, work) == ()
    assert other_names(work / "missing", work) == ()


def test_hosts_and_commands_have_no_other_names(work: Path) -> None:
    effect = Effect(EffectKind.EXECUTE, "ls")
    assert all_named([effect], str(work), POLICY) == (effect,)


def test_a_look_ends(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_core.links.MAX_LOOK", 1)
    os.link(work / ".env", work / "sub" / "plain")
    assert len(other_names(work / "sub" / "plain", work)) <= 1
    assert MAX_LOOK > 1
