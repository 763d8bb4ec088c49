"""A tool call is read as rules judge it, and what cannot be read in one way has a problem."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core.errors import UpstreamProtocolError
from occasio_core.model import SessionId
from occasio_core.wires.calls import NAME_LIMIT, CallReader, Held
from occasio_core.wires.memory import ANSWERED, REFUSED, CallMemory
from occasio_core.wires.origin import Origin
from occasio_verify import Json, canonical

ORIGIN = Origin(session=SessionId("session-1"), agent="claude-code", protocol="anthropic-http", cwd="/work")
BLOCK: dict[str, Json] = {
    "type": "tool_use",
    "id": "toolu_1",
    "name": "Read",
    "input": {},
    "caller": {"type": "direct"},
}
SECRET_INPUT = '{"file_path": "/home/ada/.ssh/id_ed25519", "limit": 5}'


def reader(earlier: Container[str] = ()) -> CallReader:
    return CallReader(ORIGIN, CallMemory(), earlier)


def held_by(
    calls: CallReader, text: str = "{}", flaw: str = "", index: int = 0, raw: bytes = b"", **block: Any
) -> Held:
    said = {**BLOCK, **block}
    return calls.read(said, text, flaw, index, raw, call=said["id"], tool=said["name"])


def read(text: str = "{}", flaw: str = "", **block: Any) -> Held:
    return held_by(reader(), text, flaw, **block)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_call_says_everything_that_rules_judge() -> None:
    call = read(SECRET_INPUT).call
    assert (call.session, call.agent, call.protocol) == ("session-1", "claude-code", "anthropic-http")
    assert (call.call, call.tool, call.cwd, call.problem) == ("toolu_1", "Read", "/work", "")
    assert dict(call.input) == json.loads(SECRET_INPUT)


def test_what_is_held_is_kept_for_whoever_decides() -> None:
    held = held_by(reader(), index=3, raw=b"the bytes")
    assert (held.block, held.index, held.raw, held.shown_id) == (BLOCK, 3, b"the bytes", "toolu_1")


def test_the_digest_is_that_of_the_input_however_it_is_spelled() -> None:
    spelled, plain = read('{ "b": 1.0,\n "a": "\\u00e9" }'), read('{"a":"é","b":1}')
    assert spelled.call.input_digest == plain.call.input_digest == sha256(canonical({"a": "é", "b": 1}))


def test_the_models_own_spelling_is_kept_for_the_history() -> None:
    assert read('{ "a": 1.0 }').input == '{ "a": 1.0 }'


def test_an_input_cannot_be_changed_at_any_depth() -> None:
    given: Any = read('{"a":{"b":[{"c":1}]}}').call.input
    with pytest.raises(TypeError):
        given["a"]["b"][0]["c"] = 2


UNREADABLE = [
    "{",
    '{"a":1,"a":2}',
    "[]",
    "7",
    '"x"',
    "{}{}",
    '{"a":NaN}',
    '{"a":1e999}',
    '{"a":9007199254740993}',
    "",
    " ",
    '{"a":"\\ud800"}',
    "[" * 100 + "]" * 100,
]


@pytest.mark.parametrize("text", UNREADABLE)
def test_an_input_without_one_reading_is_a_problem_and_empty(text: str) -> None:
    call = read(text).call
    assert dict(call.input) == {}
    assert call.problem.startswith("input is not ")


@pytest.mark.parametrize("text", UNREADABLE)
def test_an_input_without_one_reading_is_digested_as_it_came(text: str) -> None:
    assert read(text).call.input_digest == sha256(text.encode())


@pytest.mark.parametrize("text", UNREADABLE)
def test_an_input_without_one_reading_goes_back_as_an_empty_one(text: str) -> None:
    assert read(text).input == "{}"


def test_a_flaw_of_the_answer_is_the_problem_and_empties_the_input() -> None:
    held = read('{"a":1}', flaw="input was said twice")
    assert (held.call.problem, dict(held.call.input), held.input) == ("input was said twice", {}, "{}")


@pytest.mark.parametrize("mark", [REFUSED, ANSWERED])
def test_a_tool_name_of_occasios_own_is_a_problem(mark: str) -> None:
    assert read(name=f"{mark}Read").call.problem == "reserved tool name"


@pytest.mark.parametrize("value", ["", None, 7, ["x"], "n" * (NAME_LIMIT + 1)])
@pytest.mark.parametrize("member", ["id", "name"])
def test_a_call_without_a_usable_id_or_name_is_the_providers_fault(member: str, value: Any) -> None:
    with pytest.raises(UpstreamProtocolError, match=f"a tool call whose {member} cannot be used"):
        read(**{member: value})


def test_a_name_may_be_as_long_as_the_limit() -> None:
    assert read(name="n" * NAME_LIMIT).call.problem == ""


def test_a_protocol_may_say_the_id_and_the_tool_where_it_likes() -> None:
    held = reader().read({"call_id": "x"}, "{}", "", 0, call="c", tool="t")
    assert (held.call.call, held.call.tool) == ("c", "t")


# Ids that come again


def test_an_id_that_comes_again_is_a_problem() -> None:
    calls = reader()
    assert [held_by(calls, index=index).call.problem for index in range(2)] == ["", "duplicate call id"]


def test_an_id_that_the_history_knows_is_a_problem() -> None:
    assert held_by(reader({"toolu_1"})).call.problem == "duplicate call id"


def test_an_id_that_another_exchange_of_the_run_used_is_a_problem() -> None:
    memory = CallMemory()
    first, second = (CallReader(ORIGIN, memory, ()) for _ in range(2))
    held_by(first)
    assert held_by(second).call.problem == "duplicate call id"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["a", "a_2", "a_3", "b"]), max_size=8), st.sets(st.sampled_from(["a", "a_2", "b_2"])))
def test_no_two_calls_are_shown_under_one_id(ids: list[str], earlier: set[str]) -> None:
    calls = reader(earlier)
    shown = [held_by(calls, id=call).shown_id for call in ids]
    assert len(shown) == len({*shown} - earlier)


def test_rows_name_a_call_as_the_provider_does() -> None:
    held = held_by(reader({"toolu_1"}))
    assert (held.call.call, held.shown_id) == ("toolu_1", "toolu_1_2")


def test_contents_are_not_in_the_representation() -> None:
    held = held_by(reader(), SECRET_INPUT, raw=SECRET_INPUT.encode(), input={"p": ".ssh"})
    assert "ssh" not in repr(held)
