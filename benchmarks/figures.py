"""What benchmarks measured, kept apart from what they print: `figure` and `point` write to the file that FIGURES names.

Where it names none nothing is kept, so that a benchmark alone prints and no more.  `report.py` makes tables and curves
of what was kept, `check.py` compares it with what was kept before.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

FIGURES = "OCCASIO_FIGURES"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number of a benchmark, beside its peer in the same run.

    `ratio` is what holds on another machine: ours divided by the peer's, or the other way round as `beside` says.  It is
    what a check compares; a figure without one only informs.  `goal` is a bound on the ratio where `of_ratio`, else on the value.
    """

    name: str
    value: float
    unit: str
    beside: str = ""
    ratio: float | None = None
    goal: float | None = None
    of_ratio: bool = False
    is_more_better: bool = False

    @property
    def is_reached(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        seen = self.ratio if self.of_ratio else self.value
        assert seen is not None
        return seen >= self.goal if self.is_more_better else seen <= self.goal


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point of a curve: what grows along `x` takes or makes `y`."""

    curve: str
    series: str
    x: float
    y: float
    x_name: str
    y_name: str


def figure(
    name: str,
    value: float,
    unit: str,
    beside: str = "",
    ratio: float | None = None,
    *,
    goal: float | None = None,
    of_ratio: bool = False,
    is_more_better: bool = False,
) -> None:
    """Keep a figure."""
    _keep(
        Figure(
            name=name,
            value=value,
            unit=unit,
            beside=beside,
            ratio=ratio,
            goal=goal,
            of_ratio=of_ratio,
            is_more_better=is_more_better,
        )
    )


def point(curve: str, series: str, x: float, y: float, x_name: str, y_name: str) -> None:
    """Keep a point of a curve."""
    _keep(Point(curve=curve, series=series, x=x, y=y, x_name=x_name, y_name=y_name))


def _keep(kept: Figure | Point) -> None:
    if path := os.environ.get(FIGURES):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": type(kept).__name__, **asdict(kept)}) + "\n")


def read(lines: Iterable[str]) -> Iterator[Figure | Point]:
    """Yield what was kept."""
    for line in lines:
        members = json.loads(line)
        kind = {"Figure": Figure, "Point": Point}[members.pop("kind")]
        known = {field.name for field in fields(kind)}
        yield kind(**{name: value for name, value in members.items() if name in known})
