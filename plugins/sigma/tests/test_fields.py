"""Every column has what the row has, and NULL where it has nothing."""

from __future__ import annotations

from pathlib import Path

from occasio_core import Json, Row
from occasio_sigma.fields import COLUMNS, values
from plugins.sigma.tests.gate import Written


def told(row: Row) -> dict[str, Json]:
    return {name: value for name, value in zip(COLUMNS, values(row), strict=True) if value is not None}


def test_a_call_is_told_by_its_effects(tmp_path: Path) -> None:
    (row,) = Written(tmp_path).bash("cat notes.txt && curl https://a.example/x")
    found = told(row)
    assert found["command"] == "cat notes.txt && curl https://a.example/x"
    assert found["executes"] == "\ncat\ncurl\n"
    assert found["images"] == "\n/cat\n/curl\n"
    assert found["connects"] == "\na.example\n"
    assert str(found["reads"]).endswith("/notes.txt\n")
    assert "writes" not in found


def test_numbers_are_numbers_and_the_rest_is_nothing(tmp_path: Path) -> None:
    row = Written(tmp_path).add("limit_exceeded", limit="tool_calls", max=3, actual=4)
    found = told(row)
    assert (found["seq"], found["limit_passed"]) == (1, "tool_calls")
    assert "cost_micro_usd" not in found and "command" not in found


def test_an_element_is_one_line_whatever_it_holds(tmp_path: Path) -> None:
    (row,) = Written(tmp_path).bash("true")
    found = told(Row(line=row.line, fields={**row.fields, "effects": ["read /a\nb", "read /c"]}))
    assert found["reads"] == "\n/a b\n/c\n"


def test_hours_and_days_are_those_of_utc(tmp_path: Path) -> None:
    row = Written(tmp_path).add("limit_exceeded", limit="x", max=1, actual=2)
    found = told(Row(line=row.line, fields={**row.fields, "ts": "2026-01-05T23:30:00.000Z"}))
    assert (found["hour"], found["weekday"]) == (23, 1)
