"""The cost of an answer is what the provider said last; thoughts are output."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_gemini.usage import STREAMED, GeminiTally

USAGE = {"promptTokenCount": 10, "cachedContentTokenCount": 3, "candidatesTokenCount": 4, "thoughtsTokenCount": 1}


def counted(*messages: Any) -> tuple[object, ...]:
    tally = GeminiTally()
    for message in messages:
        tally.note_message(message)
    return tally.model, tally.input_tokens, tally.cache_read_tokens, tally.output_tokens


def test_an_answer_says_its_model_and_its_tokens() -> None:
    assert counted({"modelVersion": "m", "usageMetadata": USAGE}) == ("m", 7, 3, 5)


def test_of_several_the_last_one_stands() -> None:
    first, last = {"usageMetadata": {"promptTokenCount": 10}}, {"modelVersion": "m", "usageMetadata": USAGE}
    assert counted(first, last) == counted({STREAMED: [first, last]}) == ("m", 7, 3, 5)


def test_what_is_sent_to_tools_of_the_provider_is_input_too() -> None:
    assert counted({"usageMetadata": {**USAGE, "toolUsePromptTokenCount": 5}})[1] == 12


@pytest.mark.parametrize(
    "message", [None, [], {}, {"usageMetadata": 7}, {STREAMED: 7}, {"usageMetadata": {"promptTokenCount": -1}}]
)
def test_what_says_nothing_counts_nothing(message: Any) -> None:
    assert counted(message) == (None, 0, 0, 0)
