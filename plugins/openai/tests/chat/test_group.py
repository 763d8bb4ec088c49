"""The calls of a stream, put together from their pieces."""

from __future__ import annotations

import json
from typing import Any

import pytest

from occasio_core import CallMemory, CallReader, Origin, SessionId, Slot, StreamEvent, UpstreamProtocolError
from occasio_openai.chat.group import Group, index_of

ORIGIN = Origin(session=SessionId("session-1"), agent="a", protocol="openai-chat", cwd="/work")


def add(group: Group, *parts: dict[str, Any], finish: str | None = None) -> bytes:
    body = {"choices": [{"index": 0, "delta": {"tool_calls": list(parts)}, "finish_reason": finish}]}
    data = json.dumps(body).encode()
    raw = b"data: " + data + b"\n\n"
    group.add(StreamEvent(raw, b"", data), body)
    return raw


def begun(number: int) -> dict[str, Any]:
    return {"index": number, "id": f"c{number}", "function": {"name": "n", "arguments": "{}"}}


def test_a_group_is_open_until_its_choice_is_finished() -> None:
    group = Group(Slot())
    add(group, begun(0))
    assert group.is_open
    add(group, finish="tool_calls")
    assert not group.is_open


def test_calls_are_numbered_on_from_those_before() -> None:
    group = Group(Slot())
    add(group, begun(0), begun(1))
    held = list(group.read(CallReader(ORIGIN, CallMemory(), ()), 5))
    assert ([one.index for one in held], group.undecided) == ([5, 6], 2)


def test_of_the_parts_of_an_event_only_the_withdrawn_ones_change() -> None:
    group = Group(Slot())
    first, second = add(group, begun(0), begun(1)), add(group, {"index": 1, "function": {"arguments": ""}})
    group.withdraw(0, {"id": "c0", "function": {"name": "other"}})
    data, same, _ = group.rendered().split(b"\n\n")
    shown = json.loads(data[6:])["choices"][0]["delta"]["tool_calls"]
    assert shown == [{"index": 0, "id": "c0", "function": {"name": "other"}}, begun(1)]
    assert same + b"\n\n" == second != first


@pytest.mark.parametrize("index", [None, "0", True])
def test_a_choice_without_a_number_is_the_providers_fault(index: Any) -> None:
    with pytest.raises(UpstreamProtocolError):
        index_of({"index": index})


def test_a_choice_that_says_no_number_is_the_first() -> None:
    assert index_of({}) == 0
