"""The file of an index is one of ours, or there is another."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from occasio_core.reading.store import copied, make_empty, open_index, remove


def marked(path: Path | None) -> bool:
    """Return whether the index has the mark that a test set."""
    index = open_index(path)
    found = index.execute("SELECT last_at FROM position").fetchone() == (7,)
    index.close()
    return found


def mark(path: Path) -> None:
    index = open_index(path)
    index.execute("UPDATE position SET last_at = 7")
    index.close()


def test_what_was_written_is_found_again(tmp_path: Path) -> None:
    mark(tmp_path / "index")
    assert marked(tmp_path / "index")


def test_without_a_directory_there_is_one_in_memory(tmp_path: Path) -> None:
    assert not marked(tmp_path / "none" / "index")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("what", [b"", b"text", b"SQLite format 3\0" + b"\1" * 5000])
def test_what_is_no_database_is_replaced(tmp_path: Path, what: bytes) -> None:
    (tmp_path / "index").write_bytes(what)
    (tmp_path / "index").chmod(0o600)
    mark(tmp_path / "index")
    assert marked(tmp_path / "index")


def test_a_table_that_is_not_ours_has_all_made_anew(tmp_path: Path) -> None:
    mark(tmp_path / "index")
    with sqlite3.connect(tmp_path / "index") as index:
        index.execute('CREATE TABLE "a""b" (c)')
    index.close()
    assert not marked(tmp_path / "index")


def test_a_directory_in_the_way_is_left(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    assert not marked(tmp_path / "index")
    assert (tmp_path / "index").is_dir()


def test_emptying_is_undone_with_its_transaction(tmp_path: Path) -> None:
    mark(tmp_path / "index")
    index = open_index(tmp_path / "index")
    index.execute("BEGIN IMMEDIATE")
    make_empty(index)
    assert index.execute("SELECT last_at FROM position").fetchone() == (None,)
    index.execute("ROLLBACK")
    index.close()
    assert marked(tmp_path / "index")


def test_a_copy_is_of_its_own(tmp_path: Path) -> None:
    mark(tmp_path / "index")
    index = open_index(tmp_path / "index")
    copy = copied(index)
    copy.execute("UPDATE position SET last_at = 8")
    assert index.execute("SELECT last_at FROM position").fetchone() == (7,)
    copy.close()
    index.close()


def test_what_is_removed_is_gone_with_all_beside_it(tmp_path: Path) -> None:
    index = open_index(tmp_path / "index")
    remove(tmp_path / "index")
    assert list(tmp_path.iterdir()) == []
    index.close()
