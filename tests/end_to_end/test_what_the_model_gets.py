"""What reaches the model in a governed session: the history as it was, from request to request, and nothing denied."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Document
from occasio_harness.marker import leaks
from tests.end_to_end.place import DENIED_WORDS, REAL_KEY, Place
from tests.end_to_end.session import ALLOWED, DENIED, Session, script
from tests.real_agents import headless, run

pytestmark = pytest.mark.agents

# The agent marks the last block of each request for the provider's cache, so the mark wanders from request to request.
_CACHE_MARK = re.compile(rb',"cache_control":\{[^{}]*\}')


def said(request: Request) -> Iterator[Document]:
    """Yield every block that a request says the model has said."""
    for message in request.messages:
        if message["role"] == "assistant":
            yield from message["content"]


def history(request: Request) -> bytes:
    """Return the bytes of the request's messages without the closing bracket and the marks for the cache."""
    name = b'"messages":'
    start = request.body.index(name) + len(name)
    text = request.body[start:].decode()
    _, end = json.JSONDecoder().raw_decode(text)
    return _CACHE_MARK.sub(b"", text[: end - 1].encode())


def test_without_the_gate_the_same_session_tells_the_model_what_is_denied(place: Place) -> None:
    with ScriptedModel(script(place.work)) as model:
        environment = place.environment | {"ANTHROPIC_BASE_URL": model.url}
        run(headless("claude", "read what you can"), environment=environment, directory=place.work)
    found = leaks(DENIED_WORDS, model.requests[-1].body)
    assert found == [f"{word} as it is" for word in DENIED_WORDS]


def test_the_denied_content_is_in_no_request(session: Session) -> None:
    assert [leaks(DENIED_WORDS, request.body) for request in session.all_requests if request.body] == [[]] * 8


def test_every_request_has_every_call_as_the_model_made_it(session: Session) -> None:
    for number, request in enumerate(session.requests):
        made = {call.id: (call.name, call.input) for turn in session.turns[:number] for call in turn.calls}
        assert {call: (block["name"], block["input"]) for call, block in request.calls.items()} == made


def test_a_denied_call_has_the_refusal_as_its_result_in_every_request(session: Session) -> None:
    messages = {row.fields["call_id"]: row.fields.get("message") for row in session.rows_of("tool_call")}
    for request in session.requests:
        for call in request.results.keys() & set(DENIED):
            block = request.results[call]
            assert (block["is_error"], block["content"]) == (True, messages[call])


def test_a_refusal_names_the_rule_and_says_that_nothing_was_run(session: Session) -> None:
    for call in DENIED:
        told = session.requests[-1].results[call]["content"]
        assert told.startswith("Refused by policy (path-denied): deny_paths: ./private: may not read ")
        assert "Nothing was run." in told


def test_an_allowed_call_has_what_the_agents_tool_brought(session: Session) -> None:
    results = session.requests[-1].results
    assert {call: results[call]["content"] for call in ALLOWED} == ALLOWED
    assert not any(results[call].get("is_error") for call in ALLOWED)


def test_every_call_has_exactly_one_result(session: Session) -> None:
    for request in session.requests:
        answered = [
            block["tool_use_id"]
            for message in request.messages
            if message["role"] == "user" and isinstance(message["content"], list)
            for block in message["content"]
            if block["type"] == "tool_result"
        ]
        assert sorted(answered) == sorted(request.calls)


def test_what_the_model_thought_comes_back_with_its_signature(session: Session) -> None:
    thoughts = [(turn.thinking, turn.signature) for turn in session.turns[:-1] if turn.thinking]
    blocks = [block for block in said(session.requests[-1]) if block["type"] == "thinking"]
    assert [(block["thinking"], block["signature"]) for block in blocks] == thoughts


def test_the_blocks_of_every_turn_come_back_in_their_order(session: Session) -> None:
    kinds = [
        kind
        for turn in session.turns[:-1]
        for kind in [*["thinking"] * bool(turn.thinking), *["text"] * bool(turn.text), *["tool_use"] * len(turn.calls)]
    ]
    assert [block["type"] for block in said(session.requests[-1])] == kinds


def test_nothing_of_how_a_call_was_withdrawn_is_in_any_request(session: Session) -> None:
    traces = (b"occasio_refused", b"occasio_answered", b"No such tool available", b"tool_use_error")
    assert [trace for request in session.all_requests for trace in traces if trace in request.body] == []


def test_a_request_begins_with_the_very_bytes_of_the_one_before(session: Session) -> None:
    for before, after in pairwise(map(history, session.requests)):
        assert after.startswith(before)
        assert len(after) > len(before)


def test_every_request_for_a_message_has_the_real_key(session: Session) -> None:
    assert {request.headers["x-api-key"] for request in session.requests} == {REAL_KEY}
