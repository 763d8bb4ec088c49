"""`make bench` runs every benchmark there is, and its table shows what misses its goal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.figures import FIGURES, Figure, Point, figure, point, read
from benchmarks.run import HERE, SUITE, report, table

# `quoted` is of what is not built in
NOT_MEASURING = {
    "check",
    "detector_attacks",
    "detector_held_out",
    "detector_profiles",
    "figures",
    "machine",
    "plots",
    "quoted",
    "run",
}


def test_every_benchmark_is_in_the_suite() -> None:
    assert {path.stem for path in HERE.glob("*.py")} - NOT_MEASURING == set(SUITE)


def test_what_is_checked_for_regressions_is_what_the_suite_measures() -> None:
    assert set(json.loads((HERE / "ratios.json").read_text(encoding="utf-8"))) == set(SUITE)


def test_every_curve_of_the_readme_is_drawn_by_it() -> None:
    readme = (HERE.parent / "README.md").read_text(encoding="utf-8")
    shown = {line.partition("(")[2].partition(")")[0] for line in readme.split("![")[1:]}
    assert shown and not [name for name in shown if name.endswith(".svg") and not (HERE.parent / name).exists()]


def test_what_is_kept_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FIGURES, str(tmp_path / "kept"))
    figure("a", 1.5, "ms", "b", 0.5, goal=1, of_ratio=True)
    point("c", "s", 1, 2, "x", "y")
    kept = list(read((tmp_path / "kept").read_text(encoding="utf-8").splitlines()))
    assert kept == [
        Figure(name="a", value=1.5, unit="ms", beside="b", ratio=0.5, goal=1, of_ratio=True),
        Point(curve="c", series="s", x=1, y=2, x_name="x", y_name="y"),
    ]


def test_alone_a_benchmark_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FIGURES, raising=False)
    monkeypatch.chdir(tmp_path)
    figure("a", 1.5, "ms")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (Figure(name="a", value=2.4, unit="ms", goal=5), "| a | 2.4 ms |  |  | ≤ 5 ms |"),
        (Figure(name="a", value=5.4, unit="ms", goal=5), "| a | **5.4 ms** |  |  | ≤ 5 ms |"),
        (
            Figure(name="a", value=9, unit="MB/s", beside="b", ratio=1.9, goal=2, of_ratio=True, is_more_better=True),
            "| a | 9 MB/s | b | **1.90 x** | ≥ 2 x |",
        ),
        (
            Figure(name="a", value=1234567, unit="rows/s", beside="b", ratio=3),
            "| a | 1,234,567 rows/s | b | 3.00 x |  |",
        ),
    ],
    ids=["reached", "missed", "missed as a ratio", "without a goal"],
)
def test_what_misses_its_goal_is_bold(one: Figure, line: str) -> None:
    assert table([one])[2] == line


def test_the_report_says_when_and_on_what() -> None:
    said = report({"canonical": [Figure(name="a", value=1, unit="s")]}, datetime(2026, 1, 2, tzinfo=UTC))
    assert "on 2026-01-02" in said and "- Python: " in said and "## [canonical](canonical.py)" in said
