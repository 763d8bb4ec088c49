"""Streamed completions: text passes at once, calls wait until all are there, and no splitting or malice changes that."""

from __future__ import annotations

import json
from collections import Counter
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


def deltas(agent: bytes) -> list[dict[str, Any]]:
    """Return what an agent reads in the deltas."""
    bodies = [json.loads(line[6:]) for line in agent.split(b"\n") if line.startswith(b"data: {")]
    return [choice["delta"] for body in bodies for choice in body["choices"]]


def ran_by_an_agent(agent: bytes) -> list[tuple[str, str]]:
    """Return what an agent that puts calls together by their numbers would run."""
    calls: dict[int, list[str]] = {}
    for delta in deltas(agent):
        for part in delta.get("tool_calls") or []:
            call = calls.setdefault(part["index"], ["", ""])
            call[0] = call[0] or part["function"].get("name") or ""
            call[1] += part["function"].get("arguments") or ""
    return [(name, text) for name, text in calls.values()]


@pytest.fixture(scope="module")
def answer(chat: Any) -> bytes:
    return chat.stream(
        chat.chunk({"reasoning_content": "hm"}),
        chat.text(0, "é \U0001f600 first"),
        chat.unfinished(0, SECRET_INPUT, "call_1"),
        chat.unfinished(1, '{"path":"notes"}', "call_2", "read"),
        chat.finish(),
    )


def test_a_call_says_everything_that_rules_judge(chat: Any, answer: bytes) -> None:
    call, other = chat.answered([answer]).calls
    assert (call.session, call.agent, call.protocol) == ("session-1", "codex", "openai-chat")
    assert (call.call, call.tool, call.cwd, call.problem) == ("call_1", "bash", "/work", "")
    assert dict(call.input) == json.loads(SECRET_INPUT)
    assert (other.call, other.tool, dict(other.input)) == ("call_2", "read", {"path": "notes"})


def test_what_is_released_is_what_came(chat: Any, answer: bytes) -> None:
    assert chat.answered([answer]).agent == answer


def test_a_cut_at_any_byte_changes_nothing(chat: Any, answer: bytes) -> None:
    whole = told(chat.answered([answer], refuse_first))
    for cut in range(len(answer)):
        assert told(chat.answered([answer[:cut], answer[cut:]], refuse_first)) == whole


def test_single_bytes_change_nothing(chat: Any, answer: bytes) -> None:
    assert told(chat.answered(bytes([byte]) for byte in answer)) == told(chat.answered([answer]))


@given(st.lists(st.integers(0, 5000), max_size=30), st.sampled_from(["\r\n", "\r"]))
@settings(deadline=None, max_examples=60)
def test_any_splitting_changes_nothing(chat: Any, answer: bytes, cuts: list[int], newline: str) -> None:
    stream = answer.replace(b"\n", newline.encode())
    pieces = [stream[start:end] for start, end in pairwise([0, *sorted(cuts), len(stream)])]
    assert told(chat.answered(pieces, refuse)) == told(chat.answered([stream], refuse))
    assert chat.answered(pieces).agent == stream


def test_no_byte_of_a_call_passes_before_the_last_is_decided(chat: Any) -> None:
    before = chat.text(0, "hello")
    calls = chat.unfinished(0, SECRET_INPUT) + chat.unfinished(1, "{}", "call_2") + chat.finish()
    exchange = chat.open()
    exchange.begin(200, "text/event-stream")
    passed = b""
    for byte in before + calls:
        for item in exchange.receive(bytes([byte])):
            passed += item if isinstance(item, bytes) else b""
    assert passed == before
    assert exchange.release(CallId("call_1")) == b""
    assert exchange.release(CallId("call_2")) == calls


def test_text_passes_as_soon_as_its_event_is_whole(chat: Any) -> None:
    exchange = chat.open()
    exchange.begin(200, "text/event-stream")
    for event in (chat.text(0, "hello"), chat.chunk({"reasoning_content": "hm"}), b": still here\n"):
        assert b"".join(exchange.receive(event)) == event


