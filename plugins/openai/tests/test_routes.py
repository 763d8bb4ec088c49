"""What a request is for is told by its method and path, whatever stands in front."""

from __future__ import annotations

import pytest

from occasio_openai.routes import Use, is_chat, use_of_responses


@pytest.mark.parametrize("front", ["", "/v1", "/openai/v1", "/gateway/x", "/openai/deployments/gpt-5"])
@pytest.mark.parametrize(
    ("method", "path", "use"),
    [
        ("POST", "/responses", Use.ANSWER),
        ("post", "/responses?api-version=1", Use.ANSWER),
        ("POST", "/responses/", Use.ANSWER),
        ("POST", "/Responses", Use.ANSWER),
        ("POST", "/%72esponses", Use.ANSWER),
        ("POST", "//responses//./", Use.ANSWER),
        ("POST", "/responses/compact", Use.COMPACT),
        ("POST", "/responses/input_tokens", Use.COUNT),
        ("POST", "/conversations", Use.STORE),
        ("POST", "/conversations/conv_1/items", Use.STORE),
        ("GET", "/responses/resp_1?stream=true", Use.RETRIEVE),
        ("POST", "/responses/resp_1/cancel", None),
        ("GET", "/responses/resp_1/input_items", None),
        ("GET", "/models", None),
        ("POST", "/embeddings", None),
        ("POST", "/chat/completions", None),
        ("POST", "/files", Use.UPLOAD),
        ("GET", "/files", None),
        ("GET", "/files/file-1", None),
        ("GET", "/files/file-1/content", Use.CONTENT),
        ("POST", "/uploads", None),
        ("POST", "/uploads/upload_1/parts", Use.UPLOAD),
        ("POST", "/containers/cntr_1/files", Use.UPLOAD),
        ("POST", "/batches", Use.BATCH),
        ("GET", "/batches/batch_1", None),
        ("POST", "/messages/batches", None),
    ],
)
def test_requests_to_the_responses_api_are_known_by_their_end(
    front: str, method: str, path: str, use: Use | None
) -> None:
    assert use_of_responses(method, front + path) is use


@pytest.mark.parametrize("front", ["", "/v1", "/openai/deployments/gpt-5", "/api/v1"])
@pytest.mark.parametrize(
    ("method", "path", "is_one"),
    [
        ("POST", "/chat/completions", True),
        ("POST", "/chat/completions?api-version=1", True),
        ("POST", "/chat/./completions/", True),
        ("GET", "/chat/completions", False),
        ("POST", "/completions", False),
        ("POST", "/responses", False),
    ],
)
def test_requests_for_a_completion_are_known_by_their_end(front: str, method: str, path: str, is_one: bool) -> None:
    assert is_chat(method, front + path) is is_one
