"""Streamed answers: text passes at once, calls wait, and no splitting or malice changes that."""

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

SECRET_INPUT = '{"cmd": "cat /home/ada/.ssh/id_ed25519"}'


def refuse(exchange: Exchange, call: ToolCall) -> bytes:
    return exchange.refuse(call.call, "not allowed")


@pytest.fixture(scope="module")
def items(responses: Any) -> list[dict[str, Any]]:
    return [
        responses.message("é \U0001f600 first"),
        responses.item("call_1", text=SECRET_INPUT),
        responses.message("then"),
        responses.custom("call_2", text="*** Begin Patch\n*** Add File: .ssh/x"),
    ]


@pytest.fixture(scope="module")
def answer(responses: Any, items: list[dict[str, Any]]) -> bytes:
    """An answer with text, a call, text, a custom call."""
    return responses.stream(
        responses.text(0, "é \U0001f600 first"),
        responses.said(1, items[1]),
        responses.text(2, "then"),
        responses.said(3, items[3]),
        output=items,
    )


def told(seen: Any) -> tuple[bytes, list[ToolCall], RequestDone | None, str]:
    """Return what came out but for where bytes were cut: what waits behind a call comes with its decision."""
    return seen.agent, seen.calls, seen.done, seen.error


def test_a_call_says_everything_that_rules_judge(responses: Any, answer: bytes) -> None:
    call, custom = responses.answered([answer]).calls
    assert (call.session, call.agent, call.protocol) == ("session-1", "codex", "openai-responses")
    assert (call.call, call.tool, call.cwd, call.problem) == ("call_1", "exec_command", "/work", "")
    assert dict(call.input) == json.loads(SECRET_INPUT)
    assert (custom.call, custom.tool, custom.problem) == ("call_2", "apply_patch", "")
    assert dict(custom.input) == {"input": "*** Begin Patch\n*** Add File: .ssh/x"}


def test_what_is_released_is_what_came(responses: Any, answer: bytes) -> None:
    assert responses.answered([answer]).agent == answer


def test_a_cut_at_any_byte_changes_nothing(responses: Any, answer: bytes) -> None:
    whole = told(responses.answered([answer], refuse))
    for cut in range(len(answer)):
        assert told(responses.answered([answer[:cut], answer[cut:]], refuse)) == whole


def test_single_bytes_change_nothing(responses: Any, answer: bytes) -> None:
    assert told(responses.answered(bytes([byte]) for byte in answer)) == told(responses.answered([answer]))


@given(st.lists(st.integers(0, 5000), max_size=30), st.sampled_from(["\r\n", "\r"]))
@settings(deadline=None, max_examples=60)
def test_any_splitting_changes_nothing(responses: Any, answer: bytes, cuts: list[int], newline: str) -> None:
    stream = answer.replace(b"\n", newline.encode())
    pieces = [stream[start:end] for start, end in pairwise([0, *sorted(cuts), len(stream)])]
    assert told(responses.answered(pieces, refuse)) == told(responses.answered([stream], refuse))
    assert responses.answered(pieces).agent == stream


def test_no_byte_of_a_call_passes_before_it_is_decided(responses: Any) -> None:
    before, call = responses.text(0, "hello"), responses.call(1, SECRET_INPUT)
    exchange = responses.open()
    exchange.begin(200, "text/event-stream; charset=utf-8")
    passed = b""
    for byte in before + call:
        for item in exchange.receive(bytes([byte])):
            passed += item if isinstance(item, bytes) else b""
    assert passed == before
    assert exchange.release(CallId("call_1")) == call


def test_what_comes_behind_the_beginning_of_a_call_waits_for_it(responses: Any) -> None:
    call, text = responses.item(), responses.text(1, "behind")
    exchange = responses.open()
    exchange.begin(200, "text/event-stream")
    assert exchange.receive(responses.added(0, call) + text) == []
    (held,) = exchange.receive(responses.done(0, call))
    assert isinstance(held, ToolCall)
    assert exchange.release(CallId("call_1")) == responses.added(0, call) + responses.done(0, call) + text


def test_two_calls_at_once_reach_the_agent_in_the_order_of_their_beginnings(responses: Any) -> None:
    first, second = responses.item("call_1"), responses.item("call_2", id="fc_2")
    exchange = responses.open()
    exchange.begin(200, "text/event-stream")
    begun = responses.added(0, first) + responses.added(1, second)
    assert [call.call for call in exchange.receive(begun + responses.done(1, second))] == ["call_2"]
    assert exchange.release(CallId("call_2")) == b""
    exchange.receive(responses.done(0, first))
    released = exchange.release(CallId("call_1"))
    assert released == b"".join(
        (responses.added(0, first), responses.done(0, first), responses.added(1, second), responses.done(1, second))
    )


