"""Counts are what a row can hold, or not counted."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_core.wires.usage import Tally, tokens


@pytest.mark.parametrize("count", [0, 2**53 - 1])
def test_a_count_goes_from_nothing_to_what_a_row_can_hold(count: int) -> None:
    assert tokens(count, 7) == count


@pytest.mark.parametrize("count", [-1, 2**53, True, 1.5, "9", None, [9]])
def test_what_is_no_count_is_not_counted(count: Any) -> None:
    assert tokens(count, 7) == 7


def test_a_message_says_its_model() -> None:
    tally = Tally()
    tally.note_message({"model": "m", "usage": {"tokens": 1}})
    assert tally == Tally(model="m")


@pytest.mark.parametrize("message", [None, [], "x", {}, {"model": None}, {"model": 7, "usage": 7}])
def test_what_is_no_message_is_passed_over(message: Any) -> None:
    tally = Tally(model="m")
    tally.note_message(message)
    assert tally == Tally(model="m")
