"""The files of the project, as the layout tests look at them: what git tracks, Python as syntax trees.

Knows no rule.  Outside of a git checkout (an unpacked sdist) there is nothing to look at, and the tests say so.
"""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@cache
def tracked() -> tuple[Path, ...]:
    """Return every file that git tracks, relative to the root, in order."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    paths = (Path(name.decode()) for name in listed.split(b"\0") if name)
    return tuple(sorted(path for path in paths if (ROOT / path).is_file()))


def below(*folders: str, suffix: str = ".py") -> list[Path]:
    """Return the tracked files of one kind in these folders."""
    return [path for path in tracked() if path.suffix == suffix and any(path.is_relative_to(f) for f in folders)]


def text(path: Path) -> str:
    """Return what a tracked file says; empty if it is no text."""
    try:
        return (ROOT / path).read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(text(path), str(path))


def imported(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every module that a file imports anywhere, with the names taken from it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute here"
            yield node.module or "", tuple(alias.name for alias in node.names)


def plugins() -> list[Path]:
    """Return the folders of the plugins."""
    return sorted({Path(*path.parts[:2]) for path in tracked() if path.parts[0] == "plugins" and len(path.parts) > 2})


def settings(folder: Path = Path()) -> dict[str, object]:
    """Return what the `pyproject.toml` in a folder says."""
    return tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))
