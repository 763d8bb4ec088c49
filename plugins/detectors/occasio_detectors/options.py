"""What the policy tells a detector, by its type: the policy was checked before."""

from __future__ import annotations

from collections.abc import Mapping

from occasio_core import Json, UsageError


def number(told: Mapping[str, Json], name: str) -> int:
    """Return a whole number.  Raises `UsageError` for anything else."""
    value = told.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise UsageError(f"`{name}` is no whole number")
    return value
