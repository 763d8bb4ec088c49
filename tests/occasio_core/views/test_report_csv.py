"""A report as CSV is one table, and no cell of it is a formula, whatever an agent called a file."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_core.views.report_csv import HEADER, as_csv, cell
from tests.occasio_core.views.reports import hostile, report_of, run


def table(lines: list[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(lines))


def test_the_table_has_the_sum_every_event_and_everything_touched() -> None:
    told = report_of(run().rows)
    rows = table(list(as_csv(told)))
    assert all(set(row) == set(HEADER) for row in rows)
    by_section = {name: [row for row in rows if row["section"] == name] for name in ("summary", "event", "access")}
    assert [row["hash"] for row in by_section["event"]] == [one.hash for one in told.events]
    assert {(row["kind"], row["target"]): row["count"] for row in by_section["access"]} == {
        ("read", "/w/a"): "1",
        ("execute", "cat"): "1",
    }
    counts = {row["kind"]: row["count"] for row in by_section["summary"]}
    assert (counts["blocked_calls"], counts["tool_calls"]) == ("1", "2")


def test_no_cell_is_a_formula() -> None:
    for row in table(list(as_csv(report_of(hostile().rows)))):
        assert not [value for value in row.values() if value.lstrip().startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize(
    ("value", "shown"),
    [("=1", "'=1"), (" =1", "' =1"), ("\t=1", "'?=1"), ("a=1", "a=1"), ("＝1", "'＝1"), ("", ""), ("a\nb", "a?b")],
)
def test_what_a_spreadsheet_would_compute_is_quoted(value: str, shown: str) -> None:
    assert cell(value) == shown


@given(st.text(max_size=20))
def test_whatever_a_cell_holds_it_is_one_and_no_formula(value: str) -> None:
    (line,) = [cell(value)]
    assert "\n" not in line and "\r" not in line and "\t" not in line
    assert not line.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
