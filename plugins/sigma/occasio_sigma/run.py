"""Rules over rows: a table in memory that is filled, asked and emptied, so many rows at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from occasio_core import LinearPattern, Row, UsageError, linear_pattern
from occasio_sigma.fields import COLUMNS, values
from occasio_sigma.rules import Rule

BATCH = 10_000  # rows


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that a rule fired on."""

    rule: Rule
    row: Row


def hits(rows: Iterable[Row], rules: Sequence[Rule]) -> Iterator[Hit]:
    """Yield what fires, in the order of the rows.

    Raises `UsageError` for a rule that SQLite cannot run, such as one with a pattern that has no linear form.
    """
    table = _table()
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        marks = ", ".join("?" * len(COLUMNS))
        table.execute("DELETE FROM logs")
        table.executemany(f"INSERT INTO logs VALUES ({marks})", map(values, batch))  # noqa: S608 - marks alone
        by_seq = {row.fields["seq"]: row for row in batch}
        found = [(seq, number) for number, rule in enumerate(rules) for seq in _asked(table, rule)]
        yield from (Hit(rules[number], by_seq[seq]) for seq, number in sorted(found))


def check(rule: Rule) -> None:
    """Raise `UsageError` for a rule that SQLite cannot run."""
    _asked(_table(), rule)


def _table() -> sqlite3.Connection:
    table = sqlite3.connect(":memory:")
    table.execute(f"CREATE TABLE logs ({', '.join(COLUMNS)})")
    table.create_function("REGEXP", 2, _matches, deterministic=True)
    return table


def _asked(table: sqlite3.Connection, rule: Rule) -> list[int]:
    try:
        # the condition was made by pySigma, which quotes what a rule says; a table in memory is all that it can reach
        return [seq for (seq,) in table.execute(f"SELECT seq FROM logs WHERE {rule.condition}")]  # noqa: S608
    except sqlite3.Error as error:
        raise UsageError(f"{rule.origin}: `{rule.title}` cannot be run: {error}") from None


@cache
def _compiled(pattern: str) -> LinearPattern:
    return linear_pattern(pattern)


def _matches(pattern: str, value: object) -> bool:
    return value is not None and _compiled(pattern).finds(str(value))
