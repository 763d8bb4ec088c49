"""The cost of an answer is what the provider said last; what was cached is counted apart."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_openai.usage import ChatTally, ResponsesTally

RESPONSES = {"input_tokens": 10, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 3}}
CHAT = {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 3}}


def test_both_protocols_say_the_same_in_their_own_words() -> None:
    first, second = ResponsesTally(), ChatTally()
    first.note_message({"model": "m", "usage": RESPONSES})
    second.note_message({"model": "m", "usage": CHAT})
    for tally in (first, second):
        assert (tally.model, tally.input_tokens, tally.cache_read_tokens, tally.output_tokens) == ("m", 7, 3, 5)


def test_counts_are_totals_and_the_last_one_stands() -> None:
    tally = ChatTally()
    tally.note_usage(CHAT)
    tally.note_usage({**CHAT, "prompt_tokens": 20})
    assert (tally.input_tokens, tally.cache_read_tokens) == (17, 3)


@pytest.mark.parametrize("details", [None, [], {"cached_tokens": -1}, {"cached_tokens": "3"}])
def test_what_does_not_say_what_was_cached_says_none(details: Any) -> None:
    tally = ChatTally()
    tally.note_usage({**CHAT, "prompt_tokens_details": details})
    assert (tally.input_tokens, tally.cache_read_tokens) == (10, 0)


def test_more_cached_than_sent_is_all_of_it() -> None:
    tally = ChatTally()
    tally.note_usage({**CHAT, "prompt_tokens": 2})
    assert (tally.input_tokens, tally.cache_read_tokens) == (0, 2)


@pytest.mark.parametrize("usage", [None, 7, [], "x", {}, {"prompt_tokens": 1.5, "completion_tokens": True}])
def test_what_is_no_usage_is_passed_over(usage: Any) -> None:
    tally = ChatTally()
    tally.note_usage({"prompt_tokens": 7, "completion_tokens": 5})
    tally.note_usage(usage)
    assert (tally.input_tokens, tally.output_tokens) == (7, 5)
