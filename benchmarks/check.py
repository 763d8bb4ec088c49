"""Whether a ratio has become worse than noise explains: `make bench-check`.

`python benchmarks/check.py [--keep] [--rounds N] [--only NAME]... [--slack PERCENT]` measures quickly, N times, and compares each ratio with those of
ratios.json, which `--keep` wrote in the same way.  The best of N counts: noise makes things slower, and hardly ever faster.  Where even that
one is worse than the worst that was kept by more than SLACK, it is a regression, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import Figure
from benchmarks.run import SUITE, measured_all

KEPT = Path(__file__).with_name("ratios.json")
SLACK = 15  # percent


class Kept(TypedDict):
    """The ratios that a figure had, round by round."""

    ratios: list[float]
    is_more_better: bool


def extremes(ratios: Sequence[float], *, is_more_better: bool) -> tuple[float, float]:
    """Return the worst and the best."""
    least, most = min(ratios), max(ratios)
    return (least, most) if is_more_better else (most, least)


def regressions(
    kept: Mapping[str, Kept], seen: Mapping[str, Sequence[float]], slack: float
) -> Iterator[tuple[str, float, float]]:
    """Yield the name, the worst kept ratio and the best seen one of each figure that has become worse.

    A kept figure that was not measured has become worse, too: its seen ratio is NaN.  `slack` is a share.
    """
    for name, before in kept.items():
        worst, _ = extremes(before["ratios"], is_more_better=before["is_more_better"])
        if not seen.get(name):
            yield name, worst, math.nan
            continue
        _, now = extremes(seen[name], is_more_better=before["is_more_better"])
        if (worst / now if before["is_more_better"] else now / worst) > 1 + slack:
            yield name, worst, now


def measured(names: Sequence[str], rounds: int) -> dict[str, dict[str, Kept]]:
    """Return the ratios of all rounds, by benchmark and figure."""
    found: dict[str, dict[str, Kept]] = {name: {} for name in names}
    for _ in range(rounds):
        for name, all_ in measured_all(list(names), quick=True).items():
            for one in all_:
                if isinstance(one, Figure) and one.ratio is not None:
                    of_it = found[name].setdefault(one.name, {"ratios": [], "is_more_better": one.is_more_better})
                    of_it["ratios"].append(round(one.ratio, 4))
    return found


def main() -> int:
    """Measure, and compare or keep."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--keep", action="store_true", help="write ratios.json instead of comparing with it")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", action="append", choices=SUITE, metavar="NAME")
    options.add_argument("--slack", type=float, default=SLACK, help="percent")
    given = options.parse_args()
    names = given.only or list(SUITE)
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    if given.keep:
        KEPT.write_text(json.dumps(kept | measured(names, given.rounds), indent=1) + "\n", encoding="utf-8")
        return 0
    if missing := [name for name in names if name not in kept]:
        print(f"check: no ratios of {', '.join(missing)} are kept\nhint: --keep keeps those of today", file=sys.stderr)
        return 2
    before = {name: one for each in names for name, one in kept[each].items()}
    seen = {name: one["ratios"] for of_it in measured(names, given.rounds).values() for name, one in of_it.items()}
    worse = list(regressions(before, seen, given.slack / 100))
    for name, worst, now in worse:
        print(
            f"REGRESSION  {name}: {worst:.2f} x was the worst that was kept, {now:.2f} x is the best of {given.rounds}"
        )
    print(f"{len(before)} ratios compared, {len(worse)} worse than noise explains")
    return 1 if worse else 0


if __name__ == "__main__":
    raise SystemExit(main())
