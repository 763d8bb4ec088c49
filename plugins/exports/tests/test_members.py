"""What is taken from a row is not in its rest, and all else is."""

from __future__ import annotations

import pytest

from occasio_exports.members import CallNames, Members, milliseconds


def test_what_is_taken_is_not_in_the_rest() -> None:
    members = Members({"a": "x", "b": 2, "c": ["y", 3], "d": None})
    assert (members.text("a"), members.number("b"), members.texts("c")) == ("x", 2, ["y"])
    assert members.rest() == {"d": None}


def test_what_is_only_seen_stays() -> None:
    members = Members({"a": "x"})
    assert members.see("a") == "x"
    assert members.rest() == {"a": "x"}


def test_a_member_that_is_missing_or_of_another_type_is_the_empty_one() -> None:
    members = Members({"a": 1, "b": "x", "c": "y"})
    assert (members.text("a"), members.number("b"), members.texts("c"), members.take("d")) == ("", 0, [], None)


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("1970-01-01T00:00:00.000Z", 0),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2026-01-02T03:04:05.678Z", 1767323045678),
        ("9999-12-31T23:59:59.999Z", 253402300799999),
    ],
)
def test_a_time_is_milliseconds_exactly(timestamp: str, expected: int) -> None:
    assert milliseconds(timestamp) == expected


def test_the_tool_of_a_call_is_known_until_too_many_came_after_it() -> None:
    names = CallNames(most=2)
    for number in range(3):
        names.note({"run_id": "r", "call_id": str(number), "tool_name": f"tool{number}"})
    assert [names.of({"run_id": "r", "call_id": str(number)}) for number in range(3)] == [None, "tool1", "tool2"]


def test_calls_of_two_runs_are_not_mixed_up() -> None:
    names = CallNames()
    names.note({"run_id": "r", "call_id": "1", "tool_name": "t"})
    assert names.of({"run_id": "s", "call_id": "1"}) is None
