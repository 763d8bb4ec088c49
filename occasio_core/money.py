"""Amounts as people read them.  Money is in micro-dollars, whole ones."""

from __future__ import annotations


def dollars(amount: int) -> str:
    """Return an amount of micro-dollars as people read it."""
    return f"${amount / 1_000_000:.2f}" if amount >= 10_000 or not amount else f"${amount / 1_000_000:.4f}"
