"""Which mutants there are; that the vectors kill them is measured by `make adequacy`."""

from __future__ import annotations

import json
import sys

import pytest

from tests.conformance.vectors import CONFORMANCE, script

SOURCE = '''
LIMIT = 3

def check(value: int) -> None:
    """Refuse what is too large."""
    if value > LIMIT or value == 0:
        raise ValueError("too large")
    check_again(value)

def holds(value: int) -> bool:
    return value < 7
'''


@pytest.fixture(scope="module")
def told() -> list[str]:
    """What the mutants of SOURCE are told to be."""
    return [mutant.name for mutant in script("adequacy_mutants").mutants("file.py", SOURCE)]


@pytest.mark.parametrize(
    "mutant",
    [
        "file.py : one more: LIMIT",
        "file.py : one less: LIMIT",
        "file.py check: Gt becomes GtE in: value > LIMIT",
        "file.py check: without `value == 0` in: value > LIMIT or value == 0",
        "file.py check: never: if value > LIMIT or value == 0",
        "file.py check: no raise: raise ValueError('too large')",
        "file.py check: no call: check_again(value)",
        "file.py holds: Lt becomes LtE in: value < 7",
        "file.py holds: always true: value < 7",
    ],
)
def test_a_guard_is_weakened_in_every_way(told: list[str], mutant: str) -> None:
    assert mutant in told


def test_no_mutant_is_named_twice(told: list[str]) -> None:
    assert len(told) == len(set(told))


@pytest.mark.skipif(sys.platform == "win32", reason="adequacy.py forks")
def test_every_equivalent_mutant_is_one_and_has_a_reason() -> None:
    sys.path.insert(0, str(CONFORMANCE))  # it imports the runner beside it
    try:
        made = {mutant.name for mutant in script("adequacy").all_mutants([])}
    finally:
        sys.path.remove(str(CONFORMANCE))
    listed = json.loads((CONFORMANCE / "equivalent_mutants.json").read_text(encoding="utf-8"))
    assert [entry["mutant"] for entry in listed if entry["mutant"] not in made or not entry["reason"]] == []
