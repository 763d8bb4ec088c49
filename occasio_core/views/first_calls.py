"""What runs of a project mostly begin with.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from occasio_core.views.calls import target_of, text
from occasio_verify import Json, Row

FIRST = 5  # calls of a run
ENOUGH = 3  # runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A call that stands among the first of `runs` runs out of `of`, mostly as the `position`-th."""

    tool: str
    target: str
    reads: bool
    runs: int
    of: int
    position: float

    @property
    def confidence(self) -> float:
        """Return in which share of the runs it is."""
        return round(self.runs / self.of, 3)

    def as_json(self) -> dict[str, Json]:
        """Return it for programs."""
        return {
            "tool": self.tool,
            "target": self.target,
            "runs": self.runs,
            "of": self.of,
            "confidence": self.confidence,
            "position": self.position,
        }


def first_calls(runs: Iterable[Sequence[Row]]) -> list[Opening]:
    """Return what the first calls of each run have in common, the most usual first; nothing from too few runs.

    Each run is told by its first `tool_call` rows; what stands in one run alone is not usual.
    """
    found: dict[tuple[str, str, bool], list[int]] = {}
    number = 0
    for rows in runs:
        number += 1
        own: dict[tuple[str, str, bool], int] = {}
        for position, row in enumerate(rows[:FIRST], 1):
            own.setdefault((text(row, "tool_name"), target_of(row.fields), _is_read(row)), position)
        for key, position in own.items():
            found.setdefault(key, []).append(position)
    if number < ENOUGH:
        return []
    told = [
        Opening(tool=tool, target=target, reads=reads, runs=len(at), of=number, position=median(at))
        for (tool, target, reads), at in found.items()
        if len(at) > 1
    ]
    return sorted(told, key=lambda one: (-one.runs, one.position, one.tool, one.target))


def _is_read(row: Row) -> bool:
    """Return whether the call reads the file that it is about, and nothing else."""
    return row.fields.get("effects") in ([f"read {target_of(row.fields)}"], (f"read {target_of(row.fields)}",))
