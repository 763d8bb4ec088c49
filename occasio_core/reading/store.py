"""The index's file: made for its owner alone, believed only if it is one of ours, made anew where it is not.

Three ways to have one: the file; the file as it is, where nothing may be written, as long as the log has not grown; and
memory, where neither is to be had.  Knows SQLite and files, not what the tables say.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from occasio_core.ledger.disk import open_private
from occasio_core.reading.schema import BEGINNING, TABLES

_WAIT_SECONDS = 60  # for another reader that writes a part of the index
_BESIDE = ("-wal", "-shm", "-journal")


class IndexUnusable(Exception):  # noqa: N818
    """Raised when a file is none that an index can be had from."""


def open_index(path: Path | None) -> sqlite3.Connection:
    """Return the index at `path`, made if need be; where that cannot be, one that is like it or empty, in memory."""
    if path is not None:
        for attempt in (_written, _anew, _as_it_is):
            try:
                return attempt(path)
            except (IndexUnusable, OSError, sqlite3.Error):
                continue
    return _in_memory()


def make_empty(index: sqlite3.Connection) -> None:
    """Take everything out of the index, within the transaction that is open."""
    for name, kind in index.execute("SELECT name, type FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").fetchall():
        if kind in ("table", "view", "trigger"):
            index.execute(f'DROP {kind.upper()} IF EXISTS "{name.replace(chr(34), chr(34) * 2)}"')
    for statement in (*TABLES, BEGINNING):
        index.execute(statement)


def copied(index: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy of the index in memory, which may be written."""
    copy = _connected(":memory:")
    index.backup(copy)
    return copy


def remove(path: Path) -> None:
    """Remove the index at `path`.  Raises `OSError`."""
    for name in (path, *(path.with_name(path.name + end) for end in _BESIDE)):
        name.unlink(missing_ok=True)


def _written(path: Path) -> sqlite3.Connection:
    if path.is_symlink():
        raise IndexUnusable
    os.close(open_private(path))  # raises where the home is missing or may not be written
    _check_ours(path)
    index = _connected(str(path))
    try:
        index.execute("PRAGMA journal_mode = WAL")
        index.execute("PRAGMA synchronous = NORMAL")
        if not _is_one(index):
            index.execute("BEGIN IMMEDIATE")
            if not _is_one(index):  # else another reader has made it meanwhile
                make_empty(index)
            index.execute("COMMIT")
    except BaseException:
        index.close()
        raise
    return index


def _anew(path: Path) -> sqlite3.Connection:
    """As `_written`, after removing what is there: it is no database."""
    _check_ours(path)
    with path.open("r+b") as file:  # raises where it may not be removed
        if file.read(16) == b"SQLite format 3\0" and not _is_broken(path):
            raise IndexUnusable
    remove(path)
    return _written(path)


def _is_broken(path: Path) -> bool:
    try:
        with closing(_connected(str(path))) as index:
            index.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        return False  # busy, or not to be opened: nothing that removing it would mend
    except sqlite3.DatabaseError:
        return True
    return False


def _as_it_is(path: Path) -> sqlite3.Connection:
    _check_ours(path)
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and wal.stat().st_size > 0:
        raise IndexUnusable  # a part of it is there, and cannot be taken up
    index = _connected(f"{path.absolute().as_uri()}?mode=ro&immutable=1")
    try:
        if not _is_one(index):
            raise IndexUnusable
        index.execute("PRAGMA query_only = ON")
    except BaseException:
        index.close()
        raise
    return index


def _in_memory() -> sqlite3.Connection:
    index = _connected(":memory:")
    make_empty(index)
    return index


def _connected(name: str) -> sqlite3.Connection:
    index = sqlite3.connect(
        name, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False, uri=name.startswith("file:")
    )
    index.execute("PRAGMA trusted_schema = OFF")
    index.execute("PRAGMA cell_size_check = ON")
    return index


def _is_one(index: sqlite3.Connection) -> bool:
    found = [sql for (sql,) in index.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")]
    return sorted(found) == sorted(TABLES)


def _check_ours(path: Path) -> None:
    """Raise `IndexUnusable` for a file that somebody else may have written, `OSError` if there is none."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise IndexUnusable
    if os.name == "posix" and (found.st_uid != os.geteuid() or found.st_mode & 0o022):
        raise IndexUnusable
