"""Where a log ends, and how the next row joins on: the rules of SPEC section 6 for whoever writes.

Pure: knows rows, links and the tree, no files, locks or clocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from occasio_core.errors import LedgerError
from occasio_core.ledger.entry import Place, RunTail
from occasio_verify import GENESIS, CompactRange, leaf_hash

MAX_OPEN_RUNS = 65_536  # SPEC section 15


_NEW_RUN = RunTail()
_PEAK_BYTES = 32


@dataclass(slots=True)
class Tail:
    """Where a log ends: bytes, rows, the hash of the last row, and the Merkle tree over all rows.

    `peaks` are the roots of the tree's perfect subtrees, largest first, 32 bytes each: one for each 1 in `rows`.
    """

    size: int = 0
    rows: int = 0
    last_hash: str = GENESIS
    peaks: bytes = b""

    def add(self, line: bytes, row_hash: str) -> None:
        """Move on by a row, which must follow."""
        peak, rows, peaks = leaf_hash(line), self.rows, self.peaks
        while rows & 1:  # two trees of a size become one
            peak = sha256(b"\1" + peaks[-_PEAK_BYTES:] + peak).digest()  # RFC 6962 section 2.1
            rows, peaks = rows >> 1, peaks[:-_PEAK_BYTES]
        self.size += len(line) + 1
        self.rows += 1
        self.last_hash = row_hash
        self.peaks = peaks + peak

    def tree(self) -> CompactRange:
        """Return the tree."""
        hashes = [self.peaks[at : at + _PEAK_BYTES] for at in range(0, len(self.peaks), _PEAK_BYTES)]
        return CompactRange.from_hashes(self.rows, hashes)

    def root(self) -> bytes:
        """Return the root of the tree."""
        return self.tree().root()


def next_place(tail: Tail, run: RunTail | None, kind: str, run_id: str | None) -> Place:
    """Return the place of the next row; `run` is the tail of its run if that is open.

    Raises `LedgerError` for a row of a run that is not open, and for a second start.
    """
    if run_id is not None:
        if run is None and kind != "run_started":
            raise LedgerError(f"run `{run_id}` is not open, so it cannot have a `{kind}` row")
        if run is not None and kind == "run_started":
            raise LedgerError(f"run `{run_id}` has already begun")
        run = run or _NEW_RUN
    return Place(tail.rows, tail.last_hash, run)


def run_after(run: RunTail | None, kind: str, row_hash: str) -> RunTail | None:
    """Return the tail of the run behind a row that was joined on to `run`: None if it is over, or if there is none."""
    if run is None or kind == "run_ended":
        return None
    return RunTail(run.next_seq + 1, row_hash)
