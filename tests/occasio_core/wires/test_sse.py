"""The reader of event streams: whole events, their own bytes, and nothing that depends on how they were split."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from occasio_core.errors import UpstreamProtocolError
from occasio_core.wires.sse import EventReader, StreamEvent

LINES = st.sampled_from(
    [b"", b"data: a", b"data:b", b"data", b"data:  c", b": note", b"event: e", b"id: 1", b"retry: 5", b"data: \xff\xfe"]
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
STREAMS = st.lists(st.tuples(LINES, ENDS), max_size=12).map(lambda lines: b"".join(line + end for line, end in lines))


def read(*pieces: bytes, limit: int = 1 << 20) -> tuple[list[StreamEvent], str]:
    """Return the events of a stream that came in these pieces, and what was wrong with it."""
    reader = EventReader(limit)
    events = []
    try:
        for piece in pieces:
            events.extend(reader.feed(piece))
        events.extend(reader.close())
    except UpstreamProtocolError as error:
        return events, str(error)
    return events, ""


def data(stream: bytes) -> list[bytes]:
    return [event.data for event in read(stream)[0] if event.data is not None]


def test_an_event_has_its_name_its_data_and_its_bytes() -> None:
    assert read(b"event: ping\ndata: {}\n\n") == ([StreamEvent(b"event: ping\ndata: {}\n\n", b"ping", b"{}")], "")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_each_kind_of_line_end_ends_a_line(end: bytes) -> None:
    assert data(end.join([b"data: a", b"", b"data: b", b"", b""])) == [b"a", b"b"]


def test_the_kinds_of_line_ends_can_be_mixed() -> None:
    assert data(b"data: a\r\n\rdata: b\n\r\n") == [b"a", b"b"]


def test_several_data_lines_are_one_text_with_line_feeds() -> None:
    assert data(b"data: a\ndata\ndata: b\n\n") == [b"a\n\nb"]


def test_one_space_after_the_colon_is_not_part_of_the_value() -> None:
    assert data(b"data:a\n\ndata: a\n\ndata:  a\n\n") == [b"a", b"a", b" a"]


def test_a_byte_order_mark_is_passed_over_at_the_start_only() -> None:
    assert data(b"\xef\xbb\xbfdata: a\n\n") == [b"a"]
    assert "no event stream" in read(b"data: a\n\n\xef\xbb\xbfdata: b\n\n")[1]


def test_a_comment_does_not_wait_for_an_event() -> None:
    assert [event.raw for event in EventReader().feed(b": still here\ndata: a")] == [b": still here\n"]


def test_a_comment_inside_of_an_event_stays_with_it() -> None:
    assert [event.raw for event in EventReader().feed(b"event: e\n: note\ndata: a\n\n")] == [
        b"event: e\n: note\ndata: a\n\n"
    ]


def test_a_carriage_return_at_the_end_of_a_piece_waits_for_its_line_feed() -> None:
    reader = EventReader()
    assert list(reader.feed(b"data: a\r\n\r")) == []
    assert [event.raw for event in reader.feed(b"\n")] == [b"data: a\r\n\r\n"]


def test_an_unfinished_event_is_dropped_at_the_end() -> None:
    assert read(b"data: a\n\ndata: b\n") == ([StreamEvent(b"data: a\n\n", b"", b"a")], "")


@pytest.mark.parametrize("line", [b"{", b'"data": 1', b" data: a", b"Data: a", b"\x00"])
def test_a_line_of_something_else_is_the_senders_fault(line: bytes) -> None:
    assert "no event stream" in read(line + b"\n")[1]


@pytest.mark.parametrize("stream", [b"data: " + b"a" * 64, b"data: a\n" * 9, b": " + b"a" * 64 + b"\n\n"])
def test_an_event_beyond_the_limit_is_the_senders_fault(stream: bytes) -> None:
    assert "more than 64 bytes" in read(stream, limit=64)[1]


@given(STREAMS, st.lists(st.integers(0, 150), max_size=6))
@settings(deadline=None, max_examples=300)
def test_any_splitting_gives_the_same_events(stream: bytes, cuts: list[int]) -> None:
    at = [0, *sorted(cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(at)]
    assert read(*pieces) == read(stream) == read(*(bytes([byte]) for byte in stream))


@given(STREAMS)
@settings(deadline=None, max_examples=200)
def test_the_events_bytes_are_the_stream(stream: bytes) -> None:
    stream += b"\n\n"  # nothing is left unfinished
    assert b"".join(event.raw for event in read(stream)[0]) == stream


@given(st.binary(max_size=200), st.integers(0, 200))
@example(b"\xef\xbb", 1)
@example(b"\r\r\n\n\r", 3)
@settings(deadline=None, max_examples=500)
def test_garbage_is_refused_alike_however_it_is_split(garbage: bytes, cut: int) -> None:
    assert read(garbage[:cut], garbage[cut:], limit=50) == read(garbage, limit=50)
