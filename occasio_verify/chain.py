"""How rows follow from each other: the chain of a log and the chain of each run (SPEC section 6).

Rows are taken in segments, so that parts of a log can be checked apart and joined: what a segment cannot know of the
rows before it, it remembers, and `join` checks it.  Knows links, not files, and not what rows say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from occasio_verify.errors import ChainError
from occasio_verify.fields import GENESIS
from occasio_verify.rows import Row

MAX_OPEN_RUNS = 65_536

_ZEROS = GENESIS.encode()


class LinkError(ChainError):
    """Raised for a row that does not follow; `row` is its position in what was checked, from 0."""

    def __init__(self, code: str, detail: str, row: int) -> None:
        super().__init__(code, detail)
        self.row = row


Links: TypeAlias = "tuple[bytes, bytes, int, bytes | None, bytes, int, bool, bool]"
"""What ties a row to others: `hash`, `prev_hash`, `seq`, `run_id`, `run_prev_hash`, `run_seq`, whether it starts and
whether it ends its run.  Hashes and ids are the bytes of their text.  Where `run_id` is None, what follows says
nothing."""


def links_of(row: Row) -> Links:
    """Return what ties `row` to others."""
    run_id = None if row.run_id is None else row.run_id.encode()
    run_prev_hash, run_seq = (row.run_prev_hash or "").encode(), row.run_seq or 0
    starts, ends = row.kind == "run_started", row.kind == "run_ended"
    return row.hash.encode(), row.prev_hash.encode(), row.seq, run_id, run_prev_hash, run_seq, starts, ends


class RunEnd(NamedTuple):
    """What a run's next row must say: its `run_seq`, None if there is to be none, and its `run_prev_hash`."""

    next_seq: int | None
    last_hash: bytes


@dataclass(slots=True)
class RunPart:
    """One run's rows within a segment: what the first of them says, where it stands, and how they end."""

    first_row: int
    first_seq: int
    first_prev: bytes
    starts: bool
    next_seq: int | None
    last_hash: bytes

    @property
    def end(self) -> RunEnd:
        return RunEnd(self.next_seq, self.last_hash)


@dataclass(slots=True)
class Segment:
    """Rows that were checked against each other, and what the rows before them must be."""

    rows: int = 0
    first_seq: int = 0
    first_prev: bytes = _ZEROS
    last_hash: bytes = _ZEROS
    runs: dict[bytes, RunPart] = field(default_factory=dict)

    def add(self, links: Links) -> None:
        """Add the next row.  Raises `LinkError`: `log-seq`, `log-link` and the codes of SPEC section 6.3."""
        row_hash, prev_hash, seq, run_id, *_ = links
        rows = self.rows
        if rows == 0:
            self.first_seq, self.first_prev = seq, prev_hash
        elif seq != self.first_seq + rows:
            raise LinkError("log-seq", f"seq {seq} where {self.first_seq + rows} follows", rows)
        elif prev_hash != self.last_hash:
            raise LinkError("log-link", "prev_hash is not the hash of the row before", rows)
        if run_id is not None:
            self.add_to_run(run_id, links, rows)
        self.last_hash = row_hash
        self.rows = rows + 1

    def add_to_run(self, run_id: bytes, links: Links, position: int) -> RunPart:
        """Add a row to its run alone; return what is here of that.  Raises `LinkError`: codes of SPEC section 6.3."""
        row_hash, _, _, _, run_prev, run_seq, starts, ends = links
        run = self.runs.get(run_id)
        if run is None:
            run = self.runs[run_id] = RunPart(position, run_seq, run_prev, starts, None, b"")
        elif run_seq != run.next_seq or run_prev != run.last_hash or starts:
            _follow(run.end, run_seq, run_prev, starts, position)
        run.next_seq = None if ends else run_seq + 1
        run.last_hash = row_hash
        return run


def _follow(end: RunEnd, run_seq: int, run_prev: bytes, starts: bool, row: int) -> None:
    if end.next_seq is None:
        raise LinkError("run-end", "a row follows the end of its run", row)
    if run_seq != end.next_seq:
        raise LinkError("run-seq", f"run_seq {run_seq} where {end.next_seq} follows", row)
    if run_prev != end.last_hash:
        raise LinkError("run-link", "run_prev_hash is not the hash of the run's row before", row)
    if starts:
        raise LinkError("run-start", "a run starts twice", row)


def _begin(run: RunPart) -> None:
    if run.first_seq != 0:
        raise LinkError("run-seq", f"a run begins with run_seq {run.first_seq}", run.first_row)
    if run.first_prev != _ZEROS:
        raise LinkError("run-link", "the first row of a run has a run_prev_hash", run.first_row)
    if not run.starts:
        raise LinkError("run-start", "a run does not begin with run_started", run.first_row)


@dataclass(slots=True)
class Chain:
    """A log from its first row on:

    how many rows, the last hash, and for each open run its next `run_seq` and last hash.
    """

    rows: int = 0
    last_hash: bytes = _ZEROS
    open_runs: dict[bytes, RunEnd] = field(default_factory=dict)

    def join(self, segment: Segment) -> None:
        """Add the rows of `segment`.  Raises `LinkError`; its `row` counts within the segment."""
        if segment.rows == 0:
            return
        if segment.first_seq != self.rows:
            raise LinkError("log-seq", f"seq {segment.first_seq} where {self.rows} follows", 0)
        if segment.first_prev != self.last_hash:
            raise LinkError("log-link", "prev_hash is not the hash of the row before", 0)
        for run_id, run in sorted(segment.runs.items(), key=lambda item: item[1].first_row):
            self._join_run(run_id, run)
        self.rows += segment.rows
        self.last_hash = segment.last_hash

    def _join_run(self, run_id: bytes, run: RunPart) -> None:
        if (known := self.open_runs.get(run_id)) is None:
            _begin(run)
        else:
            _follow(known, run.first_seq, run.first_prev, run.starts, run.first_row)
        if run.next_seq is None:
            self.open_runs.pop(run_id, None)
        else:
            self.open_runs[run_id] = run.end
        if len(self.open_runs) > MAX_OPEN_RUNS:
            raise LinkError("too-many-open-runs", f"more than {MAX_OPEN_RUNS} runs are open", run.first_row)


def check_run_chain(rows: Sequence[Row], run_id: str) -> None:
    """Check that `rows` are all rows of the run, opened and closed (SPEC section 11, check 4).

    Raises `LinkError`: `run-id`, `run-seq`, `run-link`, `run-start`, `run-end`.
    """
    segment = Segment()
    run: RunPart | None = None
    for position, row in enumerate(rows):
        if row.run_id != run_id:
            raise LinkError("run-id", "the row is of another run", position)
        run = segment.add_to_run(run_id.encode(), links_of(row), position)
        if position == 0:
            _begin(run)
    if run is None or run.next_seq is not None:
        raise LinkError("run-end", "the run has no run_ended", max(len(rows) - 1, 0))


def check_log_order(rows: Sequence[Row]) -> None:
    """Check that `rows` can stand in one log in this order (SPEC section 11, check 5).

    Raises `LinkError`: `log-order`, `log-link`.
    """
    for position, row in enumerate(rows):
        before = rows[position - 1] if position else None
        if before is not None and row.seq <= before.seq:
            raise LinkError("log-order", f"seq {row.seq} comes after {before.seq}", position)
        if row.seq == 0 and row.prev_hash != GENESIS:
            raise LinkError("log-link", "the first row of a log has a prev_hash", position)
        if before is not None and row.seq == before.seq + 1 and row.prev_hash != before.hash:
            raise LinkError("log-link", "prev_hash is not the hash of the row before", position)
