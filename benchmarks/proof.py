"""Proofs at a million rows: how large, how long to make and to check, and whether an append costs what it did.

    .venv/bin/python benchmarks/proof.py [ROWS]

The log is written by the ledger itself, without flushing.  An append is timed with and without a file of hashes beside
the log, in turns: no append touches that file.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import figure
from occasio_core.ledger import Durability, Entry, HashFile, Ledger, find_row
from occasio_verify import (
    Checkpoint,
    TlogProof,
    format_checkpoint,
    format_tlog_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)

RUN = "00000000-0000-4000-8000-000000000001"
BATCH, ROUNDS = 500, 200


def entry(kind: str, number: int) -> Entry:
    fields = {"text": "x" * 300, "number": number}
    if kind == "run_started":
        fields = {
            "chain_file": "log",
            "command": "x",
            "cwd": "/",
            "enforcement_points": [],
            "plugins": [],
            "versions": {},
        }
    return Entry(kind=kind, agent="occasio", protocol="internal", run_id=RUN, session_id="s", fields=fields)


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def appends(log: Ledger) -> float:
    """Return microseconds for a row, the median of many single ones."""
    return statistics.median(seconds(lambda: log.append(entry("note", 1))) for _ in range(2000)) * 1e6


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        with Ledger(path, durability=Durability.NONE) as log:
            log.append(entry("run_started", 0))
            before = appends(log)
            while log.head().rows < rows:
                log.append_many([entry("note", number) for number in range(min(BATCH, rows - log.head().rows))])
            print(f"{log.head().rows} rows, {path.stat().st_size >> 20} MiB")
            without = appends(log)
            head = log.head()
            with HashFile(path) as hashes:
                first = seconds(lambda: hashes.reach(head.rows, head.size, head.root))
                stored = path.with_name("log.jsonl.hashes").stat().st_size
                print(f"hashes of all rows, the first time: {first:.1f} s, {stored >> 20} MiB")
                again = seconds(lambda: hashes.reach(head.rows, head.size, head.root))
                print(f"nothing new: {again * 1e3:.2f} ms")
                report(hashes, path, head.rows, head.size, head.root)
            print(
                f"append: {before:.0f} us at the beginning, {without:.0f} us at the end, {appends(log):.0f} us beside hashes"
            )


def from_old(hashes: HashFile, old: int, rows: int, old_root: bytes, root: bytes) -> None:
    verify_consistency(old, rows, hashes.consistency(old), old_root, root)


def report(hashes: HashFile, path: Path, rows: int, size: int, root: bytes) -> None:
    note = (
        format_checkpoint(Checkpoint("occasio.local/" + "0" * 32, rows, root)) + "\n\u2014 x " + "A" * 92 + "\n"
    ).encode()
    made, checked, found, consistent, largest = [], [], [], [], 0
    for turn in range(ROUNDS):
        index = turn * (rows // ROUNDS) + 17 * turn % 97
        index = min(index, rows - 1)
        line = find_row(path, str(index), size)
        found.append(seconds(lambda index=index: find_row(path, str(index), size)))
        made.append(seconds(lambda index=index: hashes.inclusion(index)))
        proof = hashes.inclusion(index)
        leaf = leaf_hash(line)
        checked.append(seconds(partial(verify_inclusion, index, rows, leaf, proof, root)))
        largest = max(largest, len(format_tlog_proof(TlogProof(index, tuple(proof), note))))
        old = max(index, 1)
        old_root = hashes.root(old)
        consistent.append(seconds(partial(from_old, hashes, old, rows, old_root, root)))
    for name, times in (
        ("row found by its position", found),
        ("inclusion proof made", made),
        ("inclusion proof checked", checked),
        ("consistency proof made and checked", consistent),
    ):
        goal = 10.0 if name.startswith("inclusion") else None
        figure(f"{name}, {rows:,} rows, p50", statistics.median(times) * 1e3, "ms", goal=goal)
        print(f"{name}: {statistics.median(times) * 1e3:.3f} ms p50, {max(times) * 1e3:.3f} ms worst of {len(times)}")
    figure(f"largest .tlog-proof file, {rows:,} rows", largest, "bytes", goal=1536)
    print(f"largest .tlog-proof file, checkpoint included: {largest} bytes")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
