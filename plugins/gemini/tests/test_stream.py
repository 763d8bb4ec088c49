"""Streamed answers: text passes at once, calls wait, and no splitting or malice changes that."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core import CallId, Exchange, RequestDone, ToolCall
from occasio_core.testing import HOSTILE as SHARED

SECRET_INPUT = '{"command": "cat /home/ada/.ssh/id_ed25519"}'


def refuse(exchange: Exchange, call: ToolCall) -> bytes:
    return exchange.refuse(call.call, "not allowed")


def refuse_first(exchange: Exchange, call: ToolCall) -> bytes:
    return refuse(exchange, call) if call.call == "call_1" else exchange.release(call.call)


def told(seen: Any) -> tuple[bytes, list[ToolCall], RequestDone | None, str]:
    return seen.agent, seen.calls, seen.done, seen.error


@pytest.fixture(scope="module")
def answer(talk: Any) -> bytes:
    """An answer with text, an event of two calls, text."""
    args = json.loads(SECRET_INPUT)
    calls = [talk.part("call_1", args=args, thoughtSignature="c2ln"), talk.part("call_2", "read_file", {"p": "a"})]
    return talk.stream(talk.text(0, "é \U0001f600 first"), talk.event({"text": "so"}, *calls), talk.text(1, "then"))


def test_a_call_says_everything_that_rules_judge(talk: Any, answer: bytes) -> None:
    call, other = talk.answered([answer]).calls
    assert (call.session, call.agent, call.protocol) == ("run-1", "gemini-cli", "gemini")
    assert (call.call, call.tool, call.cwd, call.problem) == ("call_1", "run_shell_command", "/work", "")
    assert (dict(call.input), dict(other.input)) == (json.loads(SECRET_INPUT), {"p": "a"})


def test_what_is_released_is_what_came(talk: Any, answer: bytes) -> None:
    assert talk.answered([answer]).agent == answer


def test_a_cut_at_any_byte_changes_nothing(talk: Any, answer: bytes) -> None:
    whole = told(talk.answered([answer], refuse_first))
    for cut in range(len(answer)):
        assert told(talk.answered([answer[:cut], answer[cut:]], refuse_first)) == whole


@given(st.lists(st.integers(0, 2000), max_size=30), st.sampled_from(["\r\n", "\r"]))
@settings(deadline=None, max_examples=60)
def test_any_splitting_changes_nothing(talk: Any, answer: bytes, cuts: list[int], newline: str) -> None:
    stream = answer.replace(b"\n", newline.encode())
    pieces = [stream[start:end] for start, end in pairwise([0, *sorted(cuts), len(stream)])]
    assert told(talk.answered(pieces, refuse)) == told(talk.answered([stream], refuse))
    assert talk.answered(pieces).agent == stream


def test_no_byte_of_a_call_passes_before_it_is_decided(talk: Any) -> None:
    before, call = talk.text(0, "hello"), talk.call(0, SECRET_INPUT)
    exchange = talk.open()
    exchange.begin(200, "text/event-stream")
    passed = b""
    for byte in before + call:
        for item in exchange.receive(bytes([byte])):
            passed += item if isinstance(item, bytes) else b""
    assert passed == before
    assert exchange.release(CallId("call_1")) == call


def test_a_refused_call_comes_as_a_tool_that_no_agent_has_and_all_else_is_untouched(talk: Any, answer: bytes) -> None:
    agent = talk.answered([answer], refuse_first).agent
    assert b"ssh" not in agent
    came = [json.loads(line[6:]) for line in answer.split(b"\n") if line]
    came[1]["candidates"][0]["content"]["parts"][1]["functionCall"] = {
        "id": "call_1",
        "name": "occasio_refused__run_shell_command",
        "args": {},
    }
    assert [json.loads(line[6:]) for line in agent.split(b"\n") if line] == came


def test_a_call_without_an_id_gets_one_that_is_its_own(talk: Any) -> None:
    stream = talk.named(None, "a") + talk.named(None, "a")
    first, second = talk.answered([stream]).calls
    assert first.call != second.call
    assert first.call.encode() in talk.answered([stream], refuse).agent
    assert talk.answered([stream]).agent == stream


@pytest.mark.parametrize("args", [None, {}])
def test_a_call_without_an_input_has_an_empty_one(talk: Any, args: Any) -> None:
    part = {"functionCall": {"id": "c", "name": "n", **({} if args is None else {"args": args})}}
    call = talk.answered([talk.event(part)]).calls[0]
    assert (dict(call.input), call.problem) == ({}, "")


def test_an_input_in_pieces_is_a_problem(talk: Any) -> None:
    part = {"functionCall": {"name": "n", "partialArgs": [{"jsonPath": "$.x"}], "willContinue": True}}
    assert talk.answered([talk.event(part)]).calls[0].problem == "input comes in pieces"


def test_an_id_that_comes_twice_is_a_problem(talk: Any) -> None:
    calls = talk.answered([talk.call(0, "{}") + talk.call(0, "{}")], refuse).calls
    assert [call.problem for call in calls] == ["", "duplicate call id"]


def test_unknown_parts_and_events_pass_untouched(talk: Any) -> None:
    stream = talk.event({"codeExecutionResult": {"output": "1"}}) + b'data: {"promptFeedback":{}}\n\n: hi\n\n'
    assert talk.answered([stream]).items == [stream]


def test_tokens_are_counted_and_what_was_cached_apart(talk: Any, answer: bytes) -> None:
    done = talk.answered([answer]).done
    assert (done.model, done.input_tokens, done.cache_read_tokens, done.output_tokens) == ("gemini-x", 7, 3, 5)
    assert done.complete
    assert not talk.answered([talk.text(0, "a")]).done.complete


def test_patience_is_an_event_of_this_answer_that_adds_nothing(talk: Any) -> None:
    exchange = talk.open()
    exchange.begin(200, "text/event-stream")
    exchange.receive(talk.text(0, "a"))
    body = json.loads(exchange.patience()[6:])
    assert body["candidates"][0]["content"]["parts"] == [{"text": ""}]
    assert body["responseId"] == "r1"


HOSTILE = {
    **{name: make for name, make in SHARED.items() if "an id" not in name and "empty id" not in name},
    "candidates that are an object": lambda t: b'data: {"candidates":{}}\n\n',
    "a candidate that is a text": lambda t: b'data: {"candidates":["x"]}\n\n',
    "a content that is a list": lambda t: b'data: {"candidates":[{"content":[]}]}\n\n',
    "parts that are an object": lambda t: b'data: {"candidates":[{"content":{"parts":{}}}]}\n\n',
    "a part that is a text": lambda t: b'data: {"candidates":[{"content":{"parts":["x"]}}]}\n\n',
    "a call that is a text": lambda t: t.event({"functionCall": ".ssh"}),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_broken_answer_is_the_providers_fault_and_nothing_behind_it_reaches_the_agent(
    talk: Any, hostile: str
) -> None:
    behind = talk.text(9, "behind")
    seen = talk.answered([HOSTILE[hostile](talk) + behind, behind], refuse)
    assert seen.error
    assert b"behind" not in seen.agent
    assert b"ssh" not in seen.agent


def test_death_at_any_byte_releases_nothing_of_an_undecided_call(talk: Any) -> None:
    before, call = talk.text(0, "before"), talk.call(0, SECRET_INPUT)
    for cut in range(len(call) - 1):
        seen = talk.answered([before + call[:cut]])
        assert (seen.agent, seen.calls) == (before, [])
