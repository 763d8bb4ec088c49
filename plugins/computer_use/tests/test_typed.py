"""The line that is being typed."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from occasio_computer_use.gestures import Gesture
from occasio_computer_use.typed import LONGEST, lines, typed


def keys(*texts: str) -> list[Gesture]:
    return [Gesture(kind="type", text=text) for text in texts]


def test_a_line_goes_on_over_calls_and_clicks() -> None:
    before = [*keys("cat .e"), Gesture(kind="click", points=((1, 1),))]
    assert lines(before, keys("nv\n")) == ("cat .env",)


def test_a_line_that_has_ended_is_not_typed_again() -> None:
    assert lines(keys("cat .env\n"), keys("ls\n")) == ("ls",)


def test_taking_back_reaches_into_earlier_calls() -> None:
    assert lines(keys("cat .enx"), keys("\bv")) == ("cat .env",)


def test_taking_back_does_not_reach_an_entered_line() -> None:
    assert typed(keys("a\n\b\bb")) == "a\nb"


def test_only_clicking_types_nothing_new() -> None:
    assert lines(keys("ls\n"), [Gesture(kind="click")]) == ()


def test_the_end_of_a_long_line_is_looked_at() -> None:
    assert lines(keys("x" * LONGEST), keys("end"))[0].endswith("end")
    assert len(lines(keys("x" * LONGEST), keys("end"))[0]) == LONGEST


@given(st.text(alphabet="ab \n", max_size=30), st.lists(st.integers(0, 30), max_size=4))
def test_however_a_text_is_split_its_last_line_is_judged_whole(text: str, cuts: list[int]) -> None:
    at = sorted({0, len(text), *(cut for cut in cuts if cut <= len(text))})
    parts = keys(*(text[start:end] for start, end in pairwise(at)))
    whole = [line for line in text.split("\n") if line.strip()]
    judged = [line for number in range(len(parts)) for line in lines(parts[:number], parts[number : number + 1])]
    assert set(whole) <= set(judged)