def test_a_refused_call_comes_as_a_tool_that_no_agent_has_and_once(chat: Any, answer: bytes) -> None:
    agent = chat.answered([answer], refuse_first).agent
    assert b"ssh" not in agent
    assert ran_by_an_agent(agent) == [("occasio_refused__bash", "{}"), ("read", '{"path":"notes"}')]
    assert [call.call for call in chat.answered([agent]).calls] == ["call_1", "call_2"]


def test_what_stands_around_a_refused_call_is_untouched(chat: Any) -> None:
    before, after = chat.text(0, "before"), chat.finish() + chat.usage() + chat.end
    agent = chat.answered([before + chat.unfinished(0, SECRET_INPUT) + after], refuse).agent
    assert agent.startswith(before)
    assert agent.endswith(after)


def test_text_in_the_event_of_a_refused_call_is_kept(chat: Any) -> None:
    part = {"index": 0, "id": "call_1", "function": {"name": "bash", "arguments": SECRET_INPUT}}
    stream = chat.chunk({"content": "so", "tool_calls": [part]}) + chat.finish()
    assert deltas(chat.answered([stream], refuse).agent)[0]["content"] == "so"


def test_an_answered_call_comes_as_another_such_tool(chat: Any) -> None:
    agent = chat.answered([chat.call(0, SECRET_INPUT)], lambda e, c: e.answer(c.call, "12 lines", False)).agent
    assert ran_by_an_agent(agent) == [("occasio_answered__bash", "{}")]
    assert b"12 lines" not in agent


def test_a_call_whole_in_one_event_is_a_call(chat: Any) -> None:
    part = {"index": 0, "id": "call_1", "function": {"name": "bash", "arguments": SECRET_INPUT}}
    stream = chat.chunk({"tool_calls": [part]}, finish="tool_calls")
    assert len(chat.answered([stream]).calls) == 1
    assert b"ssh" not in chat.answered([stream], refuse).agent


@pytest.mark.parametrize("reason", ["stop", "length", "function_call", "news"])
def test_the_reason_to_finish_does_not_say_what_is_a_call(chat: Any, reason: str) -> None:
    assert len(chat.answered([chat.unfinished(0, "{}") + chat.finish(reason)]).calls) == 1


def test_the_end_of_the_stream_ends_calls_too(chat: Any) -> None:
    assert len(chat.answered([chat.unfinished(0, "{}") + chat.end]).calls) == 1


def test_calls_of_several_choices_are_all_held(chat: Any) -> None:
    stream = chat.stream(
        chat.unfinished(0, SECRET_INPUT, "call_1", choice=0),
        chat.unfinished(0, "{}", "call_2", "read", choice=1),
        chat.finish(choice=1),
        chat.finish(choice=0),
    )
    seen = chat.answered([stream], refuse_first)
    assert [call.call for call in seen.calls] == ["call_1", "call_2"]
    assert b"ssh" not in seen.agent
    assert chat.answered([stream]).agent == stream


def test_a_second_choice_may_begin_calls_when_the_first_has_finished(chat: Any) -> None:
    stream = chat.call(0, SECRET_INPUT) + chat.unfinished(0, "{}", "call_2", choice=1) + chat.finish(choice=1)
    seen = chat.answered([stream], refuse_first)
    assert [call.call for call in seen.calls] == ["call_1", "call_2"]
    assert b"ssh" not in seen.agent


def test_a_custom_tools_input_is_its_text(chat: Any) -> None:
    stream = (
        chat.part(0, id="call_1", type="custom", custom={"name": "apply_patch", "input": "*** Begin"})
        + chat.part(0, custom={"input": " .ssh"})
        + chat.finish()
    )
    seen = chat.answered([stream], refuse)
    assert dict(seen.calls[0].input) == {"input": "*** Begin .ssh"}
    assert deltas(seen.agent)[0]["tool_calls"][0]["custom"] == {"name": "occasio_refused__apply_patch", "input": ""}
    assert b"ssh" not in seen.agent


def test_a_function_call_of_the_old_form_is_held_and_goes_by_a_made_id(chat: Any) -> None:
    stream = (
        chat.chunk({"function_call": {"name": "bash", "arguments": ""}})
        + chat.chunk({"function_call": {"arguments": SECRET_INPUT}})
        + chat.finish("function_call")
    )
    seen = chat.answered([stream], refuse)
    (call,) = seen.calls
    assert (call.tool, dict(call.input), call.problem) == ("bash", json.loads(SECRET_INPUT), "")
    first, second, _ = deltas(seen.agent)
    assert first["function_call"]["name"] == "occasio_refused__bash"
    assert call.call in first["function_call"]["arguments"]
    assert second["function_call"] is None
    assert chat.answered([stream]).agent == stream


