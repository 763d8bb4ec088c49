"""The scripted model speaks as the Messages API does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core.scripted.anthropic import event, message, stream
from occasio_core.scripted.turn import Call, Document, Turn
from tests.occasio_core.scripted.stream import assembled, events

BLOCKS = st.lists(
    st.one_of(
        st.builds(lambda text: {"type": "text", "text": text}, st.text()),
        st.builds(lambda text: {"type": "thinking", "thinking": text, "signature": "c2ln"}, st.text()),
        st.builds(
            lambda given: {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": given},
            st.dictionaries(st.text(), st.text() | st.integers() | st.none()),
        ),
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=60)
@given(blocks=BLOCKS, chunk=st.integers(0, 5), pings=st.integers(0, 3))
def test_the_deltas_add_up_to_the_message_whatever_their_size(blocks: list[Document], chunk: int, pings: int) -> None:
    whole = message(Turn(blocks=blocks), model="m", serial="1")
    parsed = events(b"".join(stream(whole, chunk=chunk, pings=pings)))
    assert assembled(parsed) == blocks


def test_a_stream_opens_and_ends_as_the_api_does() -> None:
    whole = message(Turn(text="hello"), model="m", serial="1")
    assert [data["type"] for data in events(b"".join(stream(whole)))] == [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_thinking_comes_before_text_and_text_before_calls() -> None:
    turn = Turn(calls=[Call("Read", {"file_path": "/f"}, id="toolu_a")], text="reading", thinking="a file")
    assert message(turn, model="m", serial="1")["content"] == [
        {"type": "thinking", "thinking": "a file", "signature": turn.signature},
        {"type": "text", "text": "reading"},
        {"type": "tool_use", "id": "toolu_a", "name": "Read", "input": {"file_path": "/f"}},
    ]


@pytest.mark.parametrize(
    ("turn", "reason"),
    [
        (Turn(text="hello"), "end_turn"),
        (Turn(calls=[Call("Read")]), "tool_use"),
        (Turn(calls=[Call("Read")], stop_reason="max_tokens"), "max_tokens"),
    ],
)
def test_the_stop_reason_follows_from_the_content_unless_it_is_given(turn: Turn, reason: str) -> None:
    assert message(turn, model="m", serial="1")["stop_reason"] == reason


def test_an_event_is_named_by_its_type() -> None:
    assert event({"type": "ping"}) == b'event: ping\ndata: {"type":"ping"}\n\n'
