"""The scripted model spells a turn as OpenAI's APIs do, streamed and whole alike."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from occasio_core.scripted.openai import completion, completion_stream, response, response_stream, turns
from occasio_core.scripted.turn import Call, Document, Turn

TURN = Turn(
    thinking="hm",
    text="I look.",
    calls=[Call("exec_command", {"cmd": "ls é"}, "call_1"), Call("apply_patch", "*** Begin", "call_2")],
)
WHOLE = response(TURN, model="m", serial="7")
COMPLETION = completion(TURN, model="m", serial="7")


def data(stream: Iterable[bytes]) -> list[Document]:
    lines = b"".join(stream).decode().split("\n")
    return [json.loads(line[6:]) for line in lines if line.startswith("data: {")]


@pytest.mark.parametrize("chunk", [0, 1, 3])
def test_the_events_of_a_response_say_what_the_whole_says(chunk: int) -> None:
    events = data(response_stream(WHOLE, chunk=chunk))
    done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert done == WHOLE["output"] == events[-1]["response"]["output"]
    said = [event["delta"] for event in events if event["type"] == "response.function_call_arguments.delta"]
    assert json.loads("".join(said)) == {"cmd": "ls é"}
    assert [event["sequence_number"] for event in events] == [*range(len(events))]


def test_a_response_has_its_kinds_in_order() -> None:
    assert [item["type"] for item in WHOLE["output"]] == ["reasoning", "message", "function_call", "custom_tool_call"]


def test_the_models_turns_are_counted_by_what_stands_between_them() -> None:
    user, result = {"type": "message", "role": "user"}, {"type": "function_call_output"}
    assert turns([user]) == 0
    assert turns([user, *WHOLE["output"], result, result]) == 1
    assert turns([user, *WHOLE["output"], result, *WHOLE["output"], user]) == 2


@pytest.mark.parametrize("chunk", [0, 1, 3])
def test_the_events_of_a_completion_say_what_the_whole_says(chunk: int) -> None:
    deltas = [choice["delta"] for one in data(completion_stream(COMPLETION, chunk=chunk)) for choice in one["choices"]]
    assert "".join(delta.get("content") or "" for delta in deltas) == "I look."
    parts = [part for delta in deltas for part in delta.get("tool_calls", [])]
    text = "".join(part["function"]["arguments"] for part in parts if part["index"] == 0)
    assert json.loads(text) == {"cmd": "ls é"}
    assert [part["id"] for part in parts if "id" in part] == ["call_1", "call_2"]


def test_a_completion_ends_with_its_cost_and_the_word_done() -> None:
    stream = list(completion_stream(COMPLETION))
    assert json.loads(stream[-2][6:])["usage"] == COMPLETION["usage"]
    assert stream[-1] == b"data: [DONE]\n\n"
