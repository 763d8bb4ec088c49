"""Every surface says the same of one row: what a call is about, how much of a result went to the model, and why."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_core.views.calls import Crossing, crossing_of, number, target_of, text, tokens_in
from tests.occasio_core.views.rows import Run


@pytest.mark.parametrize(
    ("inputs", "effects", "about"),
    [
        ({"path": "/a", "pattern": "x"}, ["read /b"], "/a"),
        ({"pattern": "*.py"}, [], "*.py"),
        ({"path": ""}, ["write /b"], "/b"),
        ({}, ["execute cat", "read /b", "read /c"], "cat /b"),
        ({}, ["execute cat"], "cat"),
        ({}, ["connect example.com", "read /b"], "example.com"),
        ({"path": 7}, [], ""),
    ],
)
def test_a_call_is_about_what_its_row_names_first(inputs: dict[str, Any], effects: list[str], about: str) -> None:
    row = Run().call("c", effects=effects, inputs=inputs).rows[-1]
    assert target_of(row.fields) == about


@pytest.mark.parametrize(
    ("kind", "members", "crossing"),
    [
        ("pass", {}, Crossing(produced=100, reentered=100, why="")),
        ("local", {}, Crossing(produced=100, reentered=100, why="")),
        (
            "transform",
            {"returned_size": 40, "shaped_by": ["redact-secrets", "clip"]},
            Crossing(produced=100, reentered=40, why="redact-secrets+clip"),
        ),
        ("transform", {}, Crossing(produced=100, reentered=None, why="changed")),
        (
            "withheld",
            {"returned_size": 60, "secret_labels": ["aws"]},
            Crossing(produced=100, reentered=60, why="withheld (secrets)"),
        ),
        (
            "withheld",
            {"returned_size": 60, "secret_labels": ["unscanned"]},
            Crossing(produced=100, reentered=60, why="withheld (not scanned)"),
        ),
        ("withheld", {"returned_size": 60}, Crossing(produced=100, reentered=60, why="withheld (limit)")),
    ],
)
def test_a_result_says_how_much_of_it_went_on(kind: str, members: dict[str, Any], crossing: Crossing) -> None:
    assert crossing_of(Run().result("c", kind, **members).rows[-1]) == crossing


def test_what_is_prevented_is_never_less_than_nothing_and_nothing_where_it_is_not_known() -> None:
    assert Crossing(produced=100, reentered=40, why="clip").prevented == 60
    assert Crossing(produced=10, reentered=40, why="withheld (secrets)").prevented == 0
    assert Crossing(produced=100, reentered=None, why="changed").prevented == 0


def test_members_of_another_type_are_none() -> None:
    row = Run().request(sent=3, cached=4).rows[-1]
    assert (tokens_in(row), text(row, "model"), text(row, "status"), number(row, "model")) == (
        7,
        "claude-opus-4-8",
        "",
        0,
    )