def test_unknown_events_pass_untouched(chat: Any) -> None:
    stream = b'event: news\ndata: {"type":"news"}\n\ndata: {"error":{"message":"busy"}}\n\nid: 7\n\n' + chat.end
    assert chat.answered([stream]).items == [stream]


def test_an_empty_input_is_an_empty_object(chat: Any) -> None:
    call = chat.answered([chat.call(0, "")]).calls[0]
    assert (dict(call.input), call.problem) == ({}, "")


def test_an_id_that_comes_twice_is_a_problem(chat: Any) -> None:
    stream = chat.unfinished(0, "{}") + chat.unfinished(1, SECRET_INPUT) + chat.finish()

    def decide(exchange: Exchange, call: ToolCall) -> bytes:
        return refuse(exchange, call) if call.problem else exchange.release(call.call)

    seen = chat.answered([stream], decide)
    assert [call.problem for call in seen.calls] == ["", "duplicate call id"]
    assert b"ssh" not in seen.agent
    assert b'"id":"call_1_2"' in seen.agent


def test_tokens_are_counted_and_what_was_cached_apart(chat: Any, answer: bytes) -> None:
    assert chat.answered([answer]).done == RequestDone(
        session="session-1",
        agent="codex",
        protocol="openai-chat",
        model="gpt-x",
        status=200,
        input_tokens=7,
        output_tokens=5,
        cache_read_tokens=3,
        complete=True,
    )


def test_an_agent_that_did_not_ask_for_the_cost_does_not_get_it(chat: Any, answer: bytes) -> None:
    seen = chat.answered([answer], body=b'{"model":"gpt-x","messages":[],"stream":true}')
    assert seen.agent == answer.replace(chat.usage(), b"")
    assert seen.done.input_tokens == 7


def test_an_answer_without_its_end_is_not_complete(chat: Any) -> None:
    assert not chat.answered([chat.text(0, "a")]).done.complete


def test_patience_is_an_event_of_this_answer_that_adds_nothing(chat: Any) -> None:
    exchange = chat.open()
    exchange.begin(200, "text/event-stream")
    exchange.receive(chat.text(0, "a") + chat.half(0))
    body = json.loads(exchange.patience()[6:])
    assert (body["id"], body["model"]) == ("chatcmpl-1", "gpt-x")
    assert body["choices"] == [{"index": 0, "delta": {}, "finish_reason": None}]


PROBLEMS = {
    "name was said twice": lambda c: c.begun() + c.part(0, function={"name": "bash", "arguments": SECRET_INPUT}),
    "input is not a text": lambda c: c.begun() + c.part(0, function={"arguments": {"command": ".ssh"}}),
    "input is not JSON with one reading (syntax)": lambda c: c.begun() + c.piece(0, '{"command": ".ssh"'),
}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_call_that_is_not_the_same_to_every_agent_has_a_problem(chat: Any, problem: str) -> None:
    seen = chat.answered([PROBLEMS[problem](chat) + chat.finish()], refuse)
    assert seen.calls[0].problem.partition(" (")[0] == problem.partition(" (")[0]
    assert b"ssh" not in seen.agent