def test_text_passes_as_soon_as_its_event_is_whole(responses: Any) -> None:
    exchange = responses.open()
    exchange.begin(200, "text/event-stream")
    for event in (responses.text(0, "hello"), responses.event("response.reasoning_text.delta"), b": here\n"):
        assert b"".join(exchange.receive(event)) == event


def test_a_refused_calls_input_is_nowhere_in_the_agents_bytes(responses: Any, answer: bytes) -> None:
    agent = responses.answered([answer], refuse).agent
    assert b"ssh" not in agent
    assert b"Patch" not in agent


def test_a_refused_call_comes_as_a_tool_that_no_agent_has(responses: Any, answer: bytes) -> None:
    agent = responses.answered([answer], refuse).agent
    function, custom = responses.answered([agent]).calls
    assert (function.call, function.tool, dict(function.input)) == ("call_1", "occasio_refused__exec_command", {})
    assert (custom.call, custom.tool, dict(custom.input)) == ("call_2", "occasio_refused__apply_patch", {"input": ""})


def test_the_list_at_the_end_says_what_the_agent_was_shown(responses: Any, answer: bytes) -> None:
    def decide(exchange: Exchange, call: ToolCall) -> bytes:
        return refuse(exchange, call) if call.call == "call_1" else exchange.release(call.call)

    agent = responses.answered([answer], decide).agent
    last = json.loads(agent.rstrip().rpartition(b"data: ")[2])["response"]
    assert [item.get("name") for item in last["output"]] == [None, "occasio_refused__exec_command", None, "apply_patch"]
    assert last["output"][1]["arguments"] == "{}"


def test_what_stands_around_a_refused_call_is_untouched(responses: Any) -> None:
    before, after = (
        responses.created() + responses.text(0, "before"),
        responses.text(2, "after") + responses.completed(),
    )
    agent = responses.answered([before + responses.call(1, SECRET_INPUT) + after], refuse).agent
    assert agent.startswith(before)
    assert agent.endswith(after)


def test_an_answered_call_comes_as_another_such_tool(responses: Any) -> None:
    stream = responses.stream(responses.call(0, SECRET_INPUT))
    agent = responses.answered([stream], lambda e, c: e.answer(c.call, "12 lines", False)).agent
    assert b'"occasio_answered__exec_command"' in agent
    assert b"ssh" not in agent
    assert b"12 lines" not in agent


def test_members_of_a_refused_call_that_are_not_understood_stay(responses: Any) -> None:
    stream = responses.stream(responses.said(0, responses.item(caller={"type": "direct"})))
    assert b'"caller":{"type":"direct"}' in responses.answered([stream], refuse).agent


def test_a_call_that_only_ends_is_a_call(responses: Any) -> None:
    stream = responses.done(0, responses.item(text=SECRET_INPUT))
    assert [call.call for call in responses.answered([stream]).calls] == ["call_1"]
    assert b"ssh" not in responses.answered([stream], refuse).agent


def test_a_tool_of_a_namespace_goes_by_both_names_and_is_refused_without_it(responses: Any) -> None:
    stream = responses.stream(responses.said(0, responses.item(name="echo", namespace="mcp__every")))
    seen = responses.answered([stream], refuse)
    assert seen.calls[0].tool == "mcp__every__echo"
    assert b'"occasio_refused__mcp__every__echo"' in seen.agent
    assert b"namespace" not in seen.agent


KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "local_shell_call": ("local_shell", {"action": {"type": "exec", "command": ["cat", ".ssh/id"], "env": {}}}),
    "shell_call": ("shell", {"action": {"commands": ["cat .ssh/id"], "timeout_ms": 5}}),
    "apply_patch_call": ("apply_patch", {"operation": {"type": "delete_file", "path": ".ssh/id"}}),
    "computer_call": ("computer", {"action": {"type": "type", "text": ".ssh/id"}, "pending_safety_checks": []}),
    "tool_search_call": ("tool_search", {"execution": "client", "arguments": {"query": ".ssh/id"}}),
    "hologram_call": ("hologram", {"layers": [".ssh/id"]}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_that_the_client_carries_out_is_held(responses: Any, kind: str) -> None:
    tool, members = KINDS[kind]
    item = {"type": kind, "id": "x_1", "call_id": "call_1", "status": "completed", **members}
    stream = responses.stream(responses.added(0, item) + responses.done(0, item), output=[item])
    (call,) = responses.answered([stream]).calls
    assert (call.tool, call.problem) == (tool, "")
    assert ".ssh/id" in str(dict(call.input))
    assert responses.answered([stream]).agent == stream
    agent = responses.answered([stream], refuse).agent
    assert b"ssh" not in agent
    assert f'"occasio_refused__{tool}"'.encode() in agent


def test_a_request_to_approve_an_mcp_call_is_a_call(responses: Any) -> None:
    item = {"type": "mcp_approval_request", "id": "mcpr_1", "name": "ask", "server_label": "wiki", "arguments": "{}"}
    (call,) = responses.answered([responses.stream(responses.done(0, item))]).calls
    assert (call.call, call.tool) == ("mcpr_1", "mcp__wiki__ask")


@pytest.mark.parametrize("kind", ["reasoning", "FUNCTION_CALL", "mcp_list_tools", "shell_call_output"])
def test_items_that_are_no_calls_pass_untouched(responses: Any, kind: str) -> None:
    item = {"type": kind, "id": "x_1", "name": "n", "arguments": "{}", "action": {"type": "search"}}
    stream = responses.stream(responses.added(0, item) + responses.done(0, item), output=[item])
    assert responses.answered([stream]).items == [stream]


DONE_THERE: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "mcp_call": ("mcp__wiki__ask", {"server_label": "wiki", "name": "ask", "arguments": '{"q":1}', "output": "x"}, {"q": 1}),
    "web_search_call": ("web_search", {"action": {"type": "search", "query": "q"}}, {"action": {"type": "search", "query": "q"}}),
    "code_interpreter_call": ("code_interpreter", {"code": "1", "outputs": [{"logs": "x"}]}, {"code": "1"}),
    "image_generation_call": ("image_generation", {"result": "AAAA"}, {}),
}  # fmt: skip


@pytest.mark.parametrize("kind", DONE_THERE)
def test_what_the_provider_has_carried_out_is_told_before_its_last_event_and_passes_untouched(
    responses: Any, kind: str
) -> None:
    tool, members, given = DONE_THERE[kind]
    item = {"type": kind, "id": "x_1", "status": "completed", **members}
    begun, done = responses.added(0, item), responses.done(0, item)
    exchange = responses.open()
    exchange.begin(200, "text/event-stream")
    passed, call = exchange.receive(begun + done)
    assert passed == begun
    assert (call.call, call.tool, dict(call.input), call.done_by_provider) == ("x_1", tool, given, True)
    assert exchange.release(CallId("x_1")) == done
    stream = responses.stream(begun + done, output=[item])
    assert responses.answered([stream]).agent == stream


def test_a_call_that_the_provider_carried_out_needs_no_name(responses: Any) -> None:
    item = {"type": "web_search_call"}
    assert [call.call for call in responses.answered([responses.done(0, item)]).calls] == ["output_0"]


def test_unknown_events_pass_untouched(responses: Any) -> None:
    stream = (
        responses.event("news", output_index=3, content=[1]) + b"data: [DONE]\n\n" + b'data: {"a":1}\n\n' + b"id: 7\n\n"
    )
    assert responses.answered([stream]).items == [stream]


@pytest.mark.parametrize("kind", ["failed", "incomplete", "cancelled"])
def test_every_end_is_an_end(responses: Any, kind: str) -> None:
    seen = responses.answered([responses.created() + responses.completed(kind=kind)])
    assert (seen.done.complete, seen.error) == (True, "")


def test_an_error_event_passes(responses: Any) -> None:
    error = responses.event("error", code="server_error", message="busy")
    assert responses.answered([error]).items == [error]


def test_an_empty_input_is_an_empty_object(responses: Any) -> None:
    call = responses.answered([responses.stream(responses.call(0, ""))]).calls[0]
    assert (dict(call.input), call.problem) == ({}, "")


def test_an_id_that_comes_twice_in_a_run_is_a_problem(responses: Any) -> None:
    wire = responses.wire()
    responses.answered([responses.stream(responses.call(0, "{}"))], wire=wire)
    again = responses.answered([responses.stream(responses.call(0, "{}"))], wire=wire)
    assert again.calls[0].problem == "duplicate call id"


def test_calls_of_one_id_are_decided_each_for_itself(responses: Any) -> None:
    first, second = responses.item(), responses.item(text=SECRET_INPUT, id="fc_2")

    def decide(exchange: Exchange, call: ToolCall) -> bytes:
        return refuse(exchange, call) if call.problem else exchange.release(call.call)

    stream = responses.stream(responses.said(0, first), responses.said(1, second), output=[first, second])
    agent = responses.answered([stream], decide).agent
    assert responses.said(0, first) in agent
    assert b"ssh" not in agent
    assert b'"call_id":"call_1_2","name":"occasio_refused__exec_command"' in agent


