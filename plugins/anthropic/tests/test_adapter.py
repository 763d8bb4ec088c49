"""The plugin's front page: what it registers and which requests it claims."""

from __future__ import annotations

import json

import pytest

from occasio_anthropic import MessagesAdapter, occasio_register_adapters
from occasio_core import Adapter, RunId


def test_the_plugin_registers_one_adapter() -> None:
    (adapter,) = occasio_register_adapters({})
    assert isinstance(adapter, Adapter)
    assert (adapter.name, adapter.protocol) == ("messages", "anthropic-http")
    assert adapter.upstream == "https://api.anthropic.com"
    assert adapter.base_url_variable == "ANTHROPIC_BASE_URL"


def test_a_key_travels_in_one_of_two_headers() -> None:
    ways = {way.variable: (way.header, way.prefix) for way in MessagesAdapter().credentials}
    assert ways == {"ANTHROPIC_API_KEY": ("x-api-key", ""), "ANTHROPIC_AUTH_TOKEN": ("authorization", "Bearer ")}


@pytest.mark.parametrize("path", ["/v1/messages?beta=true", "/v1/messages/count_tokens"])
def test_messages_are_claimed_and_counts_of_their_tokens(path: str) -> None:
    assert MessagesAdapter().claims("POST", path)


def test_nothing_else_is_claimed() -> None:
    assert not MessagesAdapter().claims("POST", "/v1/models")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_only_posts_are_claimed(method: str) -> None:
    assert not MessagesAdapter().claims(method, "/v1/messages")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (402, "billing_error"),
        (403, "permission_error"),
        (413, "request_too_large"),
        (418, "invalid_request_error"),
        (500, "api_error"),
        (502, "api_error"),
    ],
)
def test_an_error_has_the_providers_form(status: int, kind: str) -> None:
    body = json.loads(MessagesAdapter().error(status, 'the limit "é" is reached'))
    assert body == {"type": "error", "error": {"type": kind, "message": 'the limit "é" is reached'}}


def test_each_run_has_a_wire_of_its_own() -> None:
    adapter = MessagesAdapter()
    assert adapter.open(RunId("a")) is not adapter.open(RunId("a"))
