"""The scripted model spells a turn as Google's API does, streamed and whole alike."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from occasio_core.scripted.gemini import generated, generated_stream
from occasio_core.scripted.turn import Call, Document, Turn

TURN = Turn(thinking="hm", text="I look.", calls=[Call("list", {"path": "é"}, "call_1"), Call("glob", {}, "call_2")])
WHOLE = generated(TURN, model="m", serial="7")


def data(stream: Iterable[bytes]) -> list[Document]:
    return [json.loads(line[6:]) for line in b"".join(stream).decode().split("\n") if line]


@pytest.mark.parametrize("chunk", [0, 1, 3])
def test_the_events_say_what_the_whole_says(chunk: int) -> None:
    events = data(generated_stream(WHOLE, chunk=chunk))
    parts = [part for event in events for part in event["candidates"][0]["content"]["parts"]]
    assert "".join(part["text"] for part in parts if part.get("text") and not part.get("thought")) == "I look."
    assert [part for part in parts if "functionCall" in part] == WHOLE["candidates"][0]["content"]["parts"][2:]
    assert events[-1]["usageMetadata"] == WHOLE["usageMetadata"]
    assert [event for event in events if "finishReason" in event["candidates"][0]] == events[-1:]


def test_the_first_call_of_a_turn_is_signed() -> None:
    signed = [part.get("thoughtSignature") for part in WHOLE["candidates"][0]["content"]["parts"]]
    assert signed == [None, None, TURN.signature, None]


def test_a_turn_without_anything_to_say_has_an_empty_text() -> None:
    assert generated(Turn(), model="m", serial="7")["candidates"][0]["content"]["parts"] == [{"text": ""}]
