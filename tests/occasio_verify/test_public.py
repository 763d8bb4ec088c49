"""The root offers every name, whatever was imported before, and costs nothing until one is asked for."""

import ast
import subprocess
import sys
from importlib import import_module
from itertools import permutations
from pathlib import Path

import pytest

import occasio_verify

SHADOWED = ("canonical", "predicate", "statement")


def printed(program: str) -> str:
    """Return what a fresh interpreter prints that runs `program` with nothing but the project on its path."""
    root = str(Path(occasio_verify.__file__).parents[1])
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {root!r}); {program}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_importing_the_root_loads_next_to_nothing():
    program = "before = set(sys.modules); import occasio_verify; print(*sorted(set(sys.modules) - before))"
    loaded = set(printed(program).split())
    assert {name for name in loaded if name.startswith("occasio")} == {"occasio_verify"}
    assert len(loaded) <= 8


def test_importing_the_json_type_loads_neither_cryptography_nor_files():
    program = "from occasio_verify import Json, MalformedError, canonical, parse_json; print(*sys.modules)"
    assert not {"argparse", "dataclasses", "datetime", "hashlib", "inspect", "pathlib"} & set(printed(program).split())


@pytest.mark.parametrize("name", occasio_verify.__all__)
def test_every_name_is_there(name):
    assert getattr(occasio_verify, name) is not None


def test_checkers_see_the_names_that_programs_get():
    source = ast.parse(Path(occasio_verify.__file__).read_text(encoding="utf-8"))
    taken = {
        alias.name: node.module
        for node in ast.walk(source)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("occasio_verify.")
        for alias in node.names
    }
    taken["main"] = "occasio_verify.__main__"
    assert sorted(taken) == sorted(occasio_verify.__all__)
    for name, module in taken.items():
        if name != "main":
            assert getattr(occasio_verify, name) is getattr(import_module(module), name)


@pytest.mark.parametrize("order", list(permutations(SHADOWED)), ids="-".join)
def test_a_function_is_not_hidden_by_the_module_of_its_name(order):
    program = "; ".join(
        [f"import occasio_verify.{name}" for name in order]
        + [f"from occasio_verify import {name}" for name in order]
        + [f"print(type({name}).__name__)" for name in order]
    )
    assert set(printed(program).split()) == {"function"}


def test_a_star_brings_every_name():
    program = "from occasio_verify import *; import occasio_verify; print(set(occasio_verify.__all__) - set(globals()))"
    assert printed(program) == "set()"


def test_a_name_that_is_not_there_is_an_ordinary_error():
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = occasio_verify.nonsense
