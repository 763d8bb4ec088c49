"""What is asked of the index, as SQL.  Pure: knows the tables, no connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from occasio_core.reading.counters import COUNTERS, Counters
from occasio_core.reading.moments import MINUTE
from occasio_core.reading.runs import FACTS, RunSummary
from occasio_core.reading.schema import NUMBERS
from occasio_core.reading.selection import Entry, Selection

_Query: TypeAlias = "tuple[str, list[object]]"

_SUMS = ", ".join(f"coalesce(sum({name}), 0)" for name in NUMBERS)
_ENTRY = (
    "seq, (SELECT run_id FROM runs WHERE runs.run = rows.run), kind, at, action, tool, reason, rule, detail, "
    "secrets, offset, length"
)
_OF_RUN_ID = "run IN (SELECT run FROM runs WHERE run_id = ?)"
_GROUPED = frozenset({"kind", "action", "tool", "reason", "rule", "detail"})

TOTAL = f"SELECT {', '.join(NUMBERS)} FROM position"  # noqa: S608
OF_RUN = f"SELECT {_SUMS} FROM runs WHERE run_id = ?"  # noqa: S608
RUN_IDS = "SELECT DISTINCT run_id FROM runs WHERE run_id >= ? AND run_id < ? ORDER BY run_id LIMIT 4"
DIGEST = "SELECT digest FROM rows WHERE seq = ?"


def runs_within(selection: Selection, limit: int | None) -> _Query:
    """Return the query for `run_of`."""
    terms, values = _terms(selection, began="started_at", ended="last_at", of_run="run_id = ?")
    query = f"SELECT {', '.join(FACTS)}, {', '.join(NUMBERS)} FROM runs{_where(terms)} ORDER BY run DESC LIMIT ?"  # noqa: S608
    return query, [*values, -1 if limit is None else limit]


def run_of(found: Sequence[Any]) -> RunSummary:
    """Return the run that a line of the answer tells of."""
    facts, numbers = found[: len(FACTS)], found[len(FACTS) :]
    counters = Counters(**dict(zip(COUNTERS, numbers, strict=True)))
    return RunSummary(**dict(zip(FACTS, facts, strict=True)), counters=counters)


def entry_of(found: Sequence[Any]) -> Entry:
    """Return the entry that a line of the answer is."""
    return Entry(*found)


class Wanted(NamedTuple):
    """Which rows are asked for."""

    selection: Selection
    kinds: tuple[str, ...]
    actions: tuple[str, ...]
    with_secrets: bool

    def page(self, after: int, before: int | None, limit: int) -> _Query:
        """Return the query for the first entries behind the row `after`, and before the row `before`."""
        return self._ordered(after, before, limit, "ASC")

    def newest(self, after: int, before: int | None, limit: int) -> _Query:
        """Return the query for the last entries, the last first."""
        return self._ordered(after, before, limit, "DESC")

    def groups(self, member: str, limit: int) -> _Query:
        """Return the query for the values of `member`.  Raises `ValueError` for one that is none of an entry's."""
        if member not in _GROUPED:
            raise ValueError(f"`{member}` is not a member of an entry")
        terms, values = self._terms()
        query = (
            f"SELECT {member}, count(*), max(at) FROM rows{_where(terms)} "  # noqa: S608
            f"GROUP BY {member} ORDER BY 2 DESC, 1 LIMIT ?"
        )
        return query, [*values, limit]

    def _ordered(self, after: int, before: int | None, limit: int, order: str) -> _Query:
        terms, values = self._terms()
        terms, values = [*terms, "seq > ?"], [*values, after]
        if before is not None:
            terms, values = [*terms, "seq < ?"], [*values, before]
        return f"SELECT {_ENTRY} FROM rows{_where(terms)} ORDER BY seq {order} LIMIT ?", [*values, limit]  # noqa: S608

    def _terms(self) -> tuple[list[str], list[object]]:
        terms, values = _terms(self.selection, began="at", ended="at", of_run=_OF_RUN_ID)
        if self.kinds:
            terms.append(f"kind IN ({', '.join('?' * len(self.kinds))})")
            values.extend(self.kinds)
        if self.actions == ("BLOCK",):
            terms.append("action = 'BLOCK'")  # written out, or its index would not be used
        elif self.actions:
            terms.append(f"action IN ({', '.join('?' * len(self.actions))})")
            values.extend(self.actions)
        if self.with_secrets:
            terms.append("secrets > 0")
        return terms, values


class WholeMinutes(NamedTuple):
    """A selection, as the minutes that are whole within its bounds, from `first` on and before `last`, and the rest."""

    selection: Selection
    first: int | None
    last: int | None

    def sums(self) -> _Query:
        """Return the query for the sums over the whole minutes."""
        where, values = self._where()
        return f"SELECT {_SUMS} FROM minutes{where}", values  # noqa: S608

    def buckets(self, minutes: int) -> _Query:
        """Return the query for the sums over each span of so many minutes; its number, from 1970 on, comes first."""
        where, values = self._where()
        # rounded down, before 1970 too
        span = "(minute - ((minute % ?) + ?) % ?) / ?"
        return f"SELECT {span}, {_SUMS} FROM minutes{where} GROUP BY 1", [*[minutes] * 4, *values]  # noqa: S608

    def edges(self) -> Iterator[Selection]:
        """Yield what the bounds leave of the minutes that they cut in two."""
        since, until = self.selection.since, self.selection.until
        if self.first is not None and self.last is not None and self.first > self.last:  # both in one minute
            yield self.selection
            return
        if since is not None and self.first is not None and since < self.first * MINUTE:
            yield replace(self.selection, until=self.first * MINUTE)
        if until is not None and self.last is not None and until > self.last * MINUTE:
            yield replace(self.selection, since=self.last * MINUTE)

    def _where(self) -> _Query:
        terms: list[str] = []
        values: list[object] = []
        for term, bound in (("minute >= ?", self.first), ("minute < ?", self.last)):
            if bound is not None:
                terms.append(term)
                values.append(bound)
        if self.selection.run_id is not None:
            terms.append(_OF_RUN_ID)
            values.append(self.selection.run_id)
        return _where(terms), values


def whole_minutes(selection: Selection) -> WholeMinutes:
    """Return the selection in whole minutes and what is left."""
    since, until = selection.since, selection.until
    first = None if since is None else -(-since // MINUTE)
    last = None if until is None else until // MINUTE
    return WholeMinutes(selection, first, last)


def _terms(selection: Selection, *, began: str, ended: str, of_run: str) -> tuple[list[str], list[object]]:
    terms: list[str] = []
    values: list[object] = []
    for term, bound in (
        (of_run, selection.run_id),
        (f"{ended} >= ?", selection.since),
        (f"{began} < ?", selection.until),
    ):
        if bound is not None:
            terms.append(term)
            values.append(bound)
    return terms, values


def _where(terms: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(terms)}" if terms else ""
