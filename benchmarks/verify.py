"""Strict verification of a log beside a plain walker, and two processes beside one.

`python benchmarks/verify.py [--rows N]`.  The plain walker parses each row, writes it again with sorted keys and hashes that: what
most verifiers of hash chains do.  It accepts names twice, fractions, white space and other spellings; ours refuses them.  Each
round runs all of them in turn, each in a process of its own; the figures are medians and the machine is shared, so look at the ratios.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import figure, point

ROUNDS = 5


def plainly(path: Path) -> int:
    """The peer: parse, re-serialise, hash, compare links."""
    last, rows = "0" * 64, 0
    with path.open("rb") as file:
        for line in file:
            row = json.loads(line)
            stated = row.pop("hash")
            text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            if row["prev_hash"] != last or hashlib.sha256(text.encode()).hexdigest() != stated:
                raise SystemExit(1)
            last = stated
            rows += 1
    return rows


def strictly(path: Path, jobs: int) -> int:
    from occasio_verify import walk_log

    return walk_log(path, jobs=jobs).rows


def child(way: str, path: Path) -> None:
    """Run one way; print seconds of CPU and of wall time, and the peak of memory in MiB."""
    begun, wall = time.process_time(), time.perf_counter()
    strictly(path, int(way)) if way.isdecimal() else plainly(path)
    own, workers = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = time.process_time() - begun + workers.ru_utime + workers.ru_stime
    print(spent, time.perf_counter() - wall, max(own.ru_maxrss, workers.ru_maxrss) / 1024)


def measured(way: str, path: Path) -> tuple[float, float, float]:
    done = subprocess.run([sys.executable, __file__, "--child", way, str(path)], capture_output=True, check=True)
    spent, wall, peak = map(float, done.stdout.split())
    return spent, wall, peak


def made(rows: int, path: Path) -> None:
    from tests.samples import interleaved

    with path.open("wb") as file:
        for line in interleaved(rows):
            file.write(line + b"\n")


NAMES = {"plain": "plain walker", "1": "strict, one process", "2": "strict, two processes"}


def growing(rows: int) -> None:
    """Keep what longer and longer logs take."""
    for count in (rows // 16, rows // 4, rows):
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "log.jsonl"
            made(count, path)
            for way, name in NAMES.items():
                point("Verification of a log", name, count, measured(way, path)[1], "rows", "seconds")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=ROUNDS)
    options.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.child:
        child(given.child[0], Path(given.child[1]))
        return
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "log.jsonl"
        made(given.rows, path)
        rounds = [{way: measured(way, path) for way in ("plain", "1", "2")} for _ in range(given.rounds)]
        size = path.stat().st_size
    growing(given.rows)
    print(
        f"{given.rows} rows, {size / 2**20:.0f} MiB, {size // given.rows} B a row; medians of {given.rounds} rounds in turn"
    )
    for way, name in NAMES.items():
        spent, wall, peak = (statistics.median(each[way][n] for each in rounds) for n in range(3))
        print(f"  {name:<22} {given.rows / wall:>9,.0f} rows/s   CPU {spent:6.2f} s   peak {peak:4.0f} MiB a process")
    once = statistics.median(each["plain"][0] / each["1"][0] for each in rounds)
    twice = statistics.median(each["1"][1] / each["2"][1] for each in rounds)
    reached = {"of_ratio": True, "is_more_better": True}
    rate = given.rows / statistics.median(each["1"][1] for each in rounds)
    figure("strict verification of a log, one core", rate, "rows/s", "plain walker, CPU", once, goal=2.0, **reached)
    rate = given.rows / statistics.median(each["2"][1] for each in rounds)
    figure("the same, two processes", rate, "rows/s", "one process, wall", twice, goal=1.7, **reached)
    peak = statistics.median(each["1"][2] for each in rounds)
    figure("its memory", peak, "MiB", goal=64)
    print(
        f"  strict beside plain, CPU: {once:.2f} x (reach 2.0)     two processes beside one, wall: {twice:.2f} x (reach 1.7)"
    )


if __name__ == "__main__":
    main()
