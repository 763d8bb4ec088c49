"""`occasio policy doctor` prints what it finds, and its exit code says whether any of it matters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.occasio_core.cli.commands import Captured, occasio


@pytest.fixture
def policy(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A policy with a slip in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    home.mkdir(mode=0o700)
    (home / "policy.yml").write_text("version: 1\ndeny_paths: ['!~/x']\n", encoding="utf-8")
    (home / "policy.yml").chmod(0o600)
    return home / "policy.yml"


def test_what_is_found_is_printed_and_exits_1(policy: Path, capsys: Captured) -> None:
    assert occasio("policy", "doctor") == 1
    assert capsys.readouterr().out == (
        f"warning: {policy}:2: deny_paths: !~/x opens nothing: no entry denies it\n"
        "  hint: take it out, or look for a slip in it\n"
    )


def test_nothing_found_exits_0_and_says_so(policy: Path, capsys: Captured) -> None:
    policy.write_text("version: 1\n", encoding="utf-8")
    assert occasio("policy", "doctor") == 0
    assert capsys.readouterr() == ("", "nothing found\n")


def test_a_note_is_printed_and_exits_0(policy: Path, capsys: Captured) -> None:
    policy.write_text("deny_paths: [~/.ssh/config]\n", encoding="utf-8")
    assert occasio("policy", "doctor") == 0
    assert capsys.readouterr().out.startswith("note: ")


def test_programs_are_told(policy: Path, capsys: Captured) -> None:
    assert occasio("policy", "doctor", "--json") == 1
    assert json.loads(capsys.readouterr().out)[0]["level"] == "warning"


def test_looking_changes_nothing(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert occasio("policy", "doctor") == 0
    assert not home.exists()
