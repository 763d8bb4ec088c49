"""What a door that is a process of its own says arrives as it was said, and nothing else is taken for an event."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from occasio_core.errors import AgentProtocolError, OccasioError
from occasio_core.freeze import frozen
from occasio_core.hooks.event import HookAnswer, Moment
from occasio_core.hooks.guest import GUESTS, answer_of, told_call, told_finding, told_result
from occasio_core.model import CallId, SessionId, ToolCall
from occasio_verify import Json, canonical, parse_json

CALL = ToolCall(
    session=SessionId("s-1"),
    call=CallId("c1"),
    agent="tester",
    protocol="mcp",
    tool="mcp__fs__read",
    input=frozen({"path": "a", "lines": [1, {"deep": True}]}),
    input_digest="0" * 64,
    cwd="/w",
    annotations=frozen({"readOnlyHint": True}),
    objection="changed",
    only_here=True,
)
CONTENT: Json = {"content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]}
PLACES = [("content", 0, "text"), ("content", 1, "text")]


def travelled(event: dict[str, Json]) -> dict[str, Json]:
    """Return the event as it comes out at the other end of a socket."""
    came = parse_json(canonical(event))
    assert isinstance(came, dict)
    return came


def test_a_call_arrives_as_it_was() -> None:
    event = GUESTS.event(travelled(told_call(CALL)))
    assert (event.moment, event.protocol, event.agent, event.cwd) == (Moment.CALL, "mcp", "tester", "/w")
    assert event.call == CALL


def test_a_result_has_its_texts_its_digest_and_what_it_would_be_with_others() -> None:
    event = GUESTS.event(travelled(told_result(CALL, CONTENT, PLACES, is_error=True)))
    (result,) = event.results
    assert (result.texts, result.is_error, result.tool) == (("one", "two"), True, "mcp__fs__read")
    assert result.digest == hashlib.sha256(canonical(CONTENT)).hexdigest()
    other: Json = {"content": [{"type": "text", "text": "1"}, {"type": "text", "text": "2"}]}
    assert result.rewritten is not None
    assert result.rewritten(["1", "2"]) == canonical(other)


@pytest.mark.parametrize("path", [("nowhere",), ("content", 7), ("content", -1, "text"), ("content",), (0,)])
def test_a_text_that_is_not_where_it_should_be_is_no_event(path: tuple[str | int, ...]) -> None:
    with pytest.raises(AgentProtocolError):
        GUESTS.event(told_result(CALL, CONTENT, [path], is_error=False))


def test_a_finding_arrives_as_a_row_can_hold_it() -> None:
    told = told_finding(
        session=SessionId("s-1"),
        agent="tester",
        protocol="mcp",
        cwd="/w",
        detector="d",
        severity="high",
        message="m" * 5000,
        tags=["t"],
    )
    finding = GUESTS.event(travelled(told)).finding
    assert finding == {"detector": "d", "severity": "high", "message": "m" * 4096, "rows": [], "tags": ["t"]}


@pytest.mark.parametrize("change", [{"moment": "end"}, {"moment": "?"}, {"call": 7}, {"session": ""}, {"input": []}])
def test_anything_else_is_no_event(change: dict[str, Json]) -> None:
    with pytest.raises(AgentProtocolError):
        GUESTS.event({**told_call(CALL), **change})


def test_a_finding_of_an_unknown_severity_is_no_event() -> None:
    told = {**told_call(CALL), "moment": "finding", "finding": {"severity": "?", "message": "", "detector": ""}}
    with pytest.raises(AgentProtocolError):
        GUESTS.event(told)


@pytest.mark.parametrize(
    "answer",
    [
        HookAnswer(),
        HookAnswer(refuses=True, text="no\ud800".encode("utf-8", "replace").decode()),
        HookAnswer(texts=("a", "b")),
        HookAnswer(notice="held"),
        HookAnswer(refuses=True, text="t", given="", failed=True),
    ],
)
def test_an_answer_arrives_as_it_was(answer: HookAnswer) -> None:
    assert answer_of(GUESTS.reply(GUESTS.event(told_call(CALL)), answer).stdout) == answer


def test_a_refusal_is_an_answer_that_refuses() -> None:
    answer = answer_of(GUESTS.refusal("not understood").stdout)
    assert (answer.refuses, answer.text) == (True, "not understood")


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"refuses":false}', b'{"refuses":1,"text":"","failed":false}'])
def test_anything_else_is_no_answer(data: bytes) -> None:
    with pytest.raises(OccasioError):
        answer_of(data)


def test_a_call_with_a_problem_keeps_it() -> None:
    event = GUESTS.event(told_call(replace(CALL, problem="no object", input=frozen({}))))
    assert event.call is not None
    assert event.call.problem == "no object"
