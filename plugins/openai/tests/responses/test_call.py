"""A call in a stream is what its last event says, unless an agent could have read something else."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_core import Slot, UpstreamProtocolError
from occasio_openai.responses.call import ADDED, DONE, StreamedCall

ITEM = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "n", "arguments": "{}"}


def started() -> StreamedCall:
    call = StreamedCall(index=2, slot=Slot(), started=ITEM)
    call.hold({"type": ADDED, "sequence_number": 4, "item": ITEM})
    return call


def test_a_call_is_open_until_its_last_event() -> None:
    call = started()
    assert (call.is_open, call.item_id) == (True, "fc_1")
    call.hold({"type": DONE, "item": ITEM})
    assert not call.is_open


@pytest.mark.parametrize("name", ["type", "id", "call_id", "name", "namespace", "server_label"])
def test_what_the_first_and_the_last_event_say_must_be_the_same(name: str) -> None:
    with pytest.raises(UpstreamProtocolError, match=f"says the {name} of call 2 in two ways"):
        started().hold({"type": DONE, "item": {**ITEM, name: "other"}})


def test_events_of_another_item_keep_the_place_and_the_numbers() -> None:
    call = started()
    call.hold({"type": DONE, "sequence_number": 9, "item": ITEM})
    events: Any = call.events({**ITEM, "name": "other"}).split(b"\n\n")[:-1]
    assert len(events) == 4
    assert all(b'"output_index":2' in event for event in events)
    assert [b'"sequence_number":4' in event for event in events] == [True, True, False, False]
