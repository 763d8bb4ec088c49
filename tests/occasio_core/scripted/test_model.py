"""The scripted model speaks as the Messages API does, and says what the script says."""

from __future__ import annotations

import gzip
import http.client
import json
import threading
import urllib.parse

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Failure, Raw, Turn
from tests.occasio_core.scripted.stream import assembled, events

TOOLS = [{"name": "Read", "input_schema": {"type": "object"}}]
HISTORY = [
    {"role": "user", "content": "go"},
    {"role": "assistant", "content": "first"},
    {"role": "user", "content": "on"},
]


def connect(model: ScriptedModel) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urllib.parse.urlsplit(model.url).netloc, timeout=10)


def ask(model: ScriptedModel, *, method: str = "POST", path: str = "/v1/messages", **body: object) -> tuple[int, bytes]:
    connection = connect(model)
    try:
        given = {"model": "m", "messages": [{"role": "user", "content": "go"}], "tools": TOOLS, **body}
        connection.request(method, path, body=json.dumps(given))
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_a_request_that_streams_gets_events_and_another_gets_json() -> None:
    with ScriptedModel([Turn(text="hello")]) as model:
        whole = json.loads(ask(model)[1])
        parsed = events(ask(model, stream=True)[1])
    assert assembled(parsed) == whole["content"] == [{"type": "text", "text": "hello"}]


def test_the_answer_depends_on_the_history_alone() -> None:
    with ScriptedModel([Turn(text="first"), Turn(text="second")]) as model:
        texts = [
            json.loads(ask(model, messages=history)[1])["content"][0]["text"] for history in (HISTORY, [], HISTORY)
        ]
    assert texts == ["second", "first", "second"]


def test_behind_the_last_turn_the_model_is_done() -> None:
    with ScriptedModel() as model:
        assert json.loads(ask(model)[1])["content"] == [{"type": "text", "text": "done"}]


def test_a_request_without_tools_leaves_the_script_alone() -> None:
    with ScriptedModel([Turn(text="first")]) as model:
        assert json.loads(ask(model, tools=[])[1])["content"][0]["text"] == "done"


def test_a_script_can_be_told_to_serve_requests_without_tools() -> None:
    with ScriptedModel([Turn(text="first")], needs_tools=False) as model:
        assert json.loads(ask(model, tools=[])[1])["content"][0]["text"] == "first"


def test_a_list_of_answers_is_given_try_by_try() -> None:
    with ScriptedModel([[Failure(status=529), Turn(text="at last")]]) as model:
        assert [ask(model)[0] for _ in range(3)] == [529, 200, 200]


def test_a_failure_has_the_form_of_the_api() -> None:
    with ScriptedModel([Failure(status=429, message="slow down", headers={"retry-after": "1"})]) as model:
        status, body = ask(model)
    assert (status, json.loads(body)["error"]) == (429, {"type": "rate_limit_error", "message": "slow down"})


def test_a_stream_can_be_cut_after_some_events() -> None:
    with ScriptedModel([Turn(text="hello", cut_after=2)]) as model, pytest.raises(http.client.IncompleteRead) as cut:
        ask(model, stream=True)
    assert [data["type"] for data in events(cut.value.partial)] == ["message_start", "content_block_start"]


def test_raw_pieces_arrive_as_they_are_when_their_time_comes() -> None:
    go_on = threading.Event()
    with ScriptedModel([Raw(pieces=[b"not: an", go_on, b" event\r"])]) as model:
        connection = connect(model)
        connection.request("POST", "/v1/messages", body=json.dumps({"tools": TOOLS}))
        response = connection.getresponse()
        first = response.read1(100)
        go_on.set()
        assert (first, response.read()) == (b"not: an", b" event\r")
        connection.close()


def test_a_model_that_hangs_lets_go_when_the_test_ends() -> None:
    with ScriptedModel([Raw(pieces=[threading.Event()])]) as model:
        connection = connect(model)
        connection.request("POST", "/v1/messages", body=json.dumps({"tools": TOOLS}))
        assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.parametrize("streams", [True, False])
def test_an_answer_is_compressed_for_a_client_that_accepts_it(streams: bool) -> None:
    with ScriptedModel([Turn(text="hello", gzip=True)]) as model:
        connection = connect(model)
        body = json.dumps({"tools": TOOLS, "stream": streams})
        connection.request("POST", "/v1/messages", body=body, headers={"Accept-Encoding": "gzip, br"})
        unpacked = gzip.decompress(connection.getresponse().read())
        connection.close()
    assert b"hello" in unpacked


def test_a_body_in_chunks_is_read_whole() -> None:
    with ScriptedModel([Turn(text="hello")]) as model:
        connection = connect(model)
        connection.request("POST", "/v1/messages", body=iter([b'{"tools"', b": []}"]), encode_chunked=True)
        connection.getresponse().read()
        connection.close()
    assert model.requests[0].body == b'{"tools": []}'


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", "/", 200),
        ("GET", "/v1/models", 200),
        ("POST", "/v1/messages/count_tokens?beta=true", 200),
        ("POST", "/v1/messages?beta=true", 200),
        ("GET", "/v1/nothing", 404),
    ],
)
def test_the_paths_that_agents_use_are_served(method: str, path: str, status: int) -> None:
    with ScriptedModel() as model:
        assert ask(model, method=method, path=path)[0] == status
    assert (model.requests[0].method, model.requests[0].path) == (method, path)


def test_calls_and_results_are_found_in_the_history_by_id() -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "text"}
    messages = [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    request = Request(method="POST", path="/", headers={}, body=b"", json={"messages": messages})
    assert (request.calls, request.results) == ({"toolu_1": call}, {"toolu_1": result})


def test_a_conversation_that_is_opened_by_a_known_text_has_its_own_script() -> None:
    with ScriptedModel([Turn(text="main")], others={"do the second": [Turn(text="other")]}) as model:
        first = ask(model)[1]
        second = ask(model, messages=[{"role": "user", "content": "please do the second task"}])[1]
    assert (b"main" in first, b"other" in second) == (True, True)


def test_what_asks_no_model_can_have_an_answer_too() -> None:
    with ScriptedModel(elsewhere=Raw(pieces=[b"kept"])) as model:
        assert ask(model, path="/v1/files") == (200, b"kept")
        assert ask(model)[1] != b"kept"
