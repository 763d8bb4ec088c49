"""Agents that are installed are found with their versions, and none of them is started."""

from __future__ import annotations

import json
from pathlib import Path

from occasio_core.agents_found import found_agents, version_of


def program(path: Path) -> Path:
    """Return a program that fails whoever starts it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def described(folder: Path, name: str, version: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"name": name, "version": version}), encoding="utf-8")


def test_an_agent_of_npm_is_found_by_its_link(tmp_path: Path) -> None:
    package = tmp_path / "lib" / "node_modules" / "@google" / "gemini-cli"
    real = program(package / "bundle" / "gemini.js")
    described(package, "@google/gemini-cli", "0.61.0")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gemini").symlink_to(real)
    (found,) = found_agents({"PATH": str(tmp_path / "bin")})
    assert (found.agent.name, found.version) == ("gemini-cli", "0.61.0")


def test_a_program_of_a_package_that_another_brings_is_of_the_other(tmp_path: Path) -> None:
    modules = tmp_path / "node_modules"
    real = program(modules / "opencode-linux-x64" / "bin" / "opencode")
    described(modules / "opencode-linux-x64", "opencode-linux-x64", "9")
    described(modules / "opencode-ai", "opencode-ai", "1.18.33")
    assert version_of(real, "npm install -g opencode-ai") == "1.18.33"


def test_an_agent_of_pip_is_found_beside_its_environment(tmp_path: Path) -> None:
    mini = program(tmp_path / "bin" / "mini")
    (tmp_path / "lib" / "python3.11" / "site-packages" / "mini_swe_agent-2.4.6.dist-info").mkdir(parents=True)
    assert version_of(mini, "pip install mini-swe-agent") == "2.4.6"


def test_a_version_that_nothing_says_is_empty(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("[]", encoding="utf-8")
    assert version_of(program(tmp_path / "bin" / "cline"), "npm install -g cline") == ""
    assert version_of(program(tmp_path / "bin" / "mini"), "pip install mini-swe-agent") == ""


def test_without_agents_none_is_found(tmp_path: Path) -> None:
    assert list(found_agents({"PATH": str(tmp_path)})) == []
