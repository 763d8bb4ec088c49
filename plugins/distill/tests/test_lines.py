"""What stays of a long output is what tells most, and never more than there was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_distill.lines import Kind, distilled


def numbered(count: int) -> list[str]:
    return [f"line {number}" for number in range(count)]


@pytest.mark.parametrize(("kind", "most"), [(Kind.MATCHES, 50), (Kind.LISTING, 100), (Kind.TESTS, 100)])
def test_what_is_not_too_long_stays(kind: Kind, most: int) -> None:
    text = "\n".join(numbered(most)) + "\n"
    assert distilled(text, kind) == text


def test_of_matches_the_first_stay() -> None:
    text = "\n".join(numbered(400))
    assert distilled(text, Kind.MATCHES).split("\n") == [*numbered(50), "[distilled by Occasio: 50 of 400 lines]"]


def test_of_a_test_run_failures_stay_with_a_line_around_each_and_the_end() -> None:
    lines = numbered(400)
    lines[0], lines[200] = "FAILED first", "AssertionError: no"
    kept = [*lines[:2], *lines[199:202], *lines[385:]]
    assert distilled("\n".join(lines), Kind.TESTS).split("\n") == [*kept, "[distilled by Occasio: 20 of 400 lines]"]


def test_a_test_run_of_nothing_but_failures_stays_whole() -> None:
    text = "error\n" * 300
    assert distilled(text, Kind.TESTS) == text


@given(st.lists(st.sampled_from(["", "ok", "error here", "a\u2028b"]), max_size=300), st.sampled_from(Kind))
def test_nothing_becomes_longer_and_every_line_that_stays_was_there(lines: list[str], kind: Kind) -> None:
    text = "\n".join(lines)
    short = distilled(text, kind)
    assert len(short) <= len(text)
    assert short == text or set(short.split("\n")[:-1]) <= set(lines)
