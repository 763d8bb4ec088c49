"""Durable appends from several processes to one chain, beside lock + write + fdatasync for each row.

`python benchmarks/append.py [--rounds N] [--seconds S] [--long ROWS] [--place DIR]`.  The peer builds the same members, hashes
them, and flushes each row while it holds the lock; it keeps no run chain, no tree, and checks nothing.  Rounds of both take
turns; the figures are medians, and the machine is shared, so look at the ratios.  Also: what an append takes in a short log
and in a long one, how long the long one takes to be read again when its head is lost, and what a governed call weighs.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import figure, point
from occasio_core.ledger import Durability, Entry, Ledger
from occasio_verify import canonical

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

SESSION = "0b6f1f9e-5f1d-4c58-9f0a-6a1f1b2c3d4e"
FILE = "/home/ada/src/shop/checkout/models/order.py"
# The members that a session gives to a file that Claude Code reads, and to its result.
CALL = {
    "action": "PASS",
    "call_id": "toolu_01A09q90qw90lq917835lq9",
    "effects": [f"read {FILE}"],
    "input_digest": hashlib.sha256(b"input").hexdigest(),
    "reason": "ok",
    "tool_inputs": {"path": FILE},
    "tool_name": "read_file",
}
RESULT = {
    "call_id": "toolu_01A09q90qw90lq917835lq9",
    "content_digest": hashlib.sha256(b"content").hexdigest(),
    "result_kind": "pass",
    "size": 6218,
}
STARTED = {
    "chain_file": "/home/ada/.occasio/pipeline-events.jsonl",
    "command": "claude",
    "cwd": "/home/ada/src/shop",
    "enforcement_points": ["proxy"],
    "plugins": [],
    "versions": {"occasio": "0.1.0"},
}


def started(run_id: str) -> Entry:
    return Entry(
        kind="run_started", agent="occasio", protocol="internal", run_id=run_id, session_id=SESSION, fields=STARTED
    )


def governed(run_id: str, kind: str = "tool_call") -> Entry:
    fields = CALL if kind == "tool_call" else RESULT
    return Entry(
        kind=kind, agent="claude-code", protocol="anthropic-http", run_id=run_id, session_id=SESSION, fields=fields
    )


class Peer:
    """One lock, one write and one fdatasync for each row."""

    def __init__(self, path: Path) -> None:
        self._log = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._run = str(uuid4())
        self._end, self._hash, self._seq = -1, "0" * 64, 0

    def append(self) -> None:
        members = {
            **CALL,
            "agent": "claude-code",
            "audit_schema": 2,
            "event_id": str(uuid4()),
            "kind": "tool_call",
            "protocol": "anthropic-http",
            "run_id": self._run,
            "session_id": SESSION,
            "run_prev_hash": "0" * 64,
            "run_seq": 0,
        }
        fcntl.flock(self._log, fcntl.LOCK_EX)
        try:
            self._catch_up(os.fstat(self._log).st_size)
            members |= {"prev_hash": self._hash, "seq": self._seq, "ts": "2026-01-02T03:04:05.678Z"}
            digest = hashlib.sha256(canonical(members)).hexdigest()
            line = canonical({**members, "hash": digest}) + b"\n"
            os.write(self._log, line)
            os.fdatasync(self._log)
            self._end, self._hash, self._seq = self._end + len(line), digest, self._seq + 1
        finally:
            fcntl.flock(self._log, fcntl.LOCK_UN)

    def _catch_up(self, size: int) -> None:
        if size == self._end or size == 0:
            self._end = size
            return
        tail = os.pread(self._log, 4096, max(0, size - 4096))
        last = tail[tail.rindex(b"\n", 0, -1) + 1 if tail.count(b"\n") > 1 else 0 :]
        at = last.index(b'"hash":"') + 8
        self._hash = last[at : at + 64].decode()
        at = last.index(b',"seq":') + 7
        self._end, self._seq = size, int(last[at : last.index(b",", at)]) + 1


def appender(ours: bool, path: Path) -> Callable[[], object]:
    if not ours:
        return Peer(path).append
    ledger, run_id = Ledger(path), str(uuid4())
    ledger.append(started(run_id))
    return lambda: ledger.append(governed(run_id))


def work(ours: bool, path: Path, seconds: float, start: Barrier, results: multiprocessing.Queue[list[float]]) -> None:
    append = appender(ours, path)
    start.wait()
    took, before = [], time.perf_counter()
    stop = before + seconds
    while before < stop:
        append()
        now = time.perf_counter()
        took.append(now - before)
        before = now
    results.put(took)


def together(ours: bool, writers: int, seconds: float, place: str) -> tuple[float, list[float]]:
    """Return rows a second, and how long each append took in seconds."""
    with tempfile.TemporaryDirectory(dir=place) as directory:
        start, results = multiprocessing.Barrier(writers), multiprocessing.Queue()
        path = Path(directory) / "log.jsonl"
        processes = [
            multiprocessing.Process(target=work, args=(ours, path, seconds, start, results)) for _ in range(writers)
        ]
        for process in processes:
            process.start()
        took = [each for _ in processes for each in results.get()]
        for process in processes:
            process.join()
    return len(took) / seconds, sorted(took)


def percentile(took: list[float], percent: int) -> float:
    """Return a percentile in microseconds."""
    return took[min(len(took) - 1, len(took) * percent // 100)] * 1e6


def rates(rounds: int, seconds: float, place: str) -> None:
    print(f"{'processes':>9} {'ours rows/s':>12} {'peer rows/s':>12} {'ratio':>6}   p50/p99 us ours, peer")
    for writers in (1, 2, 4, 8):
        seen: dict[bool, list[tuple[float, list[float]]]] = {True: [], False: []}
        for _ in range(rounds):
            for ours in (True, False):
                seen[ours].append(together(ours, writers, seconds, place))
        rate = {ours: statistics.median(each for each, _ in seen[ours]) for ours in seen}
        ratio = statistics.median(a / b for (a, _), (b, _) in zip(seen[True], seen[False], strict=True))
        took = {ours: [each for _, all_ in seen[ours] for each in all_] for ours in seen}
        late = ", ".join(
            f"{percentile(sorted(took[ours]), 50):.0f}/{percentile(sorted(took[ours]), 99):.0f}" for ours in seen
        )
        for ours, series in ((True, "occasio"), (False, "lock, write, fdatasync")):
            point("Durable appends, one chain", series, writers, rate[ours], "processes", "rows a second")
        figure(
            f"durable append, {writers} process{'es' if writers > 1 else ''}",
            rate[True],
            "rows/s",
            "lock, write, fdatasync for each row",
            ratio,
            goal=2.0 if writers == 8 else None,
            of_ratio=True,
            is_more_better=True,
        )
        print(f"{writers:>9} {rate[True]:>12.0f} {rate[False]:>12.0f} {ratio:>6.2f}   {late}", flush=True)


def lengths(long: int, place: str, samples: int = 1500) -> None:
    """Print what a durable append takes in logs of different lengths, measured in turns."""
    with tempfile.TemporaryDirectory(dir=place) as directory:
        steps = [1000 * 10**power for power in range(1, 4) if 1000 * 10**power < long]
        logs = {rows: Path(directory) / f"{rows}.jsonl" for rows in (1000, *steps, long)}
        for rows, path in logs.items():
            fill(path, rows)
        took: dict[int, list[float]] = {rows: [] for rows in logs}
        ledgers = {rows: Ledger(path) for rows, path in logs.items()}
        runs = {rows: str(uuid4()) for rows in logs}
        for rows, ledger in ledgers.items():
            ledger.append(started(runs[rows]))
        for _ in range(samples):
            for rows, ledger in ledgers.items():
                before = time.perf_counter()
                ledger.append(governed(runs[rows]))
                took[rows].append(time.perf_counter() - before)
        for rows, each in took.items():
            each.sort()
            point(
                "A durable append in a growing log",
                "p50",
                rows,
                percentile(each, 50),
                "rows in the log",
                "microseconds",
            )
            print(f"{rows:>9} rows: p50 {percentile(each, 50):.0f} us, p99 {percentile(each, 99):.0f} us", flush=True)
        print(f"{'ratio':>9}     : p50 {percentile(took[long], 50) / percentile(took[1000], 50):.2f}")
        p50, ratio = percentile(took[long], 50), percentile(took[long], 50) / percentile(took[1000], 50)
        figure(f"durable append, p50, at {long:,} rows", p50, "us", "at 1,000 rows", ratio, goal=1.2, of_ratio=True)
        for ledger in ledgers.values():
            ledger.close()
        read_again(logs[long])


def fill(path: Path, rows: int) -> None:
    with Ledger(path, durability=Durability.NONE) as ledger:
        run_id = str(uuid4())
        ledger.append(started(run_id))
        batch = [governed(run_id)] * 1000
        while rows > 1:
            ledger.append_many(batch[: rows - 1])
            rows -= min(1000, rows - 1)


def read_again(path: Path) -> None:
    path.with_name(path.name + ".head").unlink()
    before = time.perf_counter()
    with Ledger(path) as ledger:
        rows = ledger.head().rows
    took = time.perf_counter() - before
    figure(f"a log of {rows:,} rows that lost its head, read again", took, "s")
    print(f"head lost: {rows} rows are read again in {took:.1f} s")


def weight(place: str) -> None:
    """Print the bytes on disk of a call and its result."""
    with tempfile.TemporaryDirectory(dir=place) as directory, Ledger(Path(directory) / "log.jsonl") as ledger:
        run_id = str(uuid4())
        ledger.append(started(run_id))
        rows = [ledger.append(governed(run_id, kind)) for kind in ("tool_call", "tool_result")]
    sizes = [len(row.line) + 1 for row in rows]
    figure("a governed call on disk", sum(sizes), "bytes", goal=1536)
    print(f"a governed call: {sizes[0]} + {sizes[1]} = {sum(sizes)} bytes (at most 1536)")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--seconds", type=float, default=1.0)
    options.add_argument("--long", type=int, default=1_000_000)
    options.add_argument("--place", default=None, help="a directory on the disk to measure")
    given = options.parse_args()
    weight(given.place)
    rates(given.rounds, given.seconds, given.place)
    lengths(given.long, given.place)


if __name__ == "__main__":
    main()
