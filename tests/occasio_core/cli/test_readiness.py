"""`occasio doctor` says what is not ready, in words and as JSON, and exits accordingly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core.cli import exit_code


@pytest.fixture(autouse=True)
def _nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OCCASIO_HOME", str(tmp_path / "occasio"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def test_a_machine_without_agents_is_told_what_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "error: agents: none that Occasio knows is in PATH\n  hint: one is enough" in said
    assert said.endswith("not ready\n")


def test_the_same_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["doctor", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["ready"] is False
    assert {one["check"] for one in said["checks"]} >= {"python", "policy", "keys", "log", "agents", "hooks"}
    (tmp_path / "claude").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "claude").chmod(0o755)
    assert exit_code(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ready"] is True
