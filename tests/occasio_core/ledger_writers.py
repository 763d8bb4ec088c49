"""Writers that append to one log and are killed: a program for the ledger's crash tests, to be run alone.

`python -m tests.occasio_core.ledger_writers LOG WRITERS ROUNDS SEED`.  In each round it forks WRITERS processes, lets each
append rows of 0.6 to 200 KB, kills all of them after a random number of acknowledged rows, and prints the hash of every
row that was acknowledged.  With ROUNDS 0 the writers append 40 rows each and live.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from itertools import count
from pathlib import Path

from occasio_core.ledger import Ledger
from tests.occasio_core.logs import ended, noted, run_id, started


def write(path: Path, acknowledge: int, number: int, rows: int | None) -> None:
    dice = random.Random(number)
    with Ledger(path) as ledger:
        os.write(acknowledge, ledger.append(started(run_id(number))).hash.encode() + b"\n")
        for _ in range(rows) if rows is not None else count():
            text = "x" * dice.choice([1, 100, 100, 5_000, 200_000])
            os.write(acknowledge, ledger.append(noted(run_id(number), text)).hash.encode() + b"\n")
        os.write(acknowledge, ledger.append(ended(run_id(number))).hash.encode() + b"\n")


def forked(path: Path, acknowledge: int, number: int, rows: int | None) -> int:
    process = os.fork()
    if process == 0:
        try:
            write(path, acknowledge, number, rows)
        finally:
            os._exit(0)
    return process


def main() -> None:
    path, (writers, rounds, seed) = Path(sys.argv[1]), map(int, sys.argv[2:])
    dice = random.Random(seed)
    for round_ in range(max(rounds, 1)):
        reader, writer = os.pipe()
        numbers = range(1000 * round_, 1000 * round_ + writers)
        processes = [forked(path, writer, number, None if rounds else 40) for number in numbers]
        os.close(writer)
        with os.fdopen(reader, encoding="ascii") as acknowledged:
            for _ in range(dice.randrange(40) if rounds else 0):
                print(acknowledged.readline(), end="")
            if rounds:
                for process in processes:
                    os.kill(process, signal.SIGKILL)
            print(acknowledged.read(), end="")
        for process in processes:
            os.waitpid(process, 0)


if __name__ == "__main__":
    main()
