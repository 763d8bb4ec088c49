"""Severities have an order."""

from __future__ import annotations

from occasio_core import Severity


def test_severities_grow_in_the_order_of_the_specification() -> None:
    assert [each.value for each in sorted(Severity, key=lambda each: each.rank)] == ["info", "low", "medium", "high"]
