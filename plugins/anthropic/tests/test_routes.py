"""A path is the Messages API's however it is spelled, and what a request is for is told by method and path."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_anthropic.routes import Use, use_of

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
    "/v1/messages/batches/one",
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
def test_messages_are_known_however_the_path_is_spelled(path: str) -> None:
    assert use_of("POST", path) is Use.ANSWER


@pytest.mark.parametrize("path", COUNTS)
def test_so_are_counts_of_tokens(path: str) -> None:
    assert use_of("POST", path) is Use.COUNT


@pytest.mark.parametrize("path", OTHERS)
def test_other_paths_are_for_nothing_that_is_read(path: str) -> None:
    assert use_of("POST", path) is None


@pytest.mark.parametrize(
    ("method", "path", "use"),
    [
        ("POST", "/v1/messages/batches?beta=true", Use.BATCH),
        ("GET", "/v1/messages/batches", None),
        ("GET", "/v1/messages/batches/msgbatch_1", None),
        ("GET", "/v1/messages/batches/msgbatch_1/results", Use.RESULTS),
        ("POST", "/v1/messages/batches/msgbatch_1/cancel", None),
        ("POST", "/v1/files?beta=true", Use.UPLOAD),
        ("GET", "/v1/files", None),
        ("POST", "/v1/skills", Use.UPLOAD),
        ("post", "/v1/skills/skill_1/versions", Use.UPLOAD),
    ],
)
def test_batches_and_files_are_known_by_method_and_path(method: str, path: str, use: Use | None) -> None:
    assert use_of(method, path) is use


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("/.%2eEvV1messages?#x"), max_size=40), st.sampled_from([*MESSAGES, *COUNTS]))
def test_whatever_a_gateway_puts_in_front_changes_nothing(prefix: str, path: str) -> None:
    if not {"?", "#", "%"} & set(prefix):
        assert use_of("POST", prefix + path)
