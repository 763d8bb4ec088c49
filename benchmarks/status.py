"""`occasio status` on a long log: the whole process, beside `python -c pass` and beside reading the log again.

`python benchmarks/status.py [--rows N] [--times N] [--place DIR]`.  The log is made by the row maker of the
tests, four runs at once. Told are: how long the first reading takes, which builds the index; then the median and the 95th
percentile of the whole process, warm, in turns with its peers; and the same after a thousand rows were added.  The naive
peer parses each line as JSON and counts calls and tokens; it checks nothing.  The machine is shared: look at the ratios, and at
the processor's time, which others take less part in.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import figure
from occasio_core import home as places
from tests.samples import interleaved

_ADDED = 1_000
_NAIVE = (
    "import json, sys\n"
    "calls = tokens = 0\n"
    "for line in open(sys.argv[1], 'rb'):\n"
    "    row = json.loads(line)\n"
    "    calls += row['kind'] == 'tool_call'\n"
    "    tokens += row.get('input_tokens', 0)\n"
    "print(calls, tokens)\n"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--place", type=Path, help="where the log is made (default: a directory for temporary files)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.place) as place:
        measure(Path(place), asked.rows, asked.times)


def measure(home: Path, rows: int, times: int) -> None:
    """Make the log in `home` and tell of everything."""
    os.environ[places.VARIABLE] = str(home)
    log = places.log_path(home)
    lines = interleaved(rows + _ADDED)
    append(log, islice(lines, rows))
    print(f"{rows:,} rows, {log.stat().st_size / 1e6:.0f} MB, {len(os.sched_getaffinity(0))} processors")
    built, kept = seconds(status()), places.read_index_path(home).stat().st_size / 1e6
    print(f"first reading, which builds the index of {kept:.0f} MB: {built:.1f} s")
    figure("the first reading of a long log", built, "s")
    naive = seconds([sys.executable, "-c", _NAIVE, str(log)])
    timed = in_turns({"occasio status": status(), "python -c pass": [sys.executable, "-c", "pass"]}, times)
    tell(timed)
    ours, nothing = (statistics.median(found) for found in timed.values())
    spent = statistics.median(processor_time(status()) for _ in range(times))
    print(f"processor's time of occasio status: p50 {spent * 1000:.0f} ms")
    figure("its processor's time, p50", spent * 1000, "ms")
    figure("`occasio status` on a long log, p50", ours * 1000, "ms", "`python -c pass`", ours / nothing, goal=200)
    figure("reading all of its rows again as JSON", naive * 1000, "ms")
    print(f"naive re-reading: {naive * 1000:,.0f} ms, {naive / ours:,.0f}x")
    append(log, lines)
    print(f"after {_ADDED:,} rows more: {seconds(status()) * 1000:.0f} ms")


def status() -> Sequence[str]:
    """Return the command that is measured."""
    return [str(Path(sysconfig.get_path("scripts")) / "occasio"), "status"]


def append(log: Path, lines: Iterator[bytes]) -> None:
    with log.open("ab") as file:
        file.writelines(line + b"\n" for line in lines)


def in_turns(commands: dict[str, Sequence[str]], times: int) -> dict[str, list[float]]:
    """Return the seconds of each run of each command; they take turns."""
    timed: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(times):
        for name, command in commands.items():
            timed[name].append(seconds(command))
    return timed


def seconds(command: Sequence[str]) -> float:
    """Return how long a command takes, the whole process."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def processor_time(command: Sequence[str]) -> float:
    """Return the seconds of processor that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def tell(timed: dict[str, list[float]]) -> None:
    for name, found in timed.items():
        last = statistics.quantiles(found, n=20)[-1]
        print(f"{name:16} p50 {statistics.median(found) * 1000:6.0f} ms   p95 {last * 1000:6.0f} ms   n {len(found)}")


if __name__ == "__main__":
    main()
