"""What a request is for is told by its path, whatever stands in front."""

from __future__ import annotations

import pytest

from occasio_gemini.routes import carries_history, counts_tokens, model_of


@pytest.mark.parametrize("front", ["/v1beta/models/", "/v1/projects/p/locations/l/publishers/google/models/", "/x/"])
@pytest.mark.parametrize(
    ("verb", "carries"),
    [
        ("m:generateContent", True),
        ("m:streamGenerateContent?alt=sse", True),
        ("m%3AgenerateContent", True),
        ("m:generateContent/.", True),
        ("m:GENERATECONTENT", True),
        ("m:countTokens", True),
        ("m:embedContent", False),
        ("m", False),
    ],
)
def test_a_request_that_shows_a_history_is_known_by_its_end(front: str, verb: str, carries: bool) -> None:
    assert carries_history("POST", front + verb) is carries
    assert not carries_history("GET", front + verb)


def test_a_count_is_one_and_the_model_is_named() -> None:
    assert counts_tokens("/v1beta/models/m:countTokens")
    assert not counts_tokens("/v1beta/models/m:generateContent")
    assert (model_of("/v1beta/models/m:generateContent"), model_of("/")) == ("m", None)
