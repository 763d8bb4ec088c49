"""What two policies say differently: statements that are new, gone, or said of the same thing otherwise.

Knows statements, not policies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from occasio_core.policy.describe import Statement


class Kind(StrEnum):
    """What became of a statement."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is said differently; `before` and `after` are empty where nothing was said."""

    kind: Kind
    subject: str
    before: str = ""
    after: str = ""


def rules_of(statements: Iterable[Statement]) -> dict[str, tuple[str, ...]]:
    """Return what is said of each subject, sorted; mostly it is one thing."""
    rules: dict[str, tuple[str, ...]] = {}
    for one in statements:
        rules[one.subject] = tuple(sorted((*rules.get(one.subject, ()), one.value)))
    return rules


def differences(before: Mapping[str, tuple[str, ...]], after: Mapping[str, tuple[str, ...]]) -> tuple[Difference, ...]:
    """Return what `after` says otherwise than `before`, sorted by subject; nothing if both say the same."""
    found = []
    for subject in sorted({*before, *after}):
        old, new = before.get(subject), after.get(subject)
        if old == new:
            continue
        kind = Kind.ADDED if old is None else Kind.REMOVED if new is None else Kind.CHANGED
        found.append(Difference(kind=kind, subject=subject, before=_joined(old), after=_joined(new)))
    return tuple(found)


def _joined(values: tuple[str, ...] | None) -> str:
    return " | ".join(values or ())
