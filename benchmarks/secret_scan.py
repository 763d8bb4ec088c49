"""Looking for secrets, beside trying the patterns one by one.

`python benchmarks/secret_scan.py [--megabytes N] [--rounds N]`.  The text is Python's own library with made-up keys in it, as lines
and as one string of JSON.  Both take turns in one run; the figures are medians, and the machine is shared, so look at the
ratios.  The peer tries each expression of the same set over the whole text, as it would without hints.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import string
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import figure
from occasio_secrets import PATTERNS, Encoded, Entropy, PrivateKeys, Tokens

SEED = 2


def text(size: int) -> str:
    """Return about `size` characters of programs, with a key every 30,000 or so."""
    chance = random.Random(SEED)
    pieces, length = [], 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        try:
            source = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        key = "".join(chance.choices(string.ascii_letters + string.digits, k=36))
        pieces += [source, f"\ntoken = 'ghp_{key}'\n"]
        length += len(source)
        if length >= size:
            break
    return "".join(pieces)[:size]


def one_by_one(sample: str) -> int:
    """Return how many matches there are when each pattern goes over the text."""
    found = 0
    for pattern in PATTERNS:
        found += sum(pattern.is_real(match[0]) for match in pattern.regex.finditer(sample))
    return found


def seconds(work: Callable[[], object], rounds: int) -> float:
    took = []
    for _ in range(rounds):
        before = time.perf_counter()
        work()
        took.append(time.perf_counter() - before)
    return statistics.median(took)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    lines = text(given.megabytes * 1_000_000)
    tokens, keys = Tokens(), PrivateKeys()
    plain = (tokens, keys)
    encoded, entropy = Encoded(plain), Entropy()
    for name, sample in (("lines of programs", lines), ("one string of JSON", json.dumps(lines))):
        part = sample[:1_000_000]
        scanned = {
            "tokens and private keys": lambda sample=sample: [list(one.scan(sample)) for one in plain],
            "all that a run uses": lambda sample=sample: [list(one.scan(sample)) for one in (*plain, encoded)],
            "entropy": lambda sample=sample: list(entropy.scan(sample)),
        }
        before = time.perf_counter()
        found = len(list(tokens.scan(sample)))
        first = len(sample) / 1e6 / (time.perf_counter() - before)
        slow = len(part) / 1e6 / seconds(lambda part=part: one_by_one(part), 1)
        print(f"{name}, {len(sample) / 1e6:.1f} MB, {found} found; the first time {first:.0f} MB/s")
        print(f"  {len(PATTERNS)} patterns one by one     {slow:8.2f} MB/s")
        for what, work in scanned.items():
            speed = len(sample) / 1e6 / seconds(work, given.rounds)
            goal = 20.0 if what == "all that a run uses" else None
            beside = f"{len(PATTERNS)} patterns one by one"
            wanted = {"goal": goal, "of_ratio": True, "is_more_better": True}
            figure(f"looking for secrets, {what}, {name}", speed, "MB/s", beside, speed / slow, **wanted)
            print(f"  {what:<27} {speed:8.2f} MB/s   {speed / slow:6.0f} x")


if __name__ == "__main__":
    main()
