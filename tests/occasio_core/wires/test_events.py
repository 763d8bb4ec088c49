"""An event says one thing, or is the provider's fault."""

from __future__ import annotations

import pytest

from occasio_core.errors import UpstreamProtocolError
from occasio_core.wires.events import event_body, event_bytes, rewritten
from occasio_core.wires.sse import EventReader, StreamEvent


def test_an_event_says_its_object() -> None:
    assert event_body(StreamEvent(b"", b"ping", b'{"type":"ping"}')) == {"type": "ping"}


@pytest.mark.parametrize("data", [None, b"[DONE]"])
def test_what_has_no_object_says_nothing(data: bytes | None) -> None:
    assert event_body(StreamEvent(b"", b"", data)) == {}


def test_an_event_without_a_name_has_any_type() -> None:
    assert event_body(StreamEvent(b"", b"", b'{"choices":[]}')) == {"choices": []}


@pytest.mark.parametrize("data", [b"{", b"[]", b"7", b'{"type":"a","type":"a"}', b"\xff"])
def test_what_has_not_one_reading_is_the_providers_fault(data: bytes) -> None:
    with pytest.raises(UpstreamProtocolError):
        event_body(StreamEvent(b"", b"", data))


@pytest.mark.parametrize("data", [b'{"type":"a"}', b"{}", b'{"type":7}'])
def test_a_name_that_is_not_the_type_is_the_providers_fault(data: bytes) -> None:
    with pytest.raises(UpstreamProtocolError, match="two types"):
        event_body(StreamEvent(b"", b"b", data))


def test_a_written_event_is_read_as_one() -> None:
    (event,) = EventReader().feed(event_bytes("é", {"index": 1}))
    assert (event.name.decode(), event_body(event)) == ("é", {"type": "é", "index": 1})


def test_an_event_can_say_something_else_under_its_name() -> None:
    for came in (b'event: a\ndata: {"type":"a"}\n\n', b'data: {"x":\ndata: 1}\n\n'):
        (event,) = EventReader().feed(came)
        (changed,) = EventReader().feed(rewritten(event, '{"type":"a",\n"y":1}'))
        assert (changed.name, event_body(changed)) == (event.name, {"type": "a", "y": 1})
