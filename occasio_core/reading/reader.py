"""The read model: a `Reader` answers for the verified rows of one log, without reading all of it again.

What it answers from is an index, `read-index.sqlite` in Occasio's home: a cache that goes on from the last row that it
knows, and that is made anew where it is wrong (the log is shorter, or its row there is another; another version; a
damaged file).  A log that is damaged is read up to the damage, and `Reader.health` says so.

What the cache is not: evidence.  It is as private as the log (a home of 0700, a file of 0600), and whoever can write
there can change its sums, as he could the log.  Each row that is handed out is read from the log and must have the hash
that was verified, or `LedgerError` is raised; sums are not recomputed, and rows before the last known one are not read
again.  `occasio audit verify` reads the log itself, from its first row, and `Reader.rebuild` makes the cache anew.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from occasio_core import home as places
from occasio_core.errors import LedgerError, OccasioError, UsageError
from occasio_core.reading.compared import compare
from occasio_core.reading.counters import COUNTERS, Counters, counts_of
from occasio_core.reading.health import Damage, Health
from occasio_core.reading.moments import MINUTE
from occasio_core.reading.queries import (
    DIGEST,
    OF_RUN,
    RUN_IDS,
    TOTAL,
    Wanted,
    WholeMinutes,
    entry_of,
    run_of,
    runs_within,
    whole_minutes,
)
from occasio_core.reading.runs import RunSummary
from occasio_core.reading.schema import DIGEST_BYTES
from occasio_core.reading.selection import ALL, Bucket, Entry, Group, Selection
from occasio_core.reading.standing import Progress, is_at, whole_lines
from occasio_core.reading.store import copied, open_index, remove

if TYPE_CHECKING:
    from occasio_verify import Row

_PAGE = 1000  # entries at a time: no statement stays open while rows are used

_T = TypeVar("_T")


def open_reader(
    place: Path | None = None, *, log: Path | None = None, jobs: int = 1, progress: Progress | None = None
) -> Reader:
    """Return a reader of the log of Occasio's home `place`, which has read all that the log has now.

    With `log` it is of that file, and what it knows is kept in memory alone.  `jobs` processes check a log that is new
    to it; more than one is for a process without threads.  `progress` is told the offset reached, in bytes.
    A home or a log that is not there is an empty log.  Raises `OccasioError` if the log cannot be read.
    """
    place = place or places.home()
    own = log is None
    reader = Reader(log or places.log_path(place), place if own else None, jobs)
    try:
        reader.refresh(progress)
    except BaseException:
        reader.close()
        raise
    return reader


class Reader:
    """Answers about verified rows; a context manager.  For one thread at a time.

    Answers are of what `refresh` has found last; another process that refreshes the same index may add to them.
    """

    def __init__(self, log: Path, place: Path | None, jobs: int = 1) -> None:
        self.log = log
        self._place = place
        self._jobs = jobs
        self._path = places.read_index_path(place) if place is not None and log.exists() else None
        self._index = open_index(self._path)
        self._health = Health(exists=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._index.close()

    @property
    def health(self) -> Health:
        """What `refresh` found the log to be; surfaces show its `warning` if it is not empty."""
        return self._health

    def refresh(self, progress: Progress | None = None) -> Health:
        """Take up the rows that the log has more than before, verified, and return what it is now.

        Raises `OccasioError` if the log cannot be read.
        """
        try:
            self._health = self._sure(lambda: self._refreshed(progress))
        except FileNotFoundError:
            self._health = Health(exists=False)
        except OSError as error:
            raise OccasioError(f"the log `{self.log}` cannot be read: {error.strerror or error}") from error
        return self._health

    def rebuild(self, progress: Progress | None = None) -> Health:
        """As `refresh`, after forgetting everything: the log is read from its first row."""
        self._start_anew()
        return self.refresh(progress)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have all answers within be of one moment, whoever goes on with the index meanwhile; do not refresh here."""
        self._index.execute("BEGIN")
        try:
            yield
        finally:
            if self._index.in_transaction:  # else it was broken, and is another one by now
                self._index.execute("ROLLBACK")

    def run_id(self, prefix: str) -> str:
        """Return the id of the run whose id begins with `prefix`.

        Raises `UsageError` if there is none, or more than one.
        """
        found = self._all(RUN_IDS, (prefix, f"{prefix}\U0010ffff"))
        if not found:
            raise UsageError(f"no run `{prefix}` in the log", hint="`occasio runs` lists those that it has")
        if len(found) > 1:
            shown = ", ".join(run_id for (run_id,) in found[:3])
            raise UsageError(f"more than one run begins with `{prefix}`: {shown}", hint="give more of its id")
        return str(found[0][0])

    def counters(self, selection: Selection = ALL) -> Counters:
        """Return what the rows of `selection` add up to.

        Whole minutes come from the index; where a bound of time is not a whole minute, the rows of that one are read.
        """
        if not selection.is_bounded:
            if selection.run_id is None:
                return _counters(self._all(TOTAL)[0])
            return _counters(self._all(OF_RUN, (selection.run_id,))[0])
        whole = whole_minutes(selection)
        total = Counter(dict(zip(COUNTERS, self._all(*whole.sums())[0], strict=True)))
        for _, counts in self._edges(whole):
            total.update(counts)
        return Counters(**total)

    def runs(self, selection: Selection = ALL, *, limit: int | None = None) -> list[RunSummary]:
        """Return the runs that have a row within the bounds of `selection`, or around them, the newest first.

        Each is told whole, whatever the bounds.
        """
        return [run_of(found) for found in self._all(*runs_within(selection, limit))]

    def run(self, run_id: str) -> RunSummary:
        """Return the run of that id, the last if there are several.  Raises `UsageError` if there is none."""
        found = self.runs(Selection(run_id=run_id), limit=1)
        if not found:
            raise UsageError(f"no run `{run_id}` in the log", hint="`occasio runs` lists those that it has")
        return found[0]

    def entries(
        self,
        selection: Selection = ALL,
        *,
        kinds: Sequence[str] = (),
        actions: Sequence[str] = (),
        with_secrets: bool = False,
        after: int = -1,
        before: int | None = None,
        newest: int | None = None,
    ) -> Iterator[Entry]:
        """Yield what the index knows of the rows of `selection`, in the order of the log, without reading them.

        Those of these `kinds`, of calls with these `actions`, with secrets that were kept back, behind the row `after`
        (`follow` them by giving the last `seq` and refreshing) and before the row `before`, the last `newest` of them:
        all where nothing is said.
        """
        wanted = Wanted(selection, tuple(kinds), tuple(actions), with_secrets)
        if newest is not None:
            yield from map(entry_of, reversed(self._all(*wanted.newest(after, before, newest))))
            return
        while page := self._all(*wanted.page(after, before, _PAGE)):
            yield from map(entry_of, page)
            after = page[-1][0]

    def rows(
        self,
        selection: Selection = ALL,
        *,
        kinds: Sequence[str] = (),
        actions: Sequence[str] = (),
        with_secrets: bool = False,
        after: int = -1,
        before: int | None = None,
        newest: int | None = None,
    ) -> Iterator[Row]:
        """As `entries`, the rows themselves: each read from the log, and the one that was verified.

        Raises `LedgerError` if the log has another row there now.
        """
        found = self.entries(
            selection,
            kinds=kinds,
            actions=actions,
            with_secrets=with_secrets,
            after=after,
            before=before,
            newest=newest,
        )
        yield from self.read(found)

    def read(self, entries: Iterator[Entry] | Sequence[Entry]) -> Iterator[Row]:
        """Yield the row of each entry.  Raises `LedgerError` if the log has another row there now."""
        wanted = iter(entries)
        first = next(wanted, None)
        if first is None:  # as of a log that is not there
            return
        try:
            with self.log.open("rb") as file:
                for entry in chain((first,), wanted):
                    file.seek(entry.offset)
                    yield self._checked(entry, file.read(entry.length))
        except OSError as error:
            raise LedgerError(f"the log `{self.log}` cannot be read: {error.strerror or error}") from error

    def buckets(self, selection: Selection, span: int) -> list[Bucket]:
        """Return what the rows of `selection` add up to, for each span of time in which there are any, in order.

        `span` is whole minutes, in milliseconds; spans begin at multiples of it since 1970.
        """
        if span <= 0 or span % MINUTE:
            raise ValueError("a span of time is a number of whole minutes")
        whole = whole_minutes(selection)
        found: dict[int, Counter[str]] = {}
        for at, *numbers in self._all(*whole.buckets(span // MINUTE)):
            found[at * span] = Counter(dict(zip(COUNTERS, numbers, strict=True)))
        for at, counts in self._edges(whole):
            found.setdefault(at // span * span, Counter()).update(counts)
        return [Bucket(at, Counters(**found[at])) for at in sorted(found)]

    def groups(
        self,
        member: str,
        selection: Selection = ALL,
        *,
        kinds: Sequence[str] = (),
        actions: Sequence[str] = (),
        limit: int = 100,
    ) -> list[Group]:
        """Return how many rows of `selection` have each value of `member`, the most frequent first.

        `member` is one of those of `Entry`: `kind`, `action`, `tool`, `reason`, `rule`, `detail`.
        """
        wanted = Wanted(selection, tuple(kinds), tuple(actions), with_secrets=False)
        return [Group(value, rows, at) for value, rows, at in self._all(*wanted.groups(member, limit))]

    def _refreshed(self, progress: Progress | None) -> Health:
        end, size = whole_lines(self.log)
        if size > end:
            end, size = self._settled()
        damage = None if is_at(self._index, self.log, end) else self._take_up(end, progress)
        rows, read, last_hash, at = self._index.execute(
            "SELECT rows, size, last_hash, last_at FROM position"
        ).fetchone()
        if damage is None and size > end:
            damage = Damage(rows + 1, "torn-tail", "the last line has no line end")
        health = Health(exists=True, rows=rows, size=read, last_hash=last_hash, at=at, damage=damage)
        return health if self._place is None else compare(health, self._index, self.log, self._place)

    def _take_up(self, end: int, progress: Progress | None) -> Damage | None:
        from occasio_core.reading.building import take_up  # slow to import, and mostly there is nothing new

        if self._is_read_only():
            self._index = copied(self._index)
        return take_up(self._index, self.log, end, self._jobs, progress)

    def _settled(self) -> tuple[int, int]:
        """Return where whole lines end, and the log's size, while nobody is about to write a row."""
        from occasio_core.ledger.lock import FileLock

        with self.log.open("rb") as file:
            try:
                with FileLock(file.fileno()):
                    return whole_lines(self.log)
            except OSError:  # a file system without locks
                return whole_lines(self.log)

    def _is_read_only(self) -> bool:
        return bool(self._index.execute("PRAGMA query_only").fetchone()[0])

    def _edges(self, whole: WholeMinutes) -> Iterator[tuple[int, Mapping[str, int]]]:
        """Yield the time of each row in the minutes that bounds cut in two, and what it adds."""
        for part in whole.edges():
            entries = list(self.entries(part))
            for entry, row in zip(entries, self.read(entries), strict=True):
                yield entry.at, counts_of(row.kind, row.fields)

    def _checked(self, entry: Entry, line: bytes) -> Row:
        from occasio_verify import MalformedError, parse_row  # who asks for sums needs no rows

        try:
            row = parse_row(line)
        except MalformedError:
            row = None
        digest = self._all(DIGEST, (entry.seq,))
        if row is None or not digest or bytes.fromhex(row.hash[: 2 * DIGEST_BYTES]) != digest[0][0]:
            raise LedgerError(
                f"row {entry.seq} of the log `{self.log}` is not any more what it was when it was verified",
                hint="occasio audit verify",
            )
        return row

    def _all(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._sure(lambda: self._index.execute(query, tuple(values)).fetchall())

    def _sure(self, answer: Callable[[], _T]) -> _T:
        """Return the answer, from an index that is made anew if it turns out to be broken."""
        try:
            return answer()
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.OperationalError:  # the disk is full, or others keep it busy: nothing wrong with the file
            self._start_anew(in_memory=True)
        except sqlite3.DatabaseError:
            self._start_anew()
        self._refreshed(None)
        return answer()

    def _start_anew(self, *, in_memory: bool = False) -> None:
        self._index.close()
        if in_memory:
            self._path = None
        if self._path is not None:
            try:
                remove(self._path)
            except OSError:
                self._path = None
        self._index = open_index(self._path)


def _counters(numbers: Sequence[int]) -> Counters:
    return Counters(**dict(zip(COUNTERS, numbers, strict=True)))
