from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core.errors import LedgerError
from occasio_core.ledger.entry import Entry, Place, RunTail, draft, timestamp
from occasio_verify import Json, canonical, parse_row
from tests.occasio_core.logs import ZEROS, noted, run_id

EVENT = "e" * 16
TS = "2026-01-02T03:04:05.678Z"

Values: TypeAlias = "st.SearchStrategy[Json]"

INTEGERS = st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS: Values = st.none() | st.booleans() | INTEGERS | TEXTS
VALUES: Values = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
ENVELOPE = set(draft(noted(run_id()), EVENT).at(Place(0, ZEROS, RunTail()), TS).row().fields) - {"text"}
NAMES = TEXTS.filter(lambda name: name not in ENVELOPE)


def of(fields: dict[str, Json], *, kind: str = "note") -> Entry:
    return Entry(kind=kind, agent="agent", protocol="internal", run_id=run_id(), session_id="s", fields=fields)


@settings(max_examples=200, deadline=None)
@given(
    fields=st.dictionaries(NAMES, VALUES, max_size=6), seq=st.integers(0, 2**53 - 1), run_seq=st.integers(0, 2**53 - 1)
)
def test_a_row_is_the_canonical_form_of_its_members(fields: dict[str, Json], seq: int, run_seq: int) -> None:
    row = draft(of(fields), EVENT).at(Place(seq, "a" * 64, RunTail(run_seq, "b" * 64)), TS).row()
    assert row.line == canonical(row.fields)
    assert parse_row(row.line) == row
    assert {name: row.fields[name] for name in fields} == fields


def test_a_row_says_its_place() -> None:
    row = draft(of({}), EVENT).at(Place(7, "a" * 64, RunTail(3, "b" * 64)), TS).row()
    assert (row.seq, row.prev_hash, row.run_seq, row.run_prev_hash) == (7, "a" * 64, 3, "b" * 64)


def test_a_row_outside_of_runs_has_nulls() -> None:
    fields: dict[str, Json] = {"note": "n", "origin": "o", "root_hash": ZEROS, "tree_size": 0}
    entry = Entry(kind="checkpoint", agent="occasio", protocol="internal", run_id=None, session_id=None, fields=fields)
    row = draft(entry, EVENT).at(Place(0, ZEROS, None), TS).row()
    assert row.run_id is row.run_seq is row.run_prev_hash is row.fields["session_id"] is None
    assert parse_row(row.line) == row


@pytest.mark.parametrize("name", sorted(ENVELOPE))
def test_a_field_cannot_have_a_name_that_every_row_has(name: str) -> None:
    with pytest.raises(LedgerError, match=f"a field `{name}` of its own"):
        draft(of({name: "x"}), EVENT)


@pytest.mark.parametrize(
    "fields",
    [{"a": 0.5}, {"a": float("nan")}, {"a": 2**53}, {"a": "\ud800"}, {"a": {1: 2}}, {"a": b"x"}, {"a": {2}}],
    ids=["fraction", "nan", "integer", "surrogate", "name", "bytes", "set"],
)
def test_what_no_row_can_hold_is_refused(fields: dict[str, Json]) -> None:
    with pytest.raises(LedgerError, match="a `note` row cannot be written"):
        draft(of(fields), EVENT)


def test_a_row_that_is_too_deep_is_refused() -> None:
    deep: Json = 0
    for _ in range(33):
        deep = [deep]
    with pytest.raises(LedgerError, match="levels"):
        draft(of({"a": deep}), EVENT)


def test_a_row_without_what_its_kind_needs_is_refused() -> None:
    with pytest.raises(LedgerError, match="`action` is missing"):
        draft(of({}, kind="tool_call"), EVENT)


@pytest.mark.parametrize(
    "entry",
    [
        Entry(kind="Note", agent="a", protocol="p", run_id=run_id(), session_id="s", fields={}),
        Entry(kind="note", agent="A", protocol="p", run_id=run_id(), session_id="s", fields={}),
        Entry(kind="note", agent="a", protocol="p", run_id="run", session_id="s", fields={}),
        Entry(kind="note", agent="a", protocol="p", run_id=run_id(), session_id="", fields={}),
        Entry(kind="note", agent="a", protocol="p", run_id=None, session_id=None, fields={}),
        Entry(kind="recovered", agent="a", protocol="p", run_id=run_id(), session_id="s", fields={}),
    ],
    ids=["kind", "agent", "run", "session", "no run", "a run"],
)
def test_an_envelope_that_verifiers_refuse_is_refused(entry: Entry) -> None:
    with pytest.raises(LedgerError, match="cannot be written"):
        draft(entry, EVENT)


def test_an_event_id_that_verifiers_refuse_is_refused() -> None:
    with pytest.raises(LedgerError, match="event_id"):
        draft(of({}), "short")


def test_a_row_of_exactly_a_mebibyte_is_taken() -> None:
    place = Place(0, ZEROS, RunTail())
    rest = len(draft(noted(run_id()), EVENT).at(place, TS).line)
    assert len(draft(noted(run_id(), "x" * (2**20 - rest)), EVENT).at(place, TS).line) == 2**20
    with pytest.raises(LedgerError, match="too long"):
        draft(noted(run_id(), "x" * (2**20 - rest + 1)), EVENT)


def test_a_row_that_its_place_makes_too_long_is_refused() -> None:
    rest = len(draft(noted(run_id()), EVENT).at(Place(0, ZEROS, RunTail()), TS).line)
    ready = draft(noted(run_id(), "x" * (2**20 - rest)), EVENT)
    with pytest.raises(LedgerError, match="too long"):
        ready.at(Place(10, ZEROS, RunTail()), TS)


def test_a_timestamp_is_in_utc_and_milliseconds() -> None:
    moment = datetime(2026, 1, 2, 5, 4, 5, 678_999, tzinfo=timezone(timedelta(hours=2)))
    assert timestamp(moment) == TS
