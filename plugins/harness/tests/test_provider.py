"""Everything that a provider is sent is kept, whether the model is scripted or real."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

import pytest

from occasio_core import ScriptedModel, Turn, UsageError
from occasio_harness.provider import relayed, scripted
from occasio_harness.scenario import Script

RESULT = {"type": "tool_result", "tool_use_id": "attack_1", "content": "tea"}
BODY = {"model": "m", "tools": [{"name": "x"}], "messages": [{"role": "user", "content": [RESULT]}]}


def ask(url: str, path: str = "/v1/messages") -> tuple[int, bytes]:
    base = urlsplit(url)
    connection = http.client.HTTPConnection(base.netloc, timeout=30)
    try:
        headers = {"x-api-key": "the key", "content-type": "application/json"}
        connection.request("POST", base.path + path, json.dumps(BODY), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_scripted_provider_keeps_headers_bodies_and_results() -> None:
    with scripted(Script(turns=[Turn(text="hello")])) as provider:
        assert ask(provider.url)[0] == 200
        ask(provider.url, "/drop?of=tea")
    first, second = provider.sent()
    assert (first.line, second.line) == ("POST /v1/messages", "POST /drop?of=tea")
    assert b"x-api-key: the key" in first.data and b"attack_1" in first.data
    assert json.loads(provider.results()["attack_1"]) == RESULT


@pytest.mark.parametrize("behind", ["", "/prefix"])
def test_the_way_to_the_real_one_keeps_what_passes_and_changes_nothing(behind: str) -> None:
    with ScriptedModel([Turn(text="hello")]) as model, relayed(model.url + behind) as provider:
        status, answer = ask(provider.url)
    assert (status, b"hello" in answer) == (200, True)
    assert model.requests[0].path == f"{behind}/v1/messages"
    assert model.requests[0].headers["x-api-key"] == "the key"
    assert json.loads(model.requests[0].body) == BODY
    assert b"attack_1" in provider.sent()[0].data


def test_a_provider_that_is_not_there_is_an_error_of_the_answer_alone() -> None:
    with ScriptedModel([]) as model:
        gone = model.url
    with relayed(gone) as provider:
        assert ask(provider.url)[0] == 502


def test_what_is_no_address_is_told() -> None:
    with pytest.raises(UsageError), relayed("not a url"):
        pass
