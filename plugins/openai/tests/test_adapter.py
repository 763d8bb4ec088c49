"""What the two adapters say of themselves."""

from __future__ import annotations

import json

import pytest

from occasio_core import Adapter
from occasio_openai import ChatAdapter, ResponsesAdapter, occasio_register_adapters

BOTH = [ResponsesAdapter(), ChatAdapter()]


def test_there_are_two() -> None:
    assert [adapter.name for adapter in occasio_register_adapters({})] == ["responses", "chat"]


@pytest.mark.parametrize("adapter", BOTH, ids=lambda adapter: adapter.name)
def test_both_lead_to_the_same_provider_by_the_same_key(adapter: Adapter) -> None:
    assert isinstance(adapter, Adapter)
    assert (adapter.upstream, adapter.base_url_variable) == ("https://api.openai.com/v1", "OPENAI_BASE_URL")
    (key,) = adapter.credentials
    assert (key.variable, key.header, key.prefix) == ("OPENAI_API_KEY", "authorization", "Bearer ")


@pytest.mark.parametrize("adapter", BOTH, ids=lambda adapter: adapter.name)
def test_a_request_is_refused_by_a_status_that_is_not_tried_again(adapter: Adapter) -> None:
    assert adapter.refusal_status == 400


def test_a_path_is_one_adapters_or_nobodys() -> None:
    claimed = {
        path: [one.name for one in BOTH if one.claims("POST", path)]
        for path in ("/responses", "/chat/completions", "/files", "/models")
    }
    assert claimed == {
        "/responses": ["responses"],
        "/chat/completions": ["chat"],
        "/files": ["responses"],
        "/models": [],
    }


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "invalid_request_error"), (401, "authentication_error"), (502, "server_error")]
)
def test_an_error_is_told_in_the_providers_form(status: int, kind: str) -> None:
    assert json.loads(ChatAdapter().error(status, "no: é")) == {
        "error": {"message": "no: é", "type": kind, "param": None, "code": None}
    }
