"""Curves of what grows, as SVG: needs matplotlib (`pip install --group bench`)."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from benchmarks.figures import Point

LOGARITHMIC = 20  # times between the ends of an axis, from which on it is logarithmic


def draw(points: list[Point], out: Path) -> list[Path]:
    """Draw a file for each curve; return them.  The same points give the same bytes."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "occasio"
    mpl.rcParams["svg.fonttype"] = "none"  # text stays text: small, and readable by those who do not look
    curves: dict[str, list[Point]] = defaultdict(list)
    for one in points:
        curves[one.curve].append(one)
    out.mkdir(parents=True, exist_ok=True)
    return [_drawn(curve, of_it, out) for curve, of_it in curves.items()]


def _drawn(curve: str, points: list[Point], out: Path) -> Path:
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(5.2, 3.2), layout="constrained", facecolor="white")
    axes = drawing.subplots()
    series: dict[str, list[Point]] = defaultdict(list)
    for one in points:
        series[one.series].append(one)
    for name, of_it in series.items():
        ordered = sorted(of_it, key=lambda one: one.x)
        axes.plot([one.x for one in ordered], [one.y for one in ordered], marker="o", markersize=4, label=name)
    if _is_wide([one.x for one in points]):
        axes.set_xscale("log")
    if _is_wide([one.y for one in points]):
        axes.set_yscale("log")
    else:
        axes.set_ylim(0, 1.15 * max(one.y for one in points))
    axes.set(title=curve, xlabel=points[0].x_name, ylabel=points[0].y_name)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False, fontsize=8)
    path = out / f"{curve.lower().replace(' ', '-').replace(',', '')}.svg"
    drawing.savefig(path, metadata={"Date": None, "Creator": None})
    return path


def _is_wide(values: list[float]) -> bool:
    return min(values) > 0 and max(values) / min(values) >= LOGARITHMIC
