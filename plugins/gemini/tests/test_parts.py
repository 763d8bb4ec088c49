"""Answers that come as one document, or as a list of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from occasio_core import Exchange, ToolCall
from occasio_gemini.parts import CALLS, key_of, made_id

JSON = "application/json"


def refuse(exchange: Exchange, call: ToolCall) -> bytes:
    return exchange.refuse(call.call, "not allowed")


def test_a_document_is_held_whole_and_a_refused_call_is_all_that_changes(talk: Any) -> None:
    body = json.dumps(talk.body({"text": "é"}, talk.part(args={"command": "cat .ssh"})), indent=1).encode()
    assert talk.answered([body[:9], body[9:]], kind=JSON).agent == body
    expected = json.loads(body)
    call = expected["candidates"][0]["content"]["parts"][1]["functionCall"]
    call |= {"name": "occasio_refused__run_shell_command", "args": {}}
    assert json.loads(talk.answered([body], refuse, JSON).agent) == expected


def test_a_stream_that_is_a_list_is_held_whole_too(talk: Any) -> None:
    body = json.dumps(
        [talk.body({"text": "a"}), talk.body(talk.part(args={"command": ".ssh"}), finish="STOP")]
    ).encode()
    seen = talk.answered([body], refuse, JSON)
    assert [dict(call.input) for call in seen.calls] == [{"command": ".ssh"}]
    assert b"ssh" not in seen.agent
    assert talk.answered([body], kind=JSON).agent == body


@pytest.mark.parametrize("body", [b"{", b"7", b'["x"]', b'{"candidates":{}}', b'[{"candidates":["x"]}]'])
def test_what_is_neither_is_the_providers_fault(talk: Any, body: bytes) -> None:
    seen = talk.answered([body], kind=JSON)
    assert (bool(seen.error), seen.agent) == (True, b"")


def test_an_answer_to_a_count_is_passed_on_byte_for_byte(talk: Any) -> None:
    assert talk.answered([b"garbage"], kind=JSON, path="/v1beta/models/m:countTokens").items == [b"garbage"]


def test_an_id_is_made_of_the_place() -> None:
    assert len({made_id("a"), made_id("a"), made_id("b")}) == 2


def test_either_spelling_is_known() -> None:
    assert [key_of(part, CALLS) for part in ({"functionCall": 1}, {"function_call": 1}, {})] == [*CALLS, ""]
