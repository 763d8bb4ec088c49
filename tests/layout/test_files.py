"""Files of the project: named for what they are, said to be what they are, small, finished, and nobody's machine."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.layout.source import below, text, tracked, tree

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60

_PYTHON = [path for path in tracked() if path.suffix == ".py"]
_SCRIPTS = [path for path in tracked() if path.suffix in {".js", ".mjs", ".cjs", ".sh"}]
# Tests and the generator of vectors are tables for the most part; how long these are says nothing.
_TABLES = {"tests", "generator"}
_SOURCES = [path for path in _PYTHON if not _TABLES & set(path.parts)]
_NO_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}

# Split, so that this file may be looked at like the others.
_UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b")
_MACHINES = re.compile(r"/home/(?!(?:ada|dev)\b)\w+|/Users/\w+|/root/|[A-Z]:\\\\?Users\\")
_REGISTRIES = re.compile(
    r"registry\.(?:npmjs|yarnpkg)|files\.pythonhosted|pypi\.org/simple|artifactory|jfrog|codeartifact|verdaccio|devpi"
    r"|\b(?:extra-)?index-url\b|^\s*\"resolved\"\s*:|\bregistry\s*=\s*[\"']?http",
    re.IGNORECASE | re.MULTILINE,
)
_KEYS = re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\\?n?\s*[A-Za-z0-9+/]{40}")


def assert_none(offenders: Iterable[str]) -> None:
    """Fail with all of them, one a line."""
    lines = sorted(offenders)
    assert not lines, "\n".join(["these do not hold:", *lines])


def found(pattern: re.Pattern[str]) -> list[str]:
    """Return where a tracked file says what the pattern matches; what the generator of vectors writes is left out."""
    here, vectors = Path("tests", "layout", "test_files.py"), Path("conformance", "vectors")
    return [
        f"{path}:{text(path).count(chr(10), 0, match.start()) + 1}: {match[0].strip()}"
        for path in tracked()
        if path != here and not path.is_relative_to(vectors)
        for match in pattern.finditer(text(path))
    ]


def test_a_name_says_what_the_file_is_about() -> None:
    assert_none(str(path) for path in _PYTHON + _SCRIPTS if set(path.with_suffix("").parts) & _NO_NAMES)


def test_every_module_says_what_it_is() -> None:
    assert_none(str(path) for path in _SOURCES if not ast.get_docstring(tree(path)))


def test_no_file_is_long() -> None:
    lengths = {path: text(path).count("\n") for path in _SOURCES + _SCRIPTS}
    assert_none(f"{path}: {lines} lines" for path, lines in lengths.items() if lines > MAX_FILE_LINES)


def test_no_function_is_long() -> None:
    lengths = {
        f"{path}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in _SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert_none(f"{function}: {lines} lines" for function, lines in lengths.items() if lines > MAX_FUNCTION_LINES)


def test_nothing_is_left_for_later() -> None:
    assert_none(found(_UNFINISHED))


def test_nobodys_home_directory_is_named() -> None:
    assert_none(found(_MACHINES))


def test_no_package_registry_is_named() -> None:
    assert_none(found(_REGISTRIES))


def test_no_private_key_is_kept() -> None:
    assert_none(found(_KEYS))


def test_text_ends_in_one_line_end_and_has_no_tabs_or_carriage_returns() -> None:
    texts = {path: text(path) for path in below("occasio_core", "occasio_verify", "plugins", "tests", "conformance")}
    wrong = [path for path, said in texts.items() if said and (not said.endswith("\n") or {"\t", "\r"} & set(said))]
    assert_none(str(path) for path in wrong)


@pytest.mark.parametrize("path", [path for path in tracked() if path.name == "package-lock.json"], ids=str)
def test_what_npm_installs_is_pinned_by_digest(path: Path) -> None:
    packages = json.loads(text(path))["packages"]
    assert_none(name for name, package in packages.items() if name and "integrity" not in package)
