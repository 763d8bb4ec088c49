"""Streamed answers: text passes at once, calls wait, and no splitting or malice changes that."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core import CallId, Exchange, RequestDone, ToolCall, UpstreamProtocolError, canonical
from occasio_core.testing import HOSTILE as SHARED

SECRET_INPUT = '{"file_path": "/home/ada/.ssh/id_ed25519", "limit": 5}'


def refuse(exchange: Exchange, call: ToolCall) -> bytes:
    return exchange.refuse(call.call, "not allowed")


@pytest.fixture(scope="module")
def answer(talk: Any) -> bytes:
    """An answer with text, a call, text, a call."""
    return talk.stream(
        talk.text(0, "é \U0001f600 first"),
        talk.call(1, SECRET_INPUT, "toolu_1"),
        talk.text(2, "then"),
        talk.call(3, '{"command":"ls"}', "toolu_2", "Bash"),
    )


def test_a_call_says_everything_that_rules_judge(talk: Any, answer: bytes) -> None:
    call = talk.answered([answer]).calls[0]
    assert (call.session, call.agent, call.protocol) == ("session-1", "claude-code", "anthropic-http")
    assert (call.call, call.tool, call.cwd, call.problem) == ("toolu_1", "Read", "/work", "")
    assert dict(call.input) == json.loads(SECRET_INPUT)
    assert call.input_digest == hashlib.sha256(canonical(json.loads(SECRET_INPUT))).hexdigest()


def test_text_and_calls_come_in_order(talk: Any, answer: bytes) -> None:
    kinds = [item.call if isinstance(item, ToolCall) else "bytes" for item in talk.answered([answer]).items]
    assert kinds == ["bytes", "toolu_1", "bytes", "toolu_2", "bytes"]


def test_what_is_released_is_what_came(talk: Any, answer: bytes) -> None:
    assert talk.answered([answer]).agent == answer


def test_a_cut_at_any_byte_changes_nothing(talk: Any, answer: bytes) -> None:
    whole = talk.answered([answer], refuse)
    for cut in range(len(answer)):
        assert talk.answered([answer[:cut], answer[cut:]], refuse) == whole


def test_single_bytes_change_nothing(talk: Any, answer: bytes) -> None:
    assert talk.answered(bytes([byte]) for byte in answer) == talk.answered([answer])


@given(st.lists(st.integers(0, 3000), max_size=30), st.sampled_from(["\r\n", "\r"]))
@settings(deadline=None, max_examples=60)
def test_any_splitting_changes_nothing(talk: Any, answer: bytes, cuts: list[int], newline: str) -> None:
    stream = answer.replace(b"\n", newline.encode())
    at = [0, *sorted(cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(at)]
    assert talk.answered(pieces, refuse) == talk.answered([stream], refuse)
    assert talk.answered(pieces).agent == stream


def test_no_byte_of_a_call_passes_before_it_is_decided(talk: Any) -> None:
    before, call = talk.text(0, "hello"), talk.call(1, SECRET_INPUT)
    exchange = talk.open()
    exchange.begin(200, "text/event-stream; charset=utf-8")
    passed = b""
    for byte in before + call:
        for item in exchange.receive(bytes([byte])):
            passed += item if isinstance(item, bytes) else b""
    assert passed == before
    assert exchange.release(CallId("toolu_1")) == call


def test_text_passes_as_soon_as_its_event_is_whole(talk: Any) -> None:
    exchange = talk.open()
    exchange.begin(200, "text/event-stream")
    for event in (talk.text(0, "hello"), talk.event("ping"), b": still here\n"):
        assert b"".join(exchange.receive(event)) == event


def test_others_events_pass_while_a_call_is_held(talk: Any) -> None:
    thought = talk.event("content_block_start", index=0, content_block={"type": "thinking", "thinking": ""})
    held = [talk.start(1), talk.delta(1, "{}"), talk.stop(1)]
    others = [
        talk.event("ping"),
        talk.event("content_block_delta", index=0, delta={"type": "signature_delta"}),
        talk.stop(0),
    ]
    exchange = talk.open()
    exchange.begin(200, "text/event-stream")
    exchange.receive(thought)
    items = exchange.receive(held[0] + others[0] + held[1] + others[1] + others[2] + held[2])
    assert items[0] == b"".join(others)
    assert isinstance(items[1], ToolCall)
    assert exchange.release(CallId("toolu_1")) == b"".join(held)


def test_a_refused_calls_input_is_nowhere_in_the_agents_bytes(talk: Any, answer: bytes) -> None:
    agent = talk.answered([answer], refuse).agent
    assert b"ssh" not in agent
    assert b"limit" not in agent


def test_a_refused_call_comes_as_a_tool_that_no_agent_has(talk: Any) -> None:
    agent = talk.answered([talk.stream(talk.call(0, SECRET_INPUT))], refuse).agent
    assert talk.answered([agent]).calls[0].tool == "occasio_refused__Read"
    assert talk.answered([agent]).calls[0].call == "toolu_1"
    assert dict(talk.answered([agent]).calls[0].input) == {}


def test_an_answered_call_comes_as_another_such_tool(talk: Any) -> None:
    agent = talk.answered(
        [talk.stream(talk.call(0, SECRET_INPUT))], lambda e, c: e.answer(c.call, "12 lines", False)
    ).agent
    assert b'"occasio_answered__Read"' in agent
    assert b"ssh" not in agent
    assert b"12 lines" not in agent


def test_what_stands_around_a_refused_call_is_untouched(talk: Any) -> None:
    before, after = talk.text(0, "before"), talk.text(2, "after")
    agent = talk.answered([talk.stream(before, talk.call(1, SECRET_INPUT), after)], refuse).agent
    assert before in agent
    assert agent.endswith(talk.stream(after).partition(after)[1] + talk.stream(after).partition(after)[2])


def test_members_of_a_refused_call_that_are_not_understood_stay(talk: Any) -> None:
    caller = {"type": "direct"}
    stream = talk.stream(talk.start(0, caller=caller) + talk.delta(0, "{}") + talk.stop(0))
    assert b'"caller":{"type":"direct"}' in talk.answered([stream], refuse).agent


def test_the_stop_reason_does_not_say_what_is_a_call(talk: Any) -> None:
    stream = talk.stream(talk.call(0, "{}"), stop_reason="end_turn")
    assert [call.call for call in talk.answered([stream]).calls] == ["toolu_1"]


@pytest.mark.parametrize("kind", ["thinking", "unknown_of_2030", "TOOL_USE", "web_search_tool_result"])
def test_blocks_that_no_agent_runs_pass_untouched(talk: Any, kind: str) -> None:
    block = {"type": kind, "id": "x", "name": "web_search", "input": {}}
    stream = talk.stream(
        talk.event("content_block_start", index=0, content_block=block) + talk.delta(0, '{"q":1}') + talk.stop(0)
    )
    assert talk.answered([stream]).items == [stream]


def test_unknown_events_pass_untouched(talk: Any) -> None:
    stream = talk.event("news", content=[1]) + b"data: [DONE]\n\n" + b'data: {"no":"type"}\n\n' + b"id: 7\n\n"
    assert talk.answered([stream]).items == [stream]


def test_an_error_event_passes(talk: Any) -> None:
    error = talk.event("error", error={"type": "overloaded_error", "message": "busy"})
    assert talk.answered([error]).items == [error]


def test_block_numbers_may_have_gaps(talk: Any) -> None:
    stream = talk.stream(talk.text(2, "a"), talk.call(5, "{}"))
    assert talk.answered([stream]).agent == stream


def test_an_empty_input_is_an_empty_object(talk: Any) -> None:
    call = talk.answered([talk.stream(talk.start(0) + talk.stop(0))]).calls[0]
    assert (dict(call.input), call.problem) == ({}, "")
    assert call.input_digest == hashlib.sha256(b"{}").hexdigest()


def test_an_input_may_stand_in_the_start_alone(talk: Any) -> None:
    call = talk.answered([talk.stream(talk.start(0, input={"a": 1.0}) + talk.stop(0))]).calls[0]
    assert (dict(call.input), call.problem) == ({"a": 1.0}, "")


def test_an_input_said_twice_is_a_problem(talk: Any) -> None:
    stream = talk.stream(talk.start(0, input={"a": 1}) + talk.delta(0, '{"a":2}') + talk.stop(0))
    assert talk.answered([stream]).calls[0].problem == "input was said twice"


def test_an_input_that_comes_in_an_unknown_way_is_a_problem(talk: Any) -> None:
    strange = talk.event("content_block_delta", index=0, delta={"type": "input_patch", "partial_json": "{}"})
    call = talk.answered([talk.stream(talk.start(0) + strange + talk.stop(0))]).calls[0]
    assert (dict(call.input), call.problem) == ({}, "input came in an unknown way")


def test_an_id_that_comes_twice_in_a_run_is_a_problem(talk: Any) -> None:
    wire = talk.wire()
    talk.answered([talk.stream(talk.call(0, "{}"))], wire=wire)
    again = talk.answered([talk.stream(talk.call(0, "{}"))], wire=wire)
    assert again.calls[0].problem == "duplicate call id"


def test_an_id_that_the_history_knows_is_a_problem(talk: Any) -> None:
    body = talk.request(talk.used("toolu_1", "Read", {}), talk.result("toolu_1", "x"))
    assert talk.answered([talk.stream(talk.call(0, "{}"))], body=body).calls[0].problem == "duplicate call id"


def test_calls_of_one_id_are_decided_each_for_itself(talk: Any) -> None:
    first, second = talk.call(0, "{}"), talk.call(1, SECRET_INPUT)

    def decide(exchange: Exchange, call: ToolCall) -> bytes:
        return refuse(exchange, call) if call.problem else exchange.release(call.call)

    agent = talk.answered([talk.stream(first, second)], decide).agent
    assert first in agent
    assert b"ssh" not in agent
    assert b'"id":"toolu_1_2","name":"occasio_refused__Read"' in agent


def test_tokens_are_counted_and_the_last_number_stands(talk: Any, answer: bytes) -> None:
    assert talk.answered([answer]).done == RequestDone(
        session="session-1",
        agent="claude-code",
        protocol="anthropic-http",
        model="claude-x",
        status=200,
        input_tokens=10,
        output_tokens=25,
        cache_read_tokens=3,
        cache_write_tokens=4,
        complete=True,
    )


def test_an_answer_without_its_end_is_not_complete(talk: Any) -> None:
    stream = talk.stream(talk.text(0, "a"))
    assert not talk.answered([stream[: stream.index(b"event: message_stop")]]).done.complete


HOSTILE = {
    **SHARED,
    "half a call and the message's end": lambda talk: talk.start(0) + talk.event("message_stop"),
    "a call inside of a call": lambda talk: talk.start(0) + talk.call(1, "{}", "toolu_2"),
    "a stop for another block": lambda talk: talk.start(0) + talk.stop(1),
    "a second stop": lambda talk: talk.call(0, "{}") + talk.stop(0),
    "a second stop of a text": lambda talk: talk.text(0, "") + talk.stop(0),
    "text after its stop": lambda talk: (
        talk.text(0, "") + talk.event("content_block_delta", index=0, delta={"type": "text_delta", "text": "more"})
    ),
    "input after the stop": lambda talk: talk.call(0, "{}") + talk.delta(0, SECRET_INPUT) + talk.stop(0),
    "a block number used again": lambda talk: talk.call(0, "{}") + talk.call(0, SECRET_INPUT, "toolu_2"),
    "a block number going back": lambda talk: talk.call(1, "{}") + talk.call(0, SECRET_INPUT, "toolu_2"),
    "a text's number used for a call": lambda talk: talk.text(0, "") + talk.call(0, SECRET_INPUT),
    "a block without a number": lambda talk: talk.event("content_block_start", content_block={"type": "tool_use"}),
    "a number that is a text": lambda talk: talk.start("0") + talk.stop("0"),
    "a number that is true": lambda talk: talk.start(True) + talk.stop(True),
    "a number below zero": lambda talk: talk.start(-1) + talk.stop(-1),
    "a block that is nothing": lambda talk: talk.event("content_block_start", index=0, content_block=None),
    "a call in the message's start": lambda talk: talk.event(
        "message_start", message={"content": [{"type": "tool_use", "id": "x", "name": "Read", "input": {}}]}
    ),
    "an event with a type twice": lambda talk: b'data: {"type":"ping","type":"content_block_start"}\n\n',
    "an event with two types": lambda talk: b'event: ping\ndata: {"type":"content_block_stop","index":0}\n\n',
    "an event whose type is only a name": lambda talk: b'event: content_block_start\ndata: {"index":0}\n\n',
    "a document that says it is a stream": lambda talk: talk.document({"type": "tool_use", "id": "x"}),
    "text's input to a call": lambda talk: (
        talk.event("content_block_start", index=1, content_block={"type": "server_tool_use"})
        + talk.call(2, "{}")
        + talk.delta(1, SECRET_INPUT)
    ),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_broken_answer_is_the_providers_fault(talk: Any, hostile: str) -> None:
    assert talk.answered([HOSTILE[hostile](talk)]).error


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_behind_a_break_reaches_the_agent(talk: Any, hostile: str) -> None:
    seen = talk.answered([HOSTILE[hostile](talk) + talk.text(9, "behind"), talk.text(10, "behind")])
    assert b"behind" not in seen.agent
    assert b"ssh" not in seen.agent


@pytest.mark.parametrize("rest", ["", "a stop without its blank line", "an error"])
def test_an_end_in_the_middle_of_a_call_is_the_providers_fault(talk: Any, rest: str) -> None:
    ends = {"": b"", "a stop without its blank line": talk.stop(0)[:-1], "an error": talk.event("error", error={})}
    seen = talk.answered([talk.start(0) + talk.delta(0, SECRET_INPUT) + ends[rest]])
    assert "in the middle of tool call 0" in seen.error
    assert b"Read" not in seen.agent


def test_an_unfinished_event_at_the_end_is_not_passed_on(talk: Any) -> None:
    assert talk.answered([talk.text(0, "a") + talk.start(1)[:-1]]).agent == talk.text(0, "a")


def test_what_came_before_a_break_is_not_lost(talk: Any) -> None:
    text = talk.text(0, "before")
    exchange = talk.open()
    exchange.begin(200, "text/event-stream")
    assert exchange.receive(text + b"garbage\n") == [text]
    with pytest.raises(UpstreamProtocolError):
        exchange.receive(b"")
    with pytest.raises(UpstreamProtocolError):
        exchange.finish()


def test_a_call_of_endless_pieces_is_given_up(talk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_anthropic.stream.HELD_LIMIT", 1000)
    assert "more than 1000 bytes" in talk.answered([talk.stream(talk.call(0, " " * 1000))]).error


def test_death_at_any_byte_releases_nothing_of_an_undecided_call(talk: Any) -> None:
    before, call = talk.text(0, "before"), talk.call(1, SECRET_INPUT)
    for cut in range(len(call) - 1):
        seen = talk.answered([before + call[:cut]])
        assert seen.agent == before
        assert not seen.calls


def block_events() -> st.SearchStrategy[tuple[Any, ...]]:
    """Events that begin, continue and end blocks, in any order and number."""
    index = st.integers(0, 3)
    return st.one_of(
        st.tuples(st.just("start"), index, st.sampled_from(["toolu_1", "toolu_2"]), st.sampled_from(["Read", "Bash"])),
        st.tuples(st.just("delta"), index, st.sampled_from(["", "{", "}", '"ssh":1'])),
        st.tuples(st.just("stop"), index),
        st.tuples(st.just("text"), index, st.just("t")),
    )


def ran_by_an_agent(stream: bytes, by_order: bool) -> list[tuple[str, str]]:
    """Return what an agent would run: it puts blocks together by number, or by the order in which they start."""
    blocks: dict[int, dict[str, str]] = {}
    ran = []
    for line in stream.split(b"\n"):
        body = json.loads(line[6:]) if line.startswith(b"data: ") else {}
        index = body.get("index")
        if body.get("type") == "content_block_start":
            blocks[len(blocks) if by_order else index] = {**body["content_block"], "input": ""}
        elif body.get("type") == "content_block_delta" and index in blocks and "input" in blocks[index]:
            blocks[index]["input"] += body["delta"].get("partial_json", "")
        elif body.get("type") == "content_block_stop" and index in blocks and not by_order:
            ran.append(blocks[index])
    ran = list(blocks.values()) if by_order else ran
    return [(block["name"], block["input"] or "{}") for block in ran if block["type"] == "tool_use"]


@given(st.lists(block_events(), max_size=12), st.booleans())
@settings(deadline=None, max_examples=400)
def test_no_agent_runs_anything_that_was_not_decided(talk: Any, script: list[tuple[Any, ...]], by_order: bool) -> None:
    allowed = []

    def decide(exchange: Exchange, call: ToolCall) -> bytes:
        if call.problem:
            return refuse(exchange, call)
        allowed.append((call.tool, dict(call.input)))
        return exchange.release(call.call)

    stream = b"".join(getattr(talk, kind)(*arguments) for kind, *arguments in script)
    agent = talk.answered([stream], decide).agent
    ran = [(name, json.loads(text)) for name, text in ran_by_an_agent(agent, by_order)]
    ran = [(name, arguments) for name, arguments in ran if not name.startswith("occasio_")]
    if by_order:  # where numbers have gaps, such an agent loses input; it must not gain any
        assert all(pair in allowed or pair == (name, {}) for pair in ran for name, _ in allowed if name == pair[0])
        assert {name for name, _ in ran} <= {name for name, _ in allowed}
    else:
        assert ran == allowed


STARTED = (
    b'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"%b"}}\n\n'
)
PIECE = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"%b"}}\n\n'
STRINGS = st.text(max_size=8).map(lambda text: json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "replace"))
TWISTS = st.sampled_from(
    [
        (b"", b""),
        (b'"index":0', b'"index":1'),
        (b'"index":0', b'"index":00'),
        (b'"index":0', b'"index":0,"index":1'),
        (b'"delta":{', b'"delta" : { '),
        (b'"}}', b'"}     }'),
        (b'"}}', b'","text":""}}'),
        (b'"}}', b'"},"delta":{}}'),
        (b'"}}', b'"}'),
        (b"text_delta", b"input_json_delta"),
        (b'text_delta","text"', b'thinking_delta","thinking"'),
        (b"event: content_block_delta", b"event: ping"),
        (b"event: content_block_delta\n", b""),
        (b"\n", b"\r\n"),
        (b"\n\n", b"\n: note\n\n"),
        (b'"text":"', b'"text":"\\ud83d'),
        (b'"text":"', b'"text":"\\ud83d\\ude00'),
        (b'"text":"', b'"text":"\\u00e9\\/'),
        (b'"text":"', b'"text":"\\x'),
        (b'"text":"', b'"text":"\x01'),
        (b'"text":"', b'"text":"\xff'),
        (b'"text":"', b'"text":"\xed\xa0\x80'),
        (b'"text":"', b'"text":"\xc0\xaf'),
    ]
)
PIECES = st.tuples(STRINGS, TWISTS).map(
    lambda drawn: (PIECE % drawn[0]).replace(*drawn[1]) if drawn[1][0] else PIECE % drawn[0]
)


@settings(deadline=None, max_examples=400)
@given(st.lists(PIECES, max_size=5), st.sampled_from([b"text", b"thinking", b"tool_use"]))
def test_text_that_passes_unread_is_text_that_would_pass_if_it_were_read(
    talk: Any, pieces: list[bytes], kind: bytes
) -> None:
    answer = STARTED % kind + b"".join(pieces)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("occasio_anthropic.stream._pieces_of_text", lambda _: None)
        read = talk.answered([answer])
    unread = talk.answered([answer])
    assert (unread.agent, unread.error, unread.calls) == (read.agent, read.error, read.calls)


def test_common_pieces_of_text_pass_unread(talk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = STARTED % b"text" + PIECE % "wörd 😀 \\n \\u00e9".encode() * 3
    exchange = talk.open()
    exchange.begin(200, "text/event-stream")
    assert exchange.receive(answer) == [answer]
    read: list[bytes | None] = []
    monkeypatch.setattr("occasio_anthropic.stream.event_body", lambda event: read.append(event.data) or {})
    assert exchange.receive(PIECE % b"more" * 2) == [PIECE % b"more" * 2]
    assert read == [None]
