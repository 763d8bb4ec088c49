"""Exports of the log, beside a program that reads each line as JSON and writes it again, and nothing more.

`python benchmarks/exports.py [--rows N]`.  Each is a process of its own, on a log that the read model knows already.
CPU time, not the time on the wall: the machine is shared.  Memory is the most that the process held, on N rows beside a tenth of them: that it
hardly grows is what is asked.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import figure
from occasio_core import home as places
from tests.samples import interleaved

NAIVE = """
import json, sys
with open(sys.argv[1], "rb") as log, open(sys.argv[2], "w") as out:
    for line in log:
        out.write(json.dumps(json.loads(line)) + chr(10))
"""
FORMS = {
    "ocsf": ["export", "--format", "ocsf"],
    "otlp, logs": ["export", "--format", "otlp"],
    "otlp, traces": ["export", "--format", "otlp", "--signal", "traces"],
    "parquet": ["export", "--format", "parquet"],
    "bom": ["bom", "export"],
    "compliance": ["compliance", "export", "--framework", "soc2"],
}
MOST_GROWTH = 1.5


@dataclass(frozen=True)
class Took:
    """What a process took: CPU seconds, and megabytes at most."""

    seconds: float
    megabytes: float


def took(home: Path, command: list[str]) -> Took:
    """Run a command to its end.  Raises `RuntimeError` if it fails."""
    environment = {**os.environ, places.VARIABLE: str(home)}
    quiet = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
    child = os.posix_spawn(command[0], command, environment, file_actions=quiet)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    return Took(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def made(place: Path, rows: int) -> Path:
    """Return a home with a log of so many rows, which the read model has read."""
    home = places.prepared(place / str(rows))
    with places.log_path(home).open("wb") as log:
        log.writelines(line + b"\n" for line in interleaved(rows, 20))
    took(home, [sys.executable, "-m", "occasio_core", "runs", "--json", "--last", "1"])
    return home


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        small, large, out = made(place, rows // 10), made(place, rows), str(place / "out")
        naive = took(large, [sys.executable, "-c", NAIVE, str(places.log_path(large)), out])
        print(f"{rows:,} rows; read and written again: {naive.seconds * 1e6 / rows:.1f} us a row")
        for name, arguments in FORMS.items():
            command = [sys.executable, "-m", "occasio_core", *arguments, "--out", out]
            less, more = took(small, command), took(large, command)
            each, growth = more.seconds * 1e6 / rows, more.megabytes / less.megabytes
            figure(f"exporting, {name}", each, "us/row", "json.loads and json.dumps", more.seconds / naive.seconds)
            wanted = {"goal": MOST_GROWTH, "of_ratio": True}
            figure(f"exporting, {name}, memory", more.megabytes, "MB", "a tenth of the rows", growth, **wanted)
            print(f"  {name:<13} {each:7.1f} us a row, {more.megabytes:5.0f} MB, beside {less.megabytes:.0f} MB")


if __name__ == "__main__":
    main()
