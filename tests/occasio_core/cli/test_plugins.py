"""`occasio plugins` lists what a run would load, and what each adds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core import hookspecs
from occasio_core.cli import exit_code
from occasio_core.version import __version__

pytestmark = pytest.mark.usefixtures("home")


def test_plugins_are_listed_with_what_they_add(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["plugins"]) == 0
    listed = capsys.readouterr().out
    assert f"anthropic  {__version__}  from {hookspecs.PROJECT}\n  adapter: messages\n" in listed


def test_plugins_are_listed_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["plugins", "--json"]) == 0
    listed = {plugin["name"]: plugin for plugin in json.loads(capsys.readouterr().out)}
    assert listed["paths"] == {
        "name": "paths",
        "version": __version__,
        "from": hookspecs.PROJECT,
        "adds": {"rule": ["allow", "deny", "protected"]},
    }


def test_tools_are_listed_by_the_names_that_agents_have_for_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["plugins", "--json"]) == 0
    listed = {plugin["name"]: plugin["adds"] for plugin in json.loads(capsys.readouterr().out)}
    assert "Read" in listed["files"]["tools"]


def test_listing_leaves_no_trace(home: Path) -> None:
    assert exit_code(["plugins"]) == 0
    assert not home.exists()


def test_a_plugin_that_the_policy_names_and_nobody_installed_is_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places.prepared(home)
    (home / "policy.yml").write_text("version: 1\nplugins:\n  occasio-nosuch: {}\n", encoding="utf-8")
    assert exit_code(["plugins"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "occasio-nosuch" in err.splitlines()[0]


def test_a_new_plugin_is_written_and_what_to_do_next_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["plugins", "new", "no_fridays", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert (tmp_path / "occasio-no-fridays" / "pyproject.toml").is_file()
    assert "name `occasio-no-fridays` under `plugins:`" in said


def test_a_name_of_a_built_in_plugin_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["plugins", "new", "paths", "--out", str(tmp_path)]) == 2
    assert "there is a plugin `paths` already" in capsys.readouterr().err
