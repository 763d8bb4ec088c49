"""The index's tables.  What a database holds beside exactly these makes it none of ours.  Pure."""

from __future__ import annotations

from occasio_core.reading.counters import COUNTERS
from occasio_core.reading.runs import FACTS

NUMBERS = tuple(f"n_{name}" for name in COUNTERS)
"""The columns of the counters, in their order."""

ROW_COLUMNS = (
    "seq",
    "run",
    "kind",
    "at",
    "action",
    "tool",
    "reason",
    "rule",
    "detail",
    "secrets",
    "offset",
    "length",
    "digest",
)
DIGEST_BYTES = 16  # of a row's hash: enough that nobody finds another row with the same

_VERSION = 1  # of what columns mean; another one has the index made anew
_NUMBERS = ", ".join(f"{name} INTEGER NOT NULL" for name in NUMBERS)

# its one row says how far the log was read, and what all of its rows add up to
_POSITION = (
    f"CREATE TABLE position (version{_VERSION} INTEGER PRIMARY KEY, rows INTEGER NOT NULL, size INTEGER NOT NULL, "
    "last_hash TEXT NOT NULL, last_line BLOB NOT NULL, last_offset INTEGER NOT NULL, last_at INTEGER, "
    "peaks BLOB NOT NULL, "
    f"compared BLOB NOT NULL, compared_size INTEGER NOT NULL, compared_root BLOB NOT NULL, {_NUMBERS})"
)
_ROWS = (
    "CREATE TABLE rows (seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, "
    "action TEXT, tool TEXT, reason TEXT, rule TEXT, detail TEXT, secrets INTEGER NOT NULL, "
    "offset INTEGER NOT NULL, length INTEGER NOT NULL, digest BLOB NOT NULL)"
)

TABLES = (
    _POSITION,
    f"CREATE TABLE runs (run INTEGER PRIMARY KEY, {', '.join(FACTS)}, {_NUMBERS})",
    "CREATE INDEX runs_by_id ON runs (run_id)",
    "CREATE INDEX runs_open ON runs (run_id) WHERE ended_at IS NULL",
    f"CREATE TABLE minutes (minute INTEGER, run INTEGER, {_NUMBERS}, PRIMARY KEY (minute, run)) WITHOUT ROWID",
    _ROWS,
    "CREATE INDEX rows_by_run ON rows (run, seq)",
    "CREATE INDEX rows_by_kind ON rows (kind, seq)",
    "CREATE INDEX rows_by_time ON rows (at)",
    "CREATE INDEX rows_blocked ON rows (seq) WHERE action = 'BLOCK'",
    "CREATE INDEX rows_with_secrets ON rows (seq) WHERE secrets > 0",
)

_NOTHING = ", ".join("0" for _ in NUMBERS)
BEGINNING = f"INSERT INTO position VALUES (0, 0, 0, '{'0' * 64}', x'', 0, NULL, x'', x'', 0, x'', {_NOTHING})"  # noqa: S608

_FACTS_AGAIN = ", ".join(f"{name} = excluded.{name}" for name in FACTS)
_NUMBERS_MORE = ", ".join(f"{name} = {name} + excluded.{name}" for name in NUMBERS)


def _marks(count: int) -> str:
    return ", ".join("?" * count)


ADD_ROW = f"INSERT INTO rows ({', '.join(ROW_COLUMNS)}) VALUES ({_marks(len(ROW_COLUMNS))})"  # noqa: S608
ADD_RUN = (
    f"INSERT INTO runs VALUES ({_marks(1 + len(FACTS) + len(NUMBERS))}) "  # noqa: S608
    f"ON CONFLICT (run) DO UPDATE SET {_FACTS_AGAIN}, {_NUMBERS_MORE}"
)
ADD_MINUTE = (
    f"INSERT INTO minutes VALUES ({_marks(2 + len(NUMBERS))}) "  # noqa: S608
    f"ON CONFLICT (minute, run) DO UPDATE SET {_NUMBERS_MORE}"
)
MOVE = (
    "UPDATE position SET rows = ?, size = ?, last_hash = ?, last_line = ?, last_offset = ?, last_at = ?, peaks = ?, "  # noqa: S608
    + ", ".join(f"{name} = {name} + ?" for name in NUMBERS)
)
