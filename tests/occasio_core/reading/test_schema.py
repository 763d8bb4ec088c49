"""The statements fit the tables."""

from __future__ import annotations

import sqlite3

from occasio_core.reading.counters import COUNTERS
from occasio_core.reading.runs import FACTS
from occasio_core.reading.schema import ADD_MINUTE, ADD_ROW, ADD_RUN, BEGINNING, MOVE, ROW_COLUMNS, TABLES


def test_what_is_written_twice_is_added_up_and_facts_are_the_last() -> None:
    index = sqlite3.connect(":memory:")
    for statement in (*TABLES, BEGINNING):
        index.execute(statement)
    ones = [1] * len(COUNTERS)
    for fact in ("old", "new"):
        index.execute(ADD_RUN, [1, *[fact] * len(FACTS), *ones])
        index.execute(ADD_MINUTE, [5, 1, *ones])
        index.execute(MOVE, [3, 4, fact, b"", 0, 0, b"", *ones])
    twos = (2,) * len(COUNTERS)
    assert index.execute("SELECT * FROM runs").fetchall() == [(1, *("new",) * len(FACTS), *twos)]
    assert index.execute("SELECT * FROM minutes").fetchall() == [(5, 1, *twos)]
    assert index.execute("SELECT * FROM position").fetchone()[-len(COUNTERS) :] == twos
    index.execute(ADD_ROW, [0] * len(ROW_COLUMNS))
    index.close()