def test_tokens_are_counted_and_what_was_cached_apart(responses: Any, answer: bytes) -> None:
    assert responses.answered([answer]).done == RequestDone(
        session="session-1",
        agent="codex",
        protocol="openai-responses",
        model="gpt-x",
        status=200,
        input_tokens=7,
        output_tokens=5,
        cache_read_tokens=3,
        complete=True,
    )


def test_an_answer_without_its_end_is_not_complete(responses: Any) -> None:
    assert not responses.answered([responses.created() + responses.text(0, "a")]).done.complete


def test_patience_repeats_the_last_word_on_the_response(responses: Any) -> None:
    exchange = responses.open()
    exchange.begin(200, "text/event-stream")
    assert exchange.patience() == b""
    exchange.receive(responses.created() + responses.half(0))
    assert exchange.patience().startswith(b'event: response.in_progress\ndata: {"type":"response.in_progress"')
    assert b'"id":"resp_1"' in exchange.patience()


INPUTS = {
    "pieces and the end": lambda r: (
        r.added(0, r.item()) + r.delta(0, SECRET_INPUT) + r.done(0, r.item(text='{"cmd":"ls"}'))
    ),
    "the whole and the end": lambda r: (
        r.added(0, r.item())
        + r.event("response.function_call_arguments.done", output_index=0, arguments=SECRET_INPUT)
        + r.done(0, r.item(text='{"cmd":"ls"}'))
    ),
    "the beginning and the end": lambda r: (
        r.event("response.output_item.added", output_index=0, item=r.item(text=SECRET_INPUT))
        + r.done(0, r.item(text='{"cmd":"ls"}'))
    ),
}


@pytest.mark.parametrize("case", INPUTS)
def test_an_input_said_in_two_ways_is_a_problem(responses: Any, case: str) -> None:
    seen = responses.answered([INPUTS[case](responses)], refuse)
    assert seen.calls[0].problem == "input was said in two ways"
    assert b"ssh" not in seen.agent


@pytest.mark.parametrize("value", [None, 7, {"cmd": "ls"}])
def test_an_input_that_is_no_text_is_a_problem(responses: Any, value: Any) -> None:
    items = [responses.item(text=value), responses.custom("call_2", text=value)]
    stream = b"".join(responses.done(index, item) for index, item in enumerate(items))
    assert [call.problem for call in responses.answered([stream]).calls] == ["input is not a text"] * 2


