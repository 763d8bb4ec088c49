"""DuckDB and PyArrow read back what was written, and no more rows are held than a group has."""

from __future__ import annotations

import builtins
import io
import json
from collections.abc import Iterator
from pathlib import Path
from weakref import WeakSet

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from occasio_core import UsageError
from occasio_exports import parquet
from occasio_exports.parquet import GROUP_ROWS, write_parquet
from occasio_exports.table import COLUMNS, record
from tests.kinds import Fields, every_row
from tests.samples import Log, interleaved, run_of

ROWS = every_row()


def written(path: Path, rows: list[Fields]) -> Path:
    with path.open("wb") as file:
        assert write_parquet(rows, file, "0.1.0") == len(rows)
    return path


def test_pyarrow_reads_back_every_value_of_every_kind(tmp_path: Path) -> None:
    table = pq.read_table(written(tmp_path / "t.parquet", ROWS))
    times = table["ts"].cast(pa.int64())
    table = table.set_column(table.column_names.index("ts"), "ts", times)
    assert [list(values.values()) for values in table.to_pylist()] == [record(row) for row in ROWS]


def test_columns_are_typed(tmp_path: Path) -> None:
    schema = pq.read_schema(written(tmp_path / "t.parquet", ROWS))
    assert schema.names == [column.name for column in COLUMNS]
    found = {name: str(schema.field(name).type) for name in ("seq", "ts", "kind", "is_error", "effects", "other")}
    assert found == {
        "seq": "int64",
        "ts": "timestamp[ms, tz=UTC]",
        "kind": "string",
        "is_error": "bool",
        "effects": "list<element: string>",
        "other": "string",
    }
    assert schema.metadata[b"occasio.version"] == b"0.1.0"


def test_duckdb_answers_questions_about_it(tmp_path: Path) -> None:
    path = str(written(tmp_path / "t.parquet", run_of(9).rows))
    with duckdb.connect() as database:
        calls = database.execute(
            "SELECT action, count(*), min(ts) < max(ts) FROM read_parquet(?) WHERE kind = 'tool_call' GROUP BY ALL ORDER BY ALL",
            [path],
        ).fetchall()
        refused = database.execute(
            "SELECT DISTINCT unnest(effects), rule FROM read_parquet(?) WHERE action = 'BLOCK'", [path]
        ).fetchall()
        tokens = database.execute(
            "SELECT sum(input_tokens), sum(output_tokens) FROM read_parquet(?)", [path]
        ).fetchone()
    assert calls == [("BLOCK", 3, True), ("PASS", 6, True)]
    assert refused == [("read /home/ada/.ssh/id", "deny_paths: ~/.ssh")]
    assert tokens == (90, 45)


def test_no_rows_are_a_table_without_rows(tmp_path: Path) -> None:
    assert pq.read_table(written(tmp_path / "t.parquet", [])).num_rows == 0


class _Row(dict[str, object]):
    """A row whose end can be seen."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def test_no_more_rows_are_held_than_a_group_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "GROUP_ROWS", 10)
    alive: WeakSet[object] = WeakSet()
    most = 0

    def rows() -> Iterator[Fields]:
        nonlocal most
        for line in interleaved(200):
            row = _Row(json.loads(line))
            alive.add(row)
            most = max(most, len(alive))
            yield row

    path = tmp_path / "t.parquet"
    with path.open("wb") as file:
        assert write_parquet(rows(), file, "0.1.0") == 200
    assert most <= 11
    assert pq.ParquetFile(path).num_row_groups == 20


def test_groups_are_of_a_size_that_readers_like() -> None:
    assert 1_000 < GROUP_ROWS < 100_000


def test_without_pyarrow_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def importing(name: str, *others: object) -> object:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", importing)
    with pytest.raises(UsageError, match="PyArrow") as refused:
        write_parquet(Log().rows, io.BytesIO(), "0.1.0")
    assert "occasio[parquet]" in refused.value.hint