HOSTILE = {
    **SHARED,
    "half a call": lambda c: c.half(0) + b"data: {\n\n",
    "a call without a number": lambda c: c.part(
        None, id="call_1", function={"name": "bash", "arguments": SECRET_INPUT}
    ),
    "a number that is a text": lambda c: c.begun("0"),
    "a number that is true": lambda c: c.begun(True),
    "a number below zero": lambda c: c.begun(-1),
    "a number that goes back": lambda c: c.begun(1, "call_2") + c.begun(0) + c.piece(0, SECRET_INPUT),
    "input for the call before": lambda c: c.begun(0) + c.begun(1, "call_2") + c.piece(0, SECRET_INPUT),
    "two calls of one number": lambda c: c.begun(0) + c.begun(0, "call_2"),
    "a call in two forms": lambda c: c.begun(0) + c.part(0, custom={"input": SECRET_INPUT}),
    "input after the finish": lambda c: c.call(0, "{}") + c.piece(0, SECRET_INPUT),
    "a call after the finish": lambda c: c.finish("stop") + c.begun(0) + c.piece(0, SECRET_INPUT),
    "a call in a message": lambda c: c.chunk(choice=0).replace(
        b'"delta": {}', b'"message": {"tool_calls": [{"id": ".ssh"}]}'
    ),
    "a choice without a number": lambda c: c.chunk({"tool_calls": [{"index": 0}]}, choice=None),
    "choices that are an object": lambda c: b'data: {"choices":{"delta":{}}}\n\n',
    "a choice that is a text": lambda c: b'data: {"choices":["delta"]}\n\n',
    "calls that are an object": lambda c: c.chunk({"tool_calls": {"index": 0}}),
    "a call that is a text": lambda c: c.chunk({"tool_calls": ["bash"]}),
    "a function_call that is a text": lambda c: c.chunk({"function_call": ".ssh"}),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_broken_answer_is_the_providers_fault(chat: Any, hostile: str) -> None:
    assert chat.answered([HOSTILE[hostile](chat)]).error


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_behind_a_break_reaches_the_agent(chat: Any, hostile: str) -> None:
    behind = chat.text(9, "behind")
    seen = chat.answered([HOSTILE[hostile](chat) + behind, behind], refuse)
    assert b"behind" not in seen.agent
    assert b"ssh" not in seen.agent


@pytest.mark.parametrize("rest", ["", "a finish without its blank line", "an error"])
def test_an_end_in_the_middle_of_a_call_is_the_providers_fault(chat: Any, rest: str) -> None:
    ends = {"": b"", "a finish without its blank line": chat.finish()[:-1], "an error": b'data: {"error":{}}\n\n'}
    seen = chat.answered([chat.half(0) + ends[rest]])
    assert "in the middle of a tool call" in seen.error
    assert seen.agent == b""


def test_death_at_any_byte_releases_nothing_of_an_undecided_call(chat: Any) -> None:
    before, call = chat.text(0, "before"), chat.call(0, SECRET_INPUT)
    for cut in range(len(call) - 1):
        seen = chat.answered([before + call[:cut]])
        assert seen.agent == before
        assert not seen.calls


def test_a_call_of_endless_pieces_is_given_up(chat: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_core.wires.order.HELD_LIMIT", 1000)
    assert "more than 1000 bytes" in chat.answered([chat.call(0, " " * 1000)]).error


def chunks() -> st.SearchStrategy[tuple[Any, ...]]:
    """Events that begin, continue and finish calls, in any order and number."""
    index = st.integers(0, 2)
    return st.one_of(
        st.tuples(st.just("begun"), index, st.sampled_from(["call_1", "call_2"]), st.sampled_from(["a", "b"])),
        st.tuples(st.just("piece"), index, st.sampled_from(["", "{", "}", '"ssh":1'])),
        st.tuples(st.just("finish")),
        st.tuples(st.just("text"), index, st.just("t")),
    )


@given(st.lists(chunks(), max_size=12))
@settings(deadline=None, max_examples=400)
def test_no_agent_runs_anything_that_was_not_decided(chat: Any, script: list[tuple[Any, ...]]) -> None:
    allowed = []

    def decide(exchange: Exchange, call: ToolCall) -> bytes:
        if call.problem:
            return refuse(exchange, call)
        allowed.append((call.tool, dict(call.input)))
        return exchange.release(call.call)

    seen = chat.answered([b"".join(getattr(chat, kind)(*given) for kind, *given in script)], decide)
    ran = [(name, json.loads(text or "{}")) for name, text in ran_by_an_agent(seen.agent)]
    ran = [(name, arguments) for name, arguments in ran if not name.startswith("occasio_")]
    assert ran == allowed


def test_every_call_of_an_answer_is_counted_once(chat: Any, answer: bytes) -> None:
    assert Counter(call.call for call in chat.answered([answer]).calls) == {"call_1": 1, "call_2": 1}
