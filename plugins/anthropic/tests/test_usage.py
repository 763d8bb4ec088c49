"""The cost of an answer is what the provider said last."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_anthropic.usage import MessageTally

SAID = {"input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 4}


@pytest.fixture
def tally() -> MessageTally:
    made = MessageTally()
    made.note_message({"model": "claude-x", "usage": SAID})
    return made


def test_nothing_is_known_before_anything_is_said() -> None:
    assert MessageTally() == MessageTally(
        model=None, input_tokens=0, output_tokens=0, cache_read_tokens=0, cache_write_tokens=0, complete=False
    )


def test_a_message_says_the_model_and_its_tokens(tally: MessageTally) -> None:
    assert tally == MessageTally(
        model="claude-x", input_tokens=10, output_tokens=1, cache_read_tokens=3, cache_write_tokens=4
    )


def test_counts_are_totals_and_the_last_one_stands(tally: MessageTally) -> None:
    tally.note_usage({"output_tokens": 25})
    assert tally.output_tokens == 25


def test_a_count_that_is_not_said_again_stays(tally: MessageTally) -> None:
    tally.note_usage({"output_tokens": 25})
    assert (tally.input_tokens, tally.cache_read_tokens, tally.cache_write_tokens) == (10, 3, 4)


@pytest.mark.parametrize("count", [0, 2**53 - 1])
def test_a_count_goes_from_nothing_to_what_a_row_can_hold(tally: MessageTally, count: int) -> None:
    tally.note_usage({"input_tokens": count})
    assert tally.input_tokens == count


@pytest.mark.parametrize("count", [-1, 2**53, True, 1.5, "9", None, [9]])
def test_what_is_no_count_is_not_counted(tally: MessageTally, count: Any) -> None:
    tally.note_usage({"input_tokens": count})
    assert tally.input_tokens == 10


@pytest.mark.parametrize("usage", [None, 7, "9", [SAID]])
def test_what_is_no_usage_is_passed_over(tally: MessageTally, usage: Any) -> None:
    tally.note_usage(usage)
    assert tally.input_tokens == 10


@pytest.mark.parametrize("message", [None, [], "x", {}, {"model": None}, {"model": 7, "usage": 7}])
def test_what_is_no_message_is_passed_over(tally: MessageTally, message: Any) -> None:
    tally.note_message(message)
    assert (tally.model, tally.input_tokens) == ("claude-x", 10)
