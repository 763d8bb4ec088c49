"""What canonicalising costs beside PyPI `rfc8785`, and whether both write the same bytes.

    .venv/bin/python benchmarks/canonical.py [--quick]

Both canonicalise the same values by turns, in this one process; the figures are medians of CPU time, and the last column
is the time of `rfc8785` divided by ours.  Before anything is timed the bytes are compared, and so are those of a million
random doubles (`--quick`: 50,000).  Exits 1 if any differ.
"""

import argparse
import math
import random
import statistics
import struct
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import rfc8785

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import figure
from occasio_verify.canonical import Json, canonical

KB = 1_000
MB = 1_000_000
SOURCE = random.Random(8785)

Canonicaliser = Callable[[Json], bytes]


def row() -> Json:
    """A row such as a log has: mostly strings, some integers."""
    return {
        "action": "PASS",
        "agent": "claude-code",
        "audit_schema": 2,
        "effects": [{"kind": "read", "target": f"/home/dev/project/src/module_{SOURCE.randrange(1000)}.py"}],
        "event_id": f"{SOURCE.getrandbits(128):032x}",
        "executor": None,
        "hash": f"{SOURCE.getrandbits(256):064x}",
        "kind": "tool_call",
        "prev_hash": f"{SOURCE.getrandbits(256):064x}",
        "reason": "allowed by default",
        "run_id": f"{SOURCE.getrandbits(128):032x}",
        "run_seq": SOURCE.randrange(10**4),
        "secrets_redacted": 0,
        "seq": SOURCE.randrange(10**6),
        "tool_inputs": {"file_path": "/home/dev/project/README.md", "limit": 200, "offset": 0},
        "tool_name": "Read",
        "ts": "2026-01-01T00:00:00.000Z",
    }


def measurement() -> Json:
    """A record with numbers of every form in it."""
    return {
        "at": SOURCE.random() * 1e9,
        "cost": round(SOURCE.random(), 4),
        "count": SOURCE.randrange(10**6),
        "id": f"{SOURCE.getrandbits(64):016x}",
        "mean": SOURCE.gauss(0, 1),
        "ratio": float(SOURCE.randrange(5)),
        "tiny": SOURCE.random() * 1e-8,
        "unit": "µs",
    }


def integer() -> Json:
    """An integer of 1 to 16 digits, short ones as likely as long ones."""
    return SOURCE.choice((1, -1)) * SOURCE.randrange(min(10 ** SOURCE.randrange(1, 17), 2**53))


def common_double() -> Json:
    return SOURCE.random() * 1000


def any_double() -> float:
    """A finite double, every pattern of bits as likely as every other."""
    while not math.isfinite(number := struct.unpack("<d", SOURCE.randbytes(8))[0]):
        pass
    return float(number)


def document(item: Callable[[], Json], size: int) -> Json:
    """An array of as many items as make about `size` bytes."""
    sample = canonical([item() for _ in range(50)])
    return [item() for _ in range(max(1, size * 50 // len(sample)))]


def median_times(value: Json, canonicalisers: Sequence[Canonicaliser], rounds: int) -> list[float]:
    """Seconds of CPU time for each canonicaliser, taken by turns."""
    repeat = max(1, 200 * KB // len(canonical(value)))
    times: list[list[float]] = [[] for _ in canonicalisers]
    for _ in range(rounds):
        for canonicalise, taken in zip(canonicalisers, times, strict=True):
            start = time.process_time()
            for _ in range(repeat):
                canonicalise(value)
            taken.append((time.process_time() - start) / repeat)
    return [statistics.median(taken) for taken in times]


def same_doubles(count: int) -> bool:
    doubles = [any_double() for _ in range(count)]
    same = canonical(doubles) == rfc8785.dumps(doubles)
    print(f"{count:,} random doubles: {'byte-equal' if same else 'DIFFERENT BYTES'}")
    return same


KINDS: dict[str, tuple[Callable[[], Json], float]] = {
    "rows (strings, integers)": (row, 3),
    "integers of 1 to 16 digits": (integer, 3),
    "records (strings, integers, floats)": (measurement, 2),
    "common doubles": (common_double, 2),
    "any doubles": (any_double, 2),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer doubles and rounds")
    quick = parser.parse_args().quick
    all_same = same_doubles(50_000 if quick else 1_000_000)
    print(f"\n{'document':<38}{'size':>10}{'rfc8785':>12}{'occasio':>12}{'MB/s':>8}{'ratio':>8}   goal")
    for name, (item, goal) in KINDS.items():
        for size in (KB, 5 * MB):
            value = document(item, size)
            form = canonical(value)
            all_same &= form == rfc8785.dumps(value)
            theirs, ours = median_times(value, [rfc8785.dumps, canonical], 5 if quick else 15)
            print(
                f"{name:<38}{len(form):>10,}{theirs * 1e6:>9,.0f} us{ours * 1e6:>9,.0f} us"
                f"{len(form) / ours / MB:>8.1f}{theirs / ours:>8.2f}   {goal:g}"
            )
            size_name = "1 KB" if size == KB else "5 MB"
            figure(
                f"canonical form, {name}, {size_name}",
                len(form) / ours / MB,
                "MB/s",
                "PyPI `rfc8785`",
                theirs / ours,
                goal=goal,
                of_ratio=True,
                is_more_better=True,
            )
    print(f"\nbytes: {'all equal' if all_same else 'DIFFERENT'}")
    return 0 if all_same else 1


if __name__ == "__main__":
    raise SystemExit(main())
