"""A new plugin is complete: its own tests pass, and nothing of the template's is left in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from occasio_core.errors import UsageError
from occasio_core.new_plugin import new_plugin


def made(place: Path, name: str = "no_fridays") -> Path:
    return new_plugin(name, place, frozenset({"paths"}))


def test_it_has_every_file_of_a_project_of_its_own(tmp_path: Path) -> None:
    folder = made(tmp_path)
    assert folder.name == "occasio-no-fridays"
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) == [
        ".gitignore",
        "README.md",
        "occasio_no_fridays/__init__.py",
        "occasio_no_fridays/py.typed",
        "pyproject.toml",
        "tests/test_plugin.py",
    ]


def test_no_place_is_left_empty(tmp_path: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in made(tmp_path).rglob("*") if path.is_file()]
    assert not [text for text in texts if "@NAME@" in text or "@PACKAGE@" in text or "@DISTRIBUTION@" in text]


def test_its_own_tests_pass(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=."],
        cwd=made(tmp_path),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "7 passed" in done.stdout


def test_its_tests_notice_a_rule_that_refuses_nothing(tmp_path: Path) -> None:
    folder = made(tmp_path)
    source = folder / "occasio_no_fridays" / "__init__.py"
    source.write_text(source.read_text(encoding="utf-8").replace("Action.BLOCK", "Action.PASS"), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 1
    assert "2 failed" in done.stdout


@pytest.mark.parametrize("name", ["", "No", "no-fridays", "9lives", "a__b", "_a", "a_", "ä", "../x"])
def test_what_no_package_can_be_called_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is no name for a plugin"):
        made(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is a plugin `paths` already"):
        made(tmp_path, "paths")


def test_nothing_is_written_over(tmp_path: Path) -> None:
    made(tmp_path)
    with pytest.raises(UsageError, match="is there already"):
        made(tmp_path)
