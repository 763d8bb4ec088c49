"""The map of known holes names tests that exist, and leaves none out."""

from __future__ import annotations

import ast

import pytest
import yaml

from tests.layout.source import ROOT, text, tree

_MAP = yaml.safe_load(text(ROOT / "tests/holes.yml"))
_HOLES = {number: hole for section in _MAP.values() for number, hole in section.items()}


def test_every_hole_is_in_the_map_once_and_in_order() -> None:
    assert [number for section in _MAP.values() for number in section] == list(range(1, 75))


@pytest.mark.parametrize("number", _HOLES)
def test_a_hole_says_what_it_is_and_which_tests_show_that_it_is_closed(number: int) -> None:
    hole = _HOLES[number]
    assert set(hole) <= {"hole", "by", "open"}
    assert hole["hole"]
    missing = [name for name in hole["by"] if not _exists(*name.split("::"))]
    assert hole["by"]
    assert missing == []


def _exists(file: str, name: str) -> bool:
    functions = ast.walk(tree(ROOT / file)) if (ROOT / file).is_file() else ()
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name for node in functions)
