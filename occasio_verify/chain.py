"""How rows follow from each other: the chain of a log and the chain of each run (SPEC section 6).

Rows are taken in segments, so that parts of a log can be checked apart and joined: what a segment cannot know of the
rows before it, it remembers, and `join` checks it.  Knows links, not files, and not what rows say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from occasio_verify.errors import ChainError
from occasio_verify.fields import GENESIS
from occasio_verify.grammar import Links, links_of
from occasio_verify.rows import Row

MAX_OPEN_RUNS = 65_536

_ZEROS = GENESIS.encode()
_STARTS, _ENDS = b"run_started", b"run_ended"


class LinkError(ChainError):
    """Raised for a row that does not follow; `row` is its position in what was checked, from 0."""

    def __init__(self, code: str, detail: str, row: int) -> None:
        super().__init__(code, detail)
        self.row = row


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
    end: RunEnd


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
        if self.rows == 0:
            self.first_seq, self.first_prev = links.seq, links.prev_hash
        elif links.seq != self.first_seq + self.rows:
            raise LinkError("log-seq", f"seq {links.seq} where {self.first_seq + self.rows} follows", self.rows)
        elif links.prev_hash != self.last_hash:
            raise LinkError("log-link", "prev_hash is not the hash of the row before", self.rows)
        if links.run_id is not None:
            self.add_to_run(links, self.rows)
        self.last_hash = links.hash
        self.rows += 1

    def add_to_run(self, links: Links, position: int) -> RunPart:
        """Add a row to its run alone; return what is here of the run.  Raises `LinkError`: the codes of SPEC section 6.3."""
        run_id, run_seq, run_prev = links.run_id or b"", links.run_seq or 0, links.run_prev_hash or b""
        starts = links.kind == _STARTS
        end = RunEnd(None if links.kind == _ENDS else run_seq + 1, links.hash)
        if (run := self.runs.get(run_id)) is None:
            run = self.runs[run_id] = RunPart(position, run_seq, run_prev, starts, end)
        else:
            _follow(run.end, run_seq, run_prev, starts, position)
            run.end = end
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
        if run.end.next_seq is None:
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
        run = segment.add_to_run(links_of(row), position)
        if position == 0:
            _begin(run)
    if run is None or run.end.next_seq is not None:
        raise LinkError("run-end", "the run has no run_ended", max(len(rows) - 1, 0))


def check_log_order(rows: Sequence[Row]) -> None:
    """Check that `rows` can stand in one log in this order (SPEC section 11, check 5).

    Raises `LinkError`: `log-order`, `log-link`.
    """
    for position, row in enumerate(rows):
        if row.seq == 0 and row.prev_hash != GENESIS:
            raise LinkError("log-link", "the first row of a log has a prev_hash", position)
        if position == 0:
            continue
        before = rows[position - 1]
        if row.seq <= before.seq:
            raise LinkError("log-order", f"seq {row.seq} comes after {before.seq}", position)
        if row.seq == before.seq + 1 and row.prev_hash != before.hash:
            raise LinkError("log-link", "prev_hash is not the hash of the row before", position)
