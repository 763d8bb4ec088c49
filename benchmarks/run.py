"""Every benchmark in one run: `make bench`.

`python benchmarks/run.py [--quick] [--only NAME]... [--out DIR]` runs each as a person would, shows what it prints, and writes to DIR
(`benchmarks`): RESULTS.md, with the machine, the versions and the date; and plots/, a curve for each thing that grows.  `--quick` has less to
measure; it, and a run of some alone, writes nothing unless DIR is given.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import FIGURES, Figure, Point, read
from benchmarks.machine import machine

HERE = Path(__file__).parent
ROOT = HERE.parent

# What each is started with, to be quick; whole, it is started with nothing.
SUITE: dict[str, list[str]] = {
    "canonical": ["--quick"],
    "verify": ["--rows", "40000", "--rounds", "3"],
    "append": ["--rounds", "3", "--seconds", "0.5", "--long", "50000"],
    "proof": ["50000"],
    "decide": ["200"],
    "search": ["500"],
    "secret_scan": ["--megabytes", "2", "--rounds", "3"],
    "exports": ["--rows", "20000"],
    "hooks": ["60"],
    "detectors": ["--quick"],
    "status": ["--rows", "20000", "--times", "5"],
    "dashboard": ["--rows", "20000", "--seconds", "5"],
    "proxy": ["--requests", "100", "--streams", "50", "--load", "300"],
}


def measured(name: str, arguments: list[str]) -> list[Figure | Point]:
    """Run one benchmark; return what it kept.  Raises `CalledProcessError` when it fails."""
    with tempfile.TemporaryDirectory() as place:
        kept = Path(place) / "figures.jsonl"
        kept.touch()
        command = [sys.executable, str(HERE / f"{name}.py"), *arguments]
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, FIGURES: str(kept)})
        return list(read(kept.read_text(encoding="utf-8").splitlines()))


def measured_all(names: list[str], *, quick: bool) -> dict[str, list[Figure | Point]]:
    """Run the benchmarks of these names, one after another."""
    found = {}
    for name in names:
        print(f"\n== benchmarks/{name}.py", flush=True)
        found[name] = measured(name, SUITE[name] if quick else [])
    return found


def table(figures: list[Figure]) -> list[str]:
    """Return the lines of a table in Markdown; what misses its goal is bold."""
    lines = ["| what | measured | beside | ratio | goal |", "|---|---|---|---|---|"]
    for one in figures:
        ratio = "" if one.ratio is None else f"{one.ratio:.2f} x"
        value = f"{shown(one.value)} {one.unit}".strip()
        goal = ""
        if one.goal is not None:
            goal = f"{'≥' if one.is_more_better else '≤'} {shown(one.goal)} {'x' if one.of_ratio else one.unit}"
        if one.is_reached is False:
            value, ratio = (value, f"**{ratio}**") if one.of_ratio else (f"**{value}**", ratio)
        lines.append(f"| {one.name} | {value} | {one.beside} | {ratio} | {goal} |")
    return lines


def shown(number: float) -> str:
    """Return `number` with three digits that count, or whole."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def report(found: dict[str, list[Figure | Point]], now: datetime) -> str:
    """Return RESULTS.md."""
    lines = [
        "# Results",
        "",
        f"`make bench` wrote this on {now:%Y-%m-%d}. Times depend on the machine, and this one is shared: the ratios are what counts, each taken in the",
        "same run as its peer. What misses its goal is bold. The script's docstring says what is measured and what the peer is.",
        "",
        *(f"- {name}: {value}" for name, value in machine().items()),
    ]
    for name, kept in found.items():
        if figures := [one for one in kept if isinstance(one, Figure)]:
            lines += ["", f"## [{name}]({name}.py)", "", *table(figures)]
    return "\n".join([*lines, ""])


def main() -> None:
    """Run, and write what was found."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--quick", action="store_true")
    options.add_argument("--only", action="append", choices=SUITE, metavar="NAME")
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    found = measured_all(given.only or list(SUITE), quick=given.quick)
    out = given.out or (None if given.quick or given.only else HERE)
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    (out / "RESULTS.md").write_text(report(found, now), encoding="utf-8")
    from benchmarks.plots import draw

    draw([one for all_ in found.values() for one in all_ if isinstance(one, Point)], out / "plots")
    print(f"\nwrote {out / 'RESULTS.md'} and plots/")


if __name__ == "__main__":
    main()
