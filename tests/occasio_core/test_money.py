"""Amounts are told in dollars, small ones with more digits."""

from __future__ import annotations

import pytest

from occasio_core.money import dollars


@pytest.mark.parametrize(("amount", "text"), [(0, "$0.00"), (50, "$0.0001"), (1_234_567, "$1.23")])
def test_amounts_are_told_in_dollars(amount: int, text: str) -> None:
    assert dollars(amount) == text
