"""What the log says when the head does not: reading it strictly, from where the head was right or from its first row.

Three things are told apart.  A head that is missing, damaged or behind is a cache that is mended in silence.  A torn
tail, or a log that has lost or changed what the head remembers, is a loss, and the `recovered` row says so (SPEC
section 6.4).  A bad row with others behind it is nothing that a crash leaves, and nobody writes on after it.

A power loss is another matter.  Of what was not durable the disk has kept what it liked, in any order: there may be
holes of zeros, with whole rows behind them, and the head may be of the same moment as these.  Nobody was told of any
row behind a hole, as that would have taken a flush that leaves none.  So from a hole on the log is a torn tail.
Changes nothing: `ledger` acts on what is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from occasio_core.errors import LedgerError
from occasio_core.ledger.entry import RunTail
from occasio_core.ledger.logfile import LogFile
from occasio_core.ledger.tail import Tail
from occasio_verify import Chain, Json, LogError, MalformedError, Position, Row, RunEnd, parse_row, walk_log

TORN_TAIL = "torn-tail"
LOG_SHORTER = "log-shorter-than-head"
HEAD_MISMATCH = "head-mismatch"
_MOST_LOOKED_AT = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a head says: where the log ended, and which runs were open."""

    tail: Tail
    runs: Mapping[str, RunTail]


@dataclass(frozen=True, slots=True)
class Survey:
    """What a log is found to be.

    `tail` is behind its last good row and `runs` are open there; what follows up to `size` is torn.  `reason` is why a
    `recovered` row is due, and `former` is what that row tells of the head.
    """

    tail: Tail
    runs: dict[str, RunTail]
    size: int
    reason: str | None
    former: Mapping[str, Json]


def survey(log: LogFile, size: int, remembered: Remembered | None, durable: int | None = None) -> Survey:
    """Return what the log's first `size` bytes are, each row behind what is `remembered` rightly being checked.

    If power may have been lost, `durable` is how many bytes were durable before at least.
    Raises `LedgerError` for a row that is not one or does not follow, unless it is a last line that is not a row, or
    may be what a power loss has left.
    """
    end = _end_of_rows(log, size)
    reason = _contradiction(log, size, remembered)
    if remembered is None or reason is not None or not _may_begin_at(log, remembered.tail, durable):
        tail, runs = Tail(), {}
    else:
        tail, runs = remembered.tail, dict(remembered.runs)
    hole = log.hole(max(tail.size, durable), end) if durable is not None else None
    end = end if hole is None else log.line_start(hole)
    tail, runs = _replayed(log, end, tail, runs)
    former: dict[str, Json] = {}
    if remembered is not None and reason is not None:
        former = {"former_hash": remembered.tail.last_hash, "former_size": remembered.tail.size}
    return Survey(tail, runs, size, reason or (TORN_TAIL if end < size else None), former)


def ends_with(log: LogFile, tail: Tail) -> bool:
    """Return whether the last row of the log's first `tail.size` bytes is the one that `tail` knows."""
    if tail.size == 0:
        return tail.rows == 0
    _, line = log.line_before(tail.size)
    row = _row(line)
    return row is not None and row.hash == tail.last_hash and row.seq == tail.rows - 1


def holds_from(log: LogFile, tail: Tail, offset: int) -> bool:
    """Return whether the rows from `offset` on are whole and lead to the last, which `tail` knows.

    Looks at no more than 1 MiB: longer logs are read from their beginning.
    """
    end, seq, link = tail.size, tail.rows - 1, tail.last_hash
    if end - offset > _MOST_LOOKED_AT:
        return False
    while end > offset:
        end, line = log.line_before(end)
        row = _row(line)
        if row is None or row.hash != link or row.seq != seq:
            return False
        seq, link = seq - 1, row.prev_hash
    return True


def _may_begin_at(log: LogFile, tail: Tail, durable: int | None) -> bool:
    return durable is None or holds_from(log, tail, durable)


def _end_of_rows(log: LogFile, size: int) -> int:
    """Return where the whole lines end, and before the last one if that is not a row: a crash may leave either."""
    end = log.line_start(size)
    if end == 0:
        return 0
    start, line = log.line_before(end)
    return start if _row(line) is None else end


def _contradiction(log: LogFile, size: int, remembered: Remembered | None) -> str | None:
    if remembered is None:
        return None
    if size < remembered.tail.size:
        return LOG_SHORTER
    return None if ends_with(log, remembered.tail) else HEAD_MISMATCH


def _replayed(log: LogFile, end: int, tail: Tail, runs: dict[str, RunTail]) -> tuple[Tail, dict[str, RunTail]]:
    """Return what `tail` and `runs` are at `end`.  Raises `LedgerError` for the first line that is rejected."""
    if tail.size == end:
        return tail, runs
    open_runs = {run_id.encode(): RunEnd(run.next_seq, run.last_hash.encode()) for run_id, run in runs.items()}
    known = Position(tail.size, Chain(tail.rows, tail.last_hash.encode(), open_runs), tail.tree())
    try:
        found = walk_log(log.path, start=known, stop=end)
    except LogError as error:
        raise LedgerError(
            f"line {error.line} of the log `{log.path}` is rejected, so nothing is written after it: {_said(error)}",
            hint="keep the file, and see `occasio audit verify`",
        ) from error
    assert found.tree is not None
    after = Tail(found.offset, found.rows, found.last_hash, b"".join(found.tree.hashes))
    ends = found.chain.open_runs.items()
    return after, {run.decode(): RunTail(next_seq, at.decode()) for run, (next_seq, at) in ends if next_seq is not None}


def _said(error: LogError) -> str:
    return error.detail.removeprefix(f"line {error.line}: ")


def _row(line: bytes) -> Row | None:
    try:
        return parse_row(line)
    except MalformedError:
        return None
