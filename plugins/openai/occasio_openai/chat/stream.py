"""An answer that comes as an event stream: text goes on at once, calls wait until all of them are there and decided.

A call has no event that ends it.  Some agents start it as soon as its input can be read, others at the end; so from the
first piece of the first call on everything waits, until the choice says that it is finished or the stream ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from occasio_core import (
    CallReader,
    EventReader,
    Held,
    InOrder,
    Json,
    StreamEvent,
    UpstreamProtocolError,
    event_body,
    written,
)
from occasio_openai.chat.calls import shown
from occasio_openai.chat.document import objects
from occasio_openai.chat.group import Group, index_of
from occasio_openai.usage import ChatTally

_OF_EVERY_EVENT = ("id", "object", "created", "model", "system_fingerprint")


class StreamAnswer:
    """Passes events on and holds calls.  With `hides_usage` the agent does not get the event that says the cost."""

    def __init__(self, reader: CallReader, *, hides_usage: bool = False) -> None:
        self.tally = ChatTally()
        self._reader = reader
        self._hides_usage = hides_usage
        self._events = EventReader()
        self._order = InOrder()
        self._group: Group | None = None
        self._held: list[tuple[Group, int]] = []  # for each call, its group and its place there
        self._finished: set[int] = set()  # the choices that are
        self._said: Mapping[str, Json] = {}

    @property
    def patience(self) -> bytes:
        """An event that adds nothing: comments alone do not keep every agent waiting."""
        common = {name: self._said[name] for name in _OF_EVERY_EVENT if name in self._said}
        choice: Json = {"index": 0, "delta": {}, "finish_reason": None}
        return f"data: {written({**common, 'choices': [choice]})}\n\n".encode()

    def receive(self, data: bytes, /) -> Iterator[bytes | Held]:
        """Yield events and calls, in order.  Raises `UpstreamProtocolError`."""
        for event in self._events.feed(data):
            yield from self._take(event)

    def finish(self) -> Iterator[bytes | Held]:
        """Yield what only the end completes.  Raises `UpstreamProtocolError` if a call is unfinished."""
        for event in self._events.close():
            yield from self._take(event)
        if self._group is not None:
            raise UpstreamProtocolError("the answer ended in the middle of a tool call")

    def release(self, held: Held, /) -> bytes:
        """Return nothing, or if this was the last call of those that wait, all that waited."""
        return self._decided(self._held[held.index][0])

    def withdraw(self, held: Held, prefix: str, /) -> bytes:
        """As `release`, the call in a form that the agent cannot run."""
        group, position = self._held[held.index]
        group.withdraw(position, shown(held, prefix))
        return self._decided(group)

    def _decided(self, group: Group) -> bytes:
        group.undecided -= 1
        return b"" if group.undecided else self._order.fill(group.slot, group.rendered())

    def _take(self, event: StreamEvent) -> Iterator[bytes | Held]:
        body = event_body(event)
        is_end = event.data == b"[DONE]"
        self._note(body)
        if is_end:
            self.tally.complete = True
            yield from self._end_of_calls()
        if self._hides_usage and body.get("choices") == [] and "usage" in body:
            return
        choices = objects(body.get("choices"), "choices")
        self._require_readable(choices)
        if self._group is None and any(map(_has_calls, choices)):
            self._group = Group(self._order.hold())
        if self._group is None:
            self._finished |= {index_of(choice) for choice in choices if choice.get("finish_reason") is not None}
            if ready := self._order.put(event.raw):
                yield ready
            return
        self._order.keep(self._group.slot, event.raw)
        self._group.add(event, body)
        self._finished |= {index_of(choice) for choice in choices if choice.get("finish_reason") is not None}
        if not self._group.is_open:
            yield from self._end_of_calls()

    def _end_of_calls(self) -> Iterator[Held]:
        """Yield the calls that wait: nothing more of them can come."""
        group, self._group = self._group, None
        if group is not None:
            held = list(group.read(self._reader, len(self._held)))
            self._held += [(group, position) for position in range(len(held))]
            yield from held

    def _note(self, body: Mapping[str, Json]) -> None:
        if "choices" in body:
            self._said = body
        if isinstance(body.get("usage"), dict):
            self.tally.note_message(dict(body))
        elif self.tally.model is None and isinstance(model := body.get("model"), str):
            self.tally.model = model

    def _require_readable(self, choices: list[dict[str, Json]]) -> None:
        for choice in choices:
            message = choice.get("message")
            if isinstance(message, dict) and _has_calls({"delta": message}):
                # some agents read there what belongs into a delta
                raise UpstreamProtocolError("the answer has a call outside of a delta")
            if _has_calls(choice) and index_of(choice) in self._finished:
                raise UpstreamProtocolError("the answer goes on with a choice that is finished")
            if choice.get("finish_reason") is not None:
                self.tally.complete = True


def _has_calls(choice: Mapping[str, Json]) -> bool:
    delta = choice.get("delta")
    return isinstance(delta, dict) and (bool(delta.get("tool_calls")) or delta.get("function_call") is not None)
