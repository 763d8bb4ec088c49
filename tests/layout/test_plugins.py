"""Every plugin is a complete little project, known to the big one, and every hook has a plugin that uses it."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from occasio_core import hookspecs
from occasio_core.version import __version__
from tests.layout.source import ROOT, below, plugins, settings, text

_HOOKS = [name for name, _ in inspect.getmembers(hookspecs, inspect.isfunction) if name.startswith("occasio_register_")]
each_plugin = pytest.mark.parametrize("plugin", plugins(), ids=lambda plugin: str(plugin.name))


def said(folder: Path = Path()) -> Any:
    """Return the settings of a project, to be looked into without ceremony."""
    return settings(folder)


@each_plugin
def test_a_plugin_has_the_files_of_a_project(plugin: Path) -> None:
    package = f"occasio_{plugin.name}"
    wanted = ["README.md", "pyproject.toml", f"{package}/__init__.py", f"{package}/py.typed", "tests"]
    assert [name for name in wanted if not (ROOT / plugin / name).exists()] == []


@each_plugin
def test_a_plugin_has_tests(plugin: Path) -> None:
    assert [path for path in below(str(plugin / "tests")) if path.name.startswith("test_")]


@each_plugin
def test_a_readme_says_more_than_a_name(plugin: Path) -> None:
    assert len(text(plugin / "README.md").splitlines()) >= 5


@each_plugin
def test_a_plugin_is_found_by_the_same_name_alone_and_in_occasio(plugin: Path) -> None:
    alone = said(plugin)["project"]
    assert alone["entry-points"]["occasio"] == {plugin.name: f"occasio_{plugin.name}"}
    assert said()["project"]["entry-points"]["occasio"][plugin.name] == f"occasio_{plugin.name}"
    assert alone["name"] == f"occasio-{plugin.name.replace('_', '-')}"


@each_plugin
def test_a_plugin_has_the_version_of_the_whole(plugin: Path) -> None:
    assert said(plugin)["project"]["version"] == __version__


@each_plugin
def test_a_plugin_is_packed_typed_and_kept_apart(plugin: Path) -> None:
    package, tools = f"occasio_{plugin.name}", said()["tool"]
    assert f"plugins/{plugin.name}/{package}" in tools["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert package in tools["mypy"]["packages"]
    assert package in tools["importlinter"]["root_packages"]
    assert package in tools["importlinter"]["contracts"][0]["layers"][0].split(" | ")


def test_no_entry_point_is_without_its_plugin() -> None:
    assert sorted(said()["project"]["entry-points"]["occasio"]) == [plugin.name for plugin in plugins()]


@pytest.mark.parametrize("hook", _HOOKS)
def test_a_hook_has_a_plugin_of_occasio_that_uses_it(hook: str) -> None:
    fronts = [import_module(f"occasio_{plugin.name}") for plugin in plugins()]
    assert [front.__name__ for front in fronts if hasattr(getattr(front, hook, None), f"{hookspecs.PROJECT}_impl")]


@pytest.mark.parametrize("hook", _HOOKS)
def test_a_hook_says_what_it_is_for(hook: str) -> None:
    assert inspect.getdoc(getattr(hookspecs, hook))