HOSTILE = {
    **SHARED,
    "half a call and the response's end": lambda r: r.half(0) + r.completed(),
    "a call without a place": lambda r: r.done(None, r.item()),
    "a place that is a text": lambda r: r.done("0", r.item()),
    "a place that is true": lambda r: r.done(True, r.item()),
    "a call that begins twice": lambda r: r.added(0, r.item()) + r.added(0, r.item("call_2")),
    "a call that ends twice": lambda r: r.call(0, "{}") + r.done(0, r.item(text=SECRET_INPUT)),
    "a call in a text's place": lambda r: r.text(0, "") + r.done(0, r.item(text=SECRET_INPUT)),
    "a text that ends as a call": lambda r: r.added(0, r.message("")) + r.done(0, r.item(text=SECRET_INPUT)),
    "a call that ends as a text": lambda r: r.added(0, r.item()) + r.done(0, r.message(".ssh")),
    "a call that ends as nothing": lambda r: r.added(0, r.item()) + r.done(0, None),
    "a call under two names": lambda r: r.added(0, r.item()) + r.done(0, r.item(name="write_stdin")),
    "a call under two ids": lambda r: r.added(0, r.item()) + r.done(0, r.item("call_2")),
    "a call of two kinds": lambda r: r.added(0, r.item()) + r.done(0, r.custom()),
    "input after the end": lambda r: r.call(0, "{}") + r.delta(0, SECRET_INPUT),
    "input before the beginning": lambda r: r.delta(0, SECRET_INPUT) + r.done(0, r.item()),
    "input for no place": lambda r: r.added(0, r.item()) + r.delta(None, SECRET_INPUT),
    "input for an item that is not there": lambda r: r.added(0, r.item()) + r.delta(None, SECRET_INPUT, item_id="fc_9"),
    "a command before the beginning": lambda r: r.delta(0, SECRET_INPUT, "shell_call_command"),
    "a call in the beginning": lambda r: r.created(r.item(text=SECRET_INPUT)),
    "a call in the end": lambda r: r.created() + r.completed(r.item(text=SECRET_INPUT)),
    "another call in the end": lambda r: r.call(0, "{}") + r.completed(r.item("call_2", text=SECRET_INPUT)),
    "an output that is an object": lambda r: r.event("response.completed", response={"output": {}}),
    "an output of texts": lambda r: r.event("response.created", response={"output": ["function_call"]}),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_broken_answer_is_the_providers_fault(responses: Any, hostile: str) -> None:
    assert responses.answered([HOSTILE[hostile](responses)]).error


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_behind_a_break_reaches_the_agent(responses: Any, hostile: str) -> None:
    behind = responses.text(9, "behind")
    seen = responses.answered([HOSTILE[hostile](responses) + behind, behind], refuse)
    assert b"behind" not in seen.agent
    assert b"ssh" not in seen.agent


def test_the_same_call_twice_in_the_end_is_the_providers_fault(responses: Any) -> None:
    stream = responses.call(0, "{}") + responses.completed(responses.item(), responses.item())
    assert "did not make" in responses.answered([stream]).error


def test_a_call_that_the_end_says_otherwise_is_shown_as_it_was_decided(responses: Any) -> None:
    stream = responses.call(0, "{}") + responses.completed(responses.item(text=SECRET_INPUT))
    seen = responses.answered([stream])
    assert seen.error == ""
    assert b"ssh" not in seen.agent


@pytest.mark.parametrize("rest", ["", "an end without its blank line", "an error"])
def test_an_end_in_the_middle_of_a_call_is_the_providers_fault(responses: Any, rest: str) -> None:
    done = responses.done(0, responses.item())
    ends = {"": b"", "an end without its blank line": done[:-1], "an error": responses.event("error")}
    seen = responses.answered([responses.half(0) + ends[rest]])
    assert "in the middle of call 0" in seen.error
    assert seen.agent == b""


def test_death_at_any_byte_releases_nothing_of_an_undecided_call(responses: Any) -> None:
    before, call = responses.text(0, "before"), responses.call(1, SECRET_INPUT)
    for cut in range(len(call) - 1):
        seen = responses.answered([before + call[:cut]])
        assert seen.agent == before
        assert not seen.calls


def test_a_call_of_endless_pieces_is_given_up(responses: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_core.wires.order.HELD_LIMIT", 1000)
    assert "more than 1000 bytes" in responses.answered([responses.call(0, " " * 1000)]).error


def item_events() -> st.SearchStrategy[tuple[Any, ...]]:
    """Events that begin, continue and end items, in any order and number."""
    index = st.integers(0, 3)
    call = st.tuples(
        st.sampled_from(["call_1", "call_2"]), st.sampled_from(["a", "b"]), st.sampled_from(["{}", '{"x":1}'])
    )
    return st.one_of(
        st.tuples(st.just("added"), index, call),
        st.tuples(st.just("done"), index, call),
        st.tuples(st.just("delta"), index, st.sampled_from(["", "{}", '{"x":1}'])),
        st.tuples(st.just("text"), index, st.just("t")),
        st.tuples(st.just("end"), st.lists(call, max_size=2)),
    )


@given(st.lists(item_events(), max_size=12))
@settings(deadline=None, max_examples=400)
def test_no_agent_runs_anything_that_was_not_decided(responses: Any, script: list[tuple[Any, ...]]) -> None:
    allowed = []

    def decide(exchange: Exchange, call: ToolCall) -> bytes:
        if call.problem:
            return refuse(exchange, call)
        allowed.append((call.tool, json.dumps(dict(call.input))))
        return exchange.release(call.call)

    def said(kind: str, *given: Any) -> bytes:
        if kind == "end":
            return responses.completed(*(responses.item(*call) for call in given[0]))
        if kind in ("added", "done"):
            return getattr(responses, kind)(given[0], responses.item(*given[1]))
        return getattr(responses, kind)(*given)

    seen = responses.answered([b"".join(said(*event) for event in script)], decide)
    ran = []
    for line in seen.agent.split(b"\n"):
        body = json.loads(line[6:]) if line.startswith(b"data: ") else {}
        ended = [body["item"]] if body.get("type") == "response.output_item.done" else []
        ran += [(item["name"], item["arguments"]) for item in ended if item["type"] == "function_call"]
        listed = body.get("response", {}).get("output", [])
        assert {item["name"] for item in listed} <= {name for name, _ in ran}
    ran = [(name, json.dumps(json.loads(text))) for name, text in ran if not name.startswith("occasio_")]
    if seen.error:  # what was behind an unfinished call never went out
        assert not Counter(ran) - Counter(allowed)
    else:
        assert sorted(ran) == sorted(allowed)
