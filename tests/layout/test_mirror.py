"""Tests mirror the source: `occasio_core/decide.py` has `tests/occasio_core/test_decide.py`.

A file may have several (`test_log_walk.py` beside `test_log.py`) or a folder of them (`test_log/`); a small package may
be tested as one (`test_policy.py` for `policy/`).
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.layout.source import below, plugins, tree

# Files without a test of their own, and why.
_EXCEPTIONS = {
    "occasio_core/commands.py": "values without behaviour",
    "occasio_core/detection/protocols.py": "declarations",
    "occasio_core/errors.py": "classes without behaviour",
    "occasio_core/folder_permit.py": "declarations",
    "occasio_core/hooks/event.py": "values without behaviour",
    "occasio_core/hookspecs.py": "declarations; tests/layout/test_plugins.py looks at them",
    "occasio_core/interfaces.py": "declarations",
    "occasio_core/keyless.py": "values without behaviour",
    "occasio_core/model.py": "values without behaviour",
    "occasio_core/scripted/turn.py": "values without behaviour",
    "occasio_verify/__init__.py": "names of other files; `main` is tested by test_main.py",
    "occasio_verify/errors.py": "classes without behaviour",
}


def subjects() -> list[Path]:
    """Return the source files that do something of their own: not those that only gather names or start another.

    The front page of a plugin is not among them: it is tested by what the plugin adds.
    """
    packages = [f"plugins/{plugin.name}/occasio_{plugin.name}" for plugin in plugins()]
    fronts = [Path(package, "__init__.py") for package in packages]
    return [path for path in below("occasio_core", "occasio_verify", *packages) if acts(path) and path not in fronts]


def acts(path: Path) -> bool:
    """Return whether a file defines a function or a class."""
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in tree(path).body)


def home_of_tests(path: Path) -> Path:
    """Return the folder that mirrors the one that a source file is in."""
    if path.parts[0] == "plugins":
        return Path(*path.parts[:2], "tests", *path.parts[3:-1])
    return Path("tests", *path.parts[:-1])


def mirrors(path: Path) -> list[Path]:
    """Return the tests that belong to a source file by their name."""
    folder, name = home_of_tests(path), path.stem.strip("_")
    if path.name == "__init__.py":  # a package's front page goes by the package's name
        name, folder = path.parent.name, folder.parent
    beside = [
        test
        for test in below(str(folder))
        if str(test.relative_to(folder)).startswith((f"test_{name}.py", f"test_{name}_", f"test_{name}/"))
    ]
    of_package = folder.with_name(f"test_{folder.name}.py")
    return beside + ([of_package] if of_package in below("tests", "plugins") else [])


@pytest.mark.parametrize("path", subjects(), ids=str)
def test_a_file_has_a_test_of_its_name_or_a_reason_to_have_none(path: Path) -> None:
    assert mirrors(path) or str(path) in _EXCEPTIONS


def test_no_exception_is_made_for_a_file_that_has_tests_or_is_gone() -> None:
    files = {str(path): path for path in subjects()}
    assert [name for name in _EXCEPTIONS if name not in files or mirrors(files[name])] == []
