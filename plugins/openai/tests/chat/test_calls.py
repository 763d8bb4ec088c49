"""The three forms of a call: what each says, and what the agent sees of it instead."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_core import REFUSED, CallMemory, CallReader, Held, Origin, SessionId, Withdrawn
from occasio_openai.chat.calls import is_function_call, made_id, marked_id, read, read_function_call, restored, shown

ORIGIN = Origin(session=SessionId("session-1"), agent="a", protocol="openai-chat", cwd="/work")
FUNCTION = {"id": "c", "type": "function", "function": {"name": "bash", "arguments": '{"x":1}'}}
CUSTOM = {"id": "c", "type": "custom", "custom": {"name": "patch", "input": "x"}}
OLD = {"name": "bash", "arguments": '{"x":1}'}


def held(block: dict[str, Any], tool: str) -> Held:
    return CallReader(ORIGIN, CallMemory(), ()).read(block, "{}", "", 0, call="c", tool=tool)


def test_each_form_says_its_id_its_tool_and_its_input() -> None:
    said = [read(FUNCTION), read(CUSTOM), read_function_call(OLD, "made")]
    assert [(one.call, one.tool, one.input) for one in said] == [
        ("c", "bash", '{"x":1}'),
        ("c", "patch", '{"input":"x"}'),
        ("made", "bash", '{"x":1}'),
    ]


def test_nothing_of_the_input_is_in_a_withdrawn_call() -> None:
    assert shown(held(FUNCTION, "bash"), REFUSED)["function"] == {"name": "occasio_refused__bash", "arguments": "{}"}
    assert shown(held(CUSTOM, "patch"), REFUSED)["custom"] == {"name": "occasio_refused__patch", "input": ""}


def test_the_old_form_carries_the_id_that_it_goes_by() -> None:
    seen = shown(held(OLD, "bash"), REFUSED)
    assert seen["name"] == "occasio_refused__bash"
    assert marked_id(seen) == "c"
    assert [is_function_call(call) for call in (OLD, FUNCTION, CUSTOM)] == [True, False, False]


@pytest.mark.parametrize("arguments", [None, "", "{", "[]", '{"occasio_call":7}'])
def test_what_has_no_mark_goes_by_no_id(arguments: Any) -> None:
    assert marked_id({"name": "bash", "arguments": arguments}) == ""


def test_an_id_is_made_of_the_answer_and_the_choice() -> None:
    assert len({made_id("a", 0), made_id("a", 0), made_id("a", 1), made_id("b", 0)}) == 3


def test_a_call_that_was_forgotten_gets_its_name_alone() -> None:
    lost = Withdrawn(tool="bash", input=None, result="", is_error=True)
    seen = {**FUNCTION, "function": {"name": "occasio_refused__bash", "arguments": "{}"}}
    assert restored(seen, lost) == '{"id":"c","type":"function","function":{"name":"bash","arguments":"{}"}}'
