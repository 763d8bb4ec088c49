"""A path is the Messages API's however it is spelled, and no other path is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_anthropic.routes import carries_history, counts_tokens

MESSAGES = [
    "/v1/messages",
    "/v1/messages?beta=true",
    "/v1/messages#x",
    "/gateway/team/v1/messages",
    "/v1/messages/",
    "//v1//messages",
    "/v1/%6Dessages",
    "/v1/./messages",
    "/v1/x/../messages",
    "/v1/x/%2e%2e/messages",
    "/../v1/messages",
    "/v1/messages/batches/..",
    "/v1%2Fmessages",
    "/V1/Messages",
]
COUNTS = ["/v1/messages/count_tokens", "/v1/messages/count_tokens?beta=true", "/gateway/v1/messages//count%5Ftokens/"]
OTHERS = [
    "",
    "/",
    "/v1/models",
    "/v1/messages/batches",
    "/v1/messages/count_tokens/x",
    "/v1/messagesx",
    "/v2/messages",
    "/x?/v1/messages",
    "/x#/v1/messages",
    "/messages",
    "/v1",
    "/v1/messages/../models",
]


@pytest.mark.parametrize("path", MESSAGES)
def test_messages_carry_a_history_however_the_path_is_spelled(path: str) -> None:
    assert carries_history(path)


@pytest.mark.parametrize("path", MESSAGES)
def test_messages_are_no_count_of_tokens(path: str) -> None:
    assert not counts_tokens(path)


@pytest.mark.parametrize("path", COUNTS)
def test_a_count_of_tokens_carries_a_history_too(path: str) -> None:
    assert counts_tokens(path)
    assert carries_history(path)


@pytest.mark.parametrize("path", OTHERS)
def test_other_paths_carry_no_history(path: str) -> None:
    assert not carries_history(path)


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("/.%2eEvV1messages?#x"), max_size=40), st.sampled_from([*MESSAGES, *COUNTS]))
def test_whatever_a_gateway_puts_in_front_changes_nothing(prefix: str, path: str) -> None:
    if not {"?", "#", "%"} & set(prefix):
        assert carries_history(prefix + path)
