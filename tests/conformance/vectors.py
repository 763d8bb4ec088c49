"""The vectors, the codes in them, in SPEC and in the verifier, for the tests to compare."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CONFORMANCE = ROOT / "conformance"
SPEC = (ROOT / "SPEC.md").read_text(encoding="utf-8")

_CODE = re.compile(r"`([a-z0-9]+(?:-[a-z0-9]+)*)`")


def script(name: str) -> ModuleType:
    """Return a script of `conformance/` as a module."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, CONFORMANCE / f"{name}.py")
        assert spec is not None and spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


def cases() -> list[Any]:
    """Return all cases."""
    run = script("run")
    return list(run.load(run.VECTORS))


def expected_codes(expect: dict[str, Any]) -> Iterator[str]:
    """Yield the codes that an expectation names."""
    code = expect.get("code", [])
    yield from [code] if isinstance(code, str) else code
    first = expect.get("first_failed", [])
    pairs = first if first and isinstance(first[0], list) else [first] if first else []
    for _, found in [*pairs, *expect.get("not_checked", [])]:
        yield found


def named_codes() -> set[str]:
    """Return everything in SPEC that is written as a code is."""
    return set(_CODE.findall(SPEC))


def tabled_codes() -> set[str]:
    """Return the codes in the last column of those tables of SPEC where that column has codes."""
    found: set[str] = set()
    in_table = False
    for line in SPEC.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if cells and cells[-1] in ("code", "codes"):
            in_table = True
        elif not cells:
            in_table = False
        elif in_table:
            found.update(_CODE.findall(cells[-1]))
    return found


def raised_codes() -> set[str]:
    """Return the codes that the verifier raises: the first argument of each refusal that is written out."""
    return {
        code
        for path in (ROOT / "occasio_verify").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and (code := _refusal(node)) is not None
    }


def _refusal(call: ast.Call) -> str | None:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if not name.endswith(("Error", "NotChecked")) or name == "UsageError" or not call.args:
        return None
    first = call.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
