"""What the log says when the head does not: reading it strictly, from where the head was right or from its first row.

Three things are told apart.  A head that is missing, damaged or behind is a cache that is mended in silence.  A torn
tail, or a log that has lost or changed what the head remembers, is a loss, and the `recovered` row says so (SPEC
section 6.4).  A bad row with others behind it is nothing that a crash leaves, and nobody writes on after it.
Changes nothing: `ledger` acts on what is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from occasio_core.errors import LedgerError
from occasio_core.ledger.entry import RunTail
from occasio_core.ledger.logfile import LogFile
from occasio_core.ledger.tail import MAX_OPEN_RUNS, Tail, next_place, place_of, run_after
from occasio_verify import Json, MalformedError, Row, parse_row

TORN_TAIL = "torn-tail"
LOG_SHORTER = "log-shorter-than-head"
HEAD_MISMATCH = "head-mismatch"


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


def survey(log: LogFile, size: int, remembered: Remembered | None) -> Survey:
    """Return what the log's first `size` bytes are, each row behind what is `remembered` rightly being checked.

    Raises `LedgerError` for a row that is not one or does not follow, unless it is a last line that is not a row.
    """
    end = _end_of_rows(log, size)
    reason = _contradiction(log, size, remembered)
    if remembered is None or reason is not None:
        tail, runs = Tail(), {}
    else:
        tail, runs = remembered.tail, dict(remembered.runs)
    former: dict[str, Json] = {}
    if remembered is not None and reason is not None:
        former = {"former_hash": remembered.tail.last_hash, "former_size": remembered.tail.size}
    _replay(log, end, tail, runs)
    return Survey(tail, runs, size, reason or (TORN_TAIL if end < size else None), former)


def ends_with(log: LogFile, tail: Tail) -> bool:
    """Return whether the last row of the log's first `tail.size` bytes is the one that `tail` knows."""
    if tail.size == 0:
        return tail.rows == 0
    _, line = log.line_before(tail.size)
    row = _row(line)
    return row is not None and row.hash == tail.last_hash and row.seq == tail.rows - 1


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


def _replay(log: LogFile, end: int, tail: Tail, runs: dict[str, RunTail]) -> None:
    """Move `tail` and `runs` on to `end`.  Raises `LedgerError` for the first line that is rejected."""
    for line in log.lines(tail.size, end):
        try:
            _follow(parse_row(line), tail, runs)
        except (MalformedError, LedgerError) as error:
            raise LedgerError(
                f"line {tail.rows + 1} of the log `{log.path}` is rejected, so nothing is written after it: {error}",
                hint="keep the file, and see `occasio audit verify`",
            ) from error


def _follow(row: Row, tail: Tail, runs: dict[str, RunTail]) -> None:
    run = runs.get(row.run_id) if row.run_id is not None else None
    place = next_place(tail, run, row.kind, row.run_id)
    if place_of(row) != place:
        raise LedgerError("it does not follow the rows before it")
    tail.add(row.line, row.hash)
    if row.run_id is None:
        return
    if (after := run_after(place.run, row.kind, row.hash)) is None:
        runs.pop(row.run_id, None)
    else:
        runs[row.run_id] = after
    if len(runs) > MAX_OPEN_RUNS:
        raise LedgerError(f"more than {MAX_OPEN_RUNS} runs are open")


def _row(line: bytes) -> Row | None:
    try:
        return parse_row(line)
    except MalformedError:
        return None
