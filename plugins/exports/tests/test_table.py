"""A row can be made again from its line of the table: nothing is lost, and nothing is in two places."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_core import Json
from occasio_exports.table import COLUMNS, OTHER, Type, record, records
from tests.kinds import MEMBERS, Fields, every_row, ids

ROWS = every_row()


def again(values: list[Json]) -> Fields:
    """Return the row that the values are of, but for members that are null."""
    found: Fields = {}
    for column, value in zip(COLUMNS, values, strict=True):
        if value is None:
            continue
        if column.name == OTHER:
            found |= json.loads(str(value))
        elif column.type is Type.TIME:
            at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(str(value)))
            found[column.member] = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
        else:
            found[column.member] = value
    return {name: value for name, value in found.items() if value is not None}


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_a_row_can_be_made_again(row: Fields) -> None:
    assert again(record(row)) == {name: value for name, value in row.items() if value is not None}


@given(st.sampled_from(ROWS), st.sampled_from([column.member for column in COLUMNS[2:-1]] + ["zz"]), MEMBERS)
def test_a_member_of_a_type_that_its_column_has_not_is_kept_beside(row: Fields, name: str, value: object) -> None:
    changed = row | {name: value}
    assert again(record(changed)) == {name: value for name, value in changed.items() if value is not None}


def test_columns_have_names_of_their_own_that_no_query_must_quote() -> None:
    names = [column.name for column in COLUMNS]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch("[a-z][a-z_]*", name) or name in {"limit", "rows", "max"}] == []


def test_rows_come_in_batches() -> None:
    assert [len(batch) for batch in records(ROWS[:5], 2)] == [2, 2, 1]
