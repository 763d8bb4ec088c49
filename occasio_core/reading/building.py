"""Taking up what the log has more than the index: verified first, then read row by row.

The verifier walks a slice of the log from the position that the index is at.  Then the same bytes are read again for
what they say; each row must have the hash that it states and follow from the one before, up to the row that the walk
ended with, so that it is the verified rows that are counted.  Each slice is one transaction, so readers that build at
once take turns, and one that is killed loses no more than its slice.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import cast

from occasio_core.errors import LedgerError
from occasio_core.reading.counters import COUNTERS, counts_of
from occasio_core.reading.health import Damage
from occasio_core.reading.moments import MINUTE, milliseconds
from occasio_core.reading.runs import FACTS, RunNotes, begun
from occasio_core.reading.schema import ADD_MINUTE, ADD_ROW, ADD_RUN, DIGEST_BYTES, MOVE
from occasio_core.reading.standing import Progress, belongs
from occasio_core.reading.store import make_empty
from occasio_verify import (
    MAX_ROW_BYTES,
    Chain,
    CompactRange,
    Json,
    LogError,
    Position,
    RunEnd,
    row_hash,
    walk_log,
)

_SLICE_BYTES = 32 << 20
_FIRST_SLICE_BYTES = 4 << 20  # what mostly is all, and shows at once where a damaged log is rejected
_PEAK_BYTES = 32


def take_up(index: sqlite3.Connection, log: Path, end: int, jobs: int, progress: Progress | None) -> Damage | None:
    """Bring the index up to the log's byte `end`, or to the first line that is rejected; return that.

    Whole lines end at `end`.  What the index remembers of another log, or of one that was changed, is dropped first.
    Raises `LedgerError` if the log is changed while it is read, `OSError`, `sqlite3.Error`.
    """
    size = _FIRST_SLICE_BYTES
    while True:
        index.execute("BEGIN IMMEDIATE")
        try:
            if not belongs(index, log, end):
                make_empty(index)
            start, size_now = _position(index), size
            stop = _line_end(log, min(start.offset + size_now, end), end)
            walked, damage = _walked(log, start, stop, jobs if size_now > _FIRST_SLICE_BYTES else 1)
            if walked.offset > start.offset:
                _Slice(index, start).read(log, walked)
        except BaseException:
            index.execute("ROLLBACK")
            raise
        index.execute("COMMIT")
        if progress is not None:
            progress(walked.offset)
        if damage is not None or walked.offset >= end:
            return damage
        size = _SLICE_BYTES


def _position(index: sqlite3.Connection) -> Position:
    rows, size, last_hash, peaks = index.execute("SELECT rows, size, last_hash, peaks FROM position").fetchone()
    ends = index.execute("SELECT run_id, rows, last_hash FROM runs WHERE ended_at IS NULL")
    open_runs = {run_id.encode(): RunEnd(count, at.encode()) for run_id, count, at in ends}
    hashes = [peaks[at : at + _PEAK_BYTES] for at in range(0, len(peaks), _PEAK_BYTES)]
    return Position(size, Chain(rows, last_hash.encode(), open_runs), CompactRange.from_hashes(rows, hashes))


def _walked(log: Path, start: Position, stop: int, jobs: int) -> tuple[Position, Damage | None]:
    """Return the position at `stop`, or before the first line that is rejected, and what is wrong with that."""
    if stop == start.offset:  # the log was emptied
        return start, None
    try:
        return walk_log(log, start=start, stop=stop, jobs=jobs), None
    except LogError as error:
        damage = Damage(error.line, error.code, error.detail.removeprefix(f"line {error.line}: "))
    good = _offset_of(log, start, damage.line)
    if good == start.offset:
        return start, damage
    try:
        return walk_log(log, start=start, stop=good), damage
    except LogError as error:
        raise _changed(log) from error


def _offset_of(log: Path, start: Position, number: int) -> int:
    """Return where the line of that number begins; it is behind `start`, and the lines between are rows."""
    with log.open("rb") as file:
        file.seek(start.offset)
        for _ in range(number - 1 - start.rows):
            file.readline()
        return file.tell()


def _line_end(log: Path, offset: int, end: int) -> int:
    """Return the end of the line that the byte before `offset` is in, `end` at most."""
    with log.open("rb") as file:
        file.seek(max(offset - 1, 0))
        while file.tell() < end:
            if file.readline(MAX_ROW_BYTES).endswith(b"\n"):
                break
        return min(file.tell(), end)


def _changed(log: Path) -> LedgerError:
    return LedgerError(f"the log `{log}` was changed while it was read", hint="occasio audit verify")


@dataclass(slots=True)
class _Slice:
    """Rows behind `start` that were verified, on their way into the index."""

    index: sqlite3.Connection
    start: Position
    runs: dict[str, RunNotes] = field(default_factory=dict)
    finished: list[RunNotes] = field(default_factory=list)
    minutes: dict[tuple[int, int], dict[str, int]] = field(default_factory=dict)
    last_line: bytes = b""
    last_offset: int = 0
    last_at: int = 0
    _number: int = 0

    def read(self, log: Path, walked: Position) -> None:
        """Put the rows up to `walked` into the index.  Raises `LedgerError` if they are not those that were walked."""
        (self._number,) = self.index.execute("SELECT coalesce(max(run), 0) FROM runs").fetchone()
        self.index.executemany(ADD_ROW, self._rows(log, walked))
        of_runs: dict[int, Counter[str]] = {}
        for (_, number), counts in self.minutes.items():
            of_runs.setdefault(number, Counter()).update(counts)
        for notes in (*self.finished, *self.runs.values()):
            facts = [notes.facts[name] for name in FACTS]
            self.index.execute(ADD_RUN, [notes.number, *facts, *_numbers(of_runs[notes.number])])
        self.index.executemany(ADD_MINUTE, ([*key, *_numbers(counts)] for key, counts in self.minutes.items()))
        assert walked.tree is not None
        place = (
            walked.rows,
            walked.offset,
            walked.last_hash,
            sha256(self.last_line).digest(),
            self.last_offset,
            self.last_at,
        )
        self.index.execute(MOVE, (*place, b"".join(walked.tree.hashes), *_numbers(sum(of_runs.values(), Counter()))))

    def _rows(self, log: Path, walked: Position) -> Iterator[tuple[object, ...]]:
        offset, prev_hash = self.start.offset, self.start.last_hash
        with log.open("rb", buffering=1 << 18) as file:
            file.seek(offset)
            while offset < walked.offset:
                line = file.readline(MAX_ROW_BYTES + 2)
                row = _read(log, line)
                if row["prev_hash"] != prev_hash:
                    raise _changed(log)
                prev_hash = cast("str", row["hash"])
                self.last_line = line
                yield self._row(row, offset, len(line) - 1)
                offset += len(line)
        if prev_hash != walked.last_hash or offset != walked.offset:
            raise _changed(log)

    def _row(self, row: Mapping[str, Json], offset: int, length: int) -> tuple[object, ...]:
        kind, at = cast("str", row["kind"]), milliseconds(cast("str", row["ts"]))
        counts, number = counts_of(kind, row), self._noted(row, kind, at)
        key = (at // MINUTE, number)
        minute = self.minutes.get(key)
        if minute is None:
            minute = self.minutes[key] = defaultdict(int)
        for name, count in counts.items():
            minute[name] += count
        self.last_offset, self.last_at = offset, at
        told = [row.get(name) if name else None for name in _TOLD.get(kind, _NOTHING_TOLD)]
        kept_back = counts.get("secrets", 0) + counts.get("told_secrets", 0)
        digest = bytes.fromhex(cast("str", row["hash"])[: 2 * DIGEST_BYTES])
        return row["seq"], number, kind, at, *told, kept_back, offset, length, digest

    def _noted(self, row: Mapping[str, Json], kind: str, at: int) -> int:
        """Return the number of the row's run, after it has taken up the row; 0 for a row of the log's own."""
        run_id = cast("str | None", row["run_id"])
        if run_id is None:
            return 0
        if kind == "run_started":
            self._number += 1
            self.runs[run_id] = begun(self._number, row, at)
        notes = self.runs.get(run_id) or self._known(run_id)
        notes.note(row, at)
        if kind == "run_ended":
            self.finished.append(self.runs.pop(run_id))
        return notes.number

    def _known(self, run_id: str) -> RunNotes:
        query = f"SELECT run, {', '.join(FACTS)} FROM runs WHERE run_id = ? AND ended_at IS NULL"  # noqa: S608
        number, *facts = self.index.execute(query, (run_id,)).fetchone()
        notes = self.runs[run_id] = RunNotes(number, dict(zip(FACTS, facts, strict=True)))
        return notes


# The members that become `action`, `tool`, `reason`, `rule` and `detail` of an entry, by kind; another kind has none.
_NOTHING_TOLD: tuple[str, ...] = ("",) * 5
_TOLD: Mapping[str, tuple[str, ...]] = {
    "tool_call": ("action", "tool_name", "reason", "rule", ""),
    "tool_result": ("", "", "", "", "result_kind"),
    "request": ("", "", "", "", "model"),
    "limit_exceeded": ("", "", "", "", "limit"),
    "finding": ("", "", "", "", "detector"),
    "approval_requested": ("", "tool_name", "", "", "approval_id"),
    "approval_granted": ("", "", "", "", "approval_id"),
    "approval_denied": ("", "", "", "", "approval_id"),
    "approval_expired": ("", "", "", "", "approval_id"),
    "hook_event": ("", "tool_name", "", "", "event"),
    "policy_loaded": ("", "", "", "", "policy_source"),
    "recovered": ("", "", "reason", "", ""),
    "run_ended": ("", "", "reason", "", ""),
}


def _numbers(counts: Mapping[str, int]) -> list[int]:
    return [counts.get(name, 0) for name in COUNTERS]


_scan: Callable[[str, int], tuple[Mapping[str, Json], int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def _read(log: Path, line: bytes) -> Mapping[str, Json]:
    """Return the row that a line holds whose bytes were verified: its hash says whether they still are the same."""
    line = line.removesuffix(b"\n")
    try:
        row, _ = _scan(line.decode(), 0)
        if row_hash(row, line) == row["hash"]:
            return row
    except (ValueError, KeyError, TypeError, StopIteration, RecursionError):
        pass
    raise _changed(log)
