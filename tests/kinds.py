"""Rows of every kind, with and without each member that may be missing: those that the vectors hold for honest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

Fields = dict[str, Any]

_VECTORS = Path(__file__).parent.parent / "conformance" / "vectors" / "kinds.json"
_TEXT = st.text(st.characters(codec="utf-8"), max_size=12)

MEMBERS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
"""Values that a member of a row may have."""


def every_row() -> list[Fields]:
    """Return the rows."""
    cases = json.loads(_VECTORS.read_text(encoding="utf-8"))["cases"]
    return [json.loads(bytes.fromhex(case["input"]["line"])) for case in cases if case["kind"] == "honest"]


def ids(rows: Iterable[Fields]) -> list[str]:
    """Return a name for each row in a table of tests."""
    return [f"{number}-{row['kind']}" for number, row in enumerate(rows)]


def leaves(value: object) -> Iterator[str]:
    """Yield every text, number and truth value that is in a value, as text."""
    match value:
        case dict():
            for name, item in value.items():
                yield str(name)
                yield from leaves(item)
        case list():
            for item in value:
                yield from leaves(item)
        case bool() | int() | str():
            yield str(value)


def values(row: Fields) -> set[str]:
    """Return every text, number and truth value that the members of a row say, but for its time."""
    return {leaf for name, member in row.items() if name != "ts" for leaf in leaves(member)}
