"""An answer that comes as an event stream: text goes on at once, each call waits from its first event to its last.

An agent starts a call when its `response.output_item.done` comes, whatever follows; some look once more at the list in
`response.completed`.  So nothing of a call may pass before it is decided, and that list says what was shown.

While a call waits, what came behind it waits too: agents count items in the order of their events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from occasio_core import (
    CallReader,
    EventReader,
    Held,
    InOrder,
    Json,
    JsonPath,
    Slot,
    StreamEvent,
    UpstreamProtocolError,
    event_body,
    event_bytes,
    rewritten,
    spliced,
    written,
)
from occasio_openai.responses.call import ADDED, DONE, PARTS, StreamedCall
from occasio_openai.responses.document import output_of
from occasio_openai.responses.items import call_id, is_call, is_done_by_provider, read_done, shown
from occasio_openai.usage import ResponsesTally

_BEGINNINGS = ("response.created", "response.in_progress", "response.queued")
_ENDS = ("response.completed", "response.done", "response.incomplete", "response.failed", "response.cancelled")


class StreamAnswer:
    """Passes events on and holds calls."""

    def __init__(self, reader: CallReader) -> None:
        self.tally = ResponsesTally()
        self._reader = reader
        self._events = EventReader()
        self._order = InOrder()
        self._response: Json = None
        self._calls: dict[int, StreamedCall] = {}  # all of this answer, by their places in it
        self._others: set[int] = set()  # the places of all other items
        self._told: list[Slot] = []  # of calls that the provider has carried out

    @property
    def patience(self) -> bytes:
        """An event that says nothing new: comments alone do not keep every agent waiting."""
        if not isinstance(self._response, dict):
            return b""
        return event_bytes("response.in_progress", {"response": self._response})

    def receive(self, data: bytes, /) -> Iterator[bytes | Held]:
        """Yield events and calls, in order.  Raises `UpstreamProtocolError`."""
        for event in self._events.feed(data):
            yield from self._take(event)

    def finish(self) -> Iterator[bytes | Held]:
        """Yield what only the end completes.  Raises `UpstreamProtocolError` if a call is unfinished."""
        for event in self._events.close():
            yield from self._take(event)
        self._require_no_unfinished()

    def release(self, held: Held, /) -> bytes:
        """Return the call's events as they came, and what waited behind it."""
        if held.call.done_by_provider:
            return self._order.fill(self._told[held.index], held.raw)
        call = self._calls[held.index]
        call.seen = held.block
        return self._order.fill(call.slot, held.raw)

    def withdraw(self, held: Held, prefix: str, /) -> bytes:
        """Return events that say the call in a form that the agent cannot run, and what waited behind it."""
        call = self._calls[held.index]
        call.seen = shown(held, prefix)
        return self._order.fill(call.slot, call.events(call.seen))

    def _take(self, event: StreamEvent) -> Iterator[bytes | Held]:
        body = event_body(event)
        call = self._call_of(body)
        if call is None:
            item = body.get("item")
            if body.get("type") == DONE and isinstance(item, dict) and is_done_by_provider(item):
                yield self._tell(event, item)
            elif ready := self._other(event, body):
                yield ready
            return
        call.hold(body)
        self._order.keep(call.slot, event.raw)
        if call.item is not None:
            yield call.read(self._reader)

    def _call_of(self, body: Mapping[str, Json]) -> StreamedCall | None:
        """Return the unfinished call that an event is a part of, just begun or not; None for any other event."""
        kind, index, item = body.get("type"), body.get("output_index"), body.get("item")
        is_of_a_call = kind in (ADDED, DONE) and isinstance(item, dict) and is_call(item)
        if is_of_a_call and type(index) is not int:
            raise UpstreamProtocolError("the answer has a call without its output_index")
        call = self._calls.get(index) if type(index) is int else self._named(body.get("item_id"))
        if call is None:
            if is_of_a_call and type(index) is int and isinstance(item, dict):
                return self._begun(index, item if kind == ADDED else None)
            if isinstance(kind, str) and kind.startswith(PARTS):
                raise UpstreamProtocolError("the answer has a part of a call that has not begun")
            return None
        if call.item is not None or kind == ADDED:
            # after its end, or begun anew, it would be another call, or run twice
            raise UpstreamProtocolError(f"the answer goes on with item {call.index}, which has ended or begins again")
        return call

    def _tell(self, event: StreamEvent, item: Mapping[str, Json]) -> Held:
        """Return a call that the provider has carried out: its last event waits until that is written down."""
        said, slot = read_done(item, len(self._told)), self._order.hold()
        self._order.keep(slot, event.raw)
        self._told.append(slot)
        index, done = len(self._told) - 1, True
        return self._reader.read(
            item, said.input, said.flaw, index, event.raw, call=said.call, tool=said.tool, done_by_provider=done
        )

    def _begun(self, index: int, item: Mapping[str, Json] | None) -> StreamedCall:
        if index in self._others:
            raise UpstreamProtocolError(f"the answer has a call in the place of item {index}")
        call = self._calls[index] = StreamedCall(index=index, slot=self._order.hold(), started=item)
        return call

    def _named(self, item_id: Json) -> StreamedCall | None:
        """Return the unfinished call whose item an event names without saying its place."""
        if not isinstance(item_id, str):
            return None
        return next((call for call in self._calls.values() if call.is_open and call.item_id == item_id), None)

    def _other(self, event: StreamEvent, body: Mapping[str, Json]) -> bytes:
        kind, response, index = body.get("type"), body.get("response"), body.get("output_index")
        if kind in (ADDED, DONE) and type(index) is int:
            self._others.add(index)
        if kind in _BEGINNINGS and isinstance(response, dict):
            self._response = response
            if any(map(is_call, output_of(response))):
                # some agents run what is already there, and none of it was held
                raise UpstreamProtocolError("the answer begins with a call in it")
        if kind in _ENDS:
            return self._ended(event, response)
        return self._order.put(event.raw)

    def _ended(self, event: StreamEvent, response: Json) -> bytes:
        self._require_no_unfinished()
        self.tally.complete = True
        if not isinstance(response, dict):
            return self._order.put(event.raw)
        self.tally.note_message(response)
        listed = self._listed(response)
        return self._order.put(lambda: _with_what_was_seen(event, listed), len(event.raw))

    def _listed(self, response: Mapping[str, Json]) -> list[tuple[int, Mapping[str, Json], StreamedCall]]:
        """Return each call in the response's list: where it stands there, its item, and the call that it repeats."""
        calls = iter(call for _, call in sorted(self._calls.items()))
        found: list[tuple[int, Mapping[str, Json], StreamedCall]] = []
        for position, item in enumerate(output_of(response)):
            if is_call(item):
                call = next((one for one in calls if call_id(one.item or {}) == call_id(item)), None)
                if call is None:
                    raise UpstreamProtocolError("the answer ends with a call that it did not make")
                found.append((position, item, call))
        return found

    def _require_no_unfinished(self) -> None:
        if unfinished := [call.index for call in self._calls.values() if call.is_open]:
            raise UpstreamProtocolError(f"the answer ended in the middle of call {unfinished[0]}")


def _with_what_was_seen(event: StreamEvent, listed: list[tuple[int, Mapping[str, Json], StreamedCall]]) -> bytes:
    """Return the last event, each call in its list as the agent was shown it."""
    edits: dict[JsonPath, str] = {
        ("response", "output", position): written(dict(call.seen))
        for position, item, call in listed
        if call.seen is not None and call.seen != item
    }
    if not edits or event.data is None:
        return event.raw
    return rewritten(event, spliced(event.data.decode("utf-8"), edits))
