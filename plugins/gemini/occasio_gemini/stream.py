"""An answer that comes as an event stream: each event is an answer of its own, and its calls are whole.

Text goes on at once; an event with calls waits until all of them are decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from occasio_core import (
    CallReader,
    EventReader,
    Found,
    Held,
    InOrder,
    Json,
    JsonPath,
    Slot,
    StreamEvent,
    event_body,
    rewritten,
    spans,
    spliced,
    written,
)
from occasio_gemini.parts import calls_in, shown
from occasio_gemini.usage import GeminiTally

_OF_EVERY_EVENT = ("modelVersion", "responseId")


@dataclass(slots=True)
class _Waiting:
    """An event whose calls are not all decided."""

    event: StreamEvent
    slot: Slot
    undecided: int
    edits: dict[JsonPath, str] = field(default_factory=dict, repr=False)

    def rendered(self) -> bytes:
        if not self.edits or self.event.data is None:
            return self.event.raw
        return rewritten(self.event, spliced(self.event.data.decode("utf-8"), self.edits))


class StreamAnswer:
    """Passes events on and holds those with calls."""

    def __init__(self, reader: CallReader) -> None:
        self.tally = GeminiTally()
        self._reader = reader
        self._events = EventReader()
        self._order = InOrder()
        self._held: list[tuple[_Waiting, JsonPath]] = []  # for each call, its event and its place there
        self._count = 0
        self._said: Mapping[str, Json] = {}

    @property
    def patience(self) -> bytes:
        """An event that adds nothing; a comment would confuse the provider's own library."""
        common = {name: self._said[name] for name in _OF_EVERY_EVENT if name in self._said}
        content: Json = {"role": "model", "parts": [{"text": ""}]}
        return f"data: {written({'candidates': [{'content': content, 'index': 0}], **common})}\n\n".encode()

    def receive(self, data: bytes, /) -> Iterator[bytes | Held]:
        """Yield events and calls, in order.  Raises `UpstreamProtocolError`."""
        for event in self._events.feed(data):
            yield from self._take(event)

    def finish(self) -> Iterator[bytes | Held]:
        """Yield what only the end completes; an unfinished event is not passed on."""
        for event in self._events.close():
            yield from self._take(event)

    def release(self, held: Held, /) -> bytes:
        """Return nothing, or if this was the last call of its event, the event and what waited behind it."""
        return self._decided(self._held[held.index][0])

    def withdraw(self, held: Held, prefix: str, /) -> bytes:
        """As `release`, the call in a form that the agent cannot run."""
        waiting, path = self._held[held.index]
        waiting.edits[path] = written(shown(held, prefix))
        return self._decided(waiting)

    def _decided(self, waiting: _Waiting) -> bytes:
        waiting.undecided -= 1
        return b"" if waiting.undecided else self._order.fill(waiting.slot, waiting.rendered())

    def _take(self, event: StreamEvent) -> Iterator[bytes | Held]:
        body = event_body(event)
        self._note(body)
        found = list(calls_in(body, (), str(self._count)))
        self._count += 1
        if not found:
            if ready := self._order.put(event.raw):
                yield ready
            return
        waiting = _Waiting(event, self._order.hold(), len(found))
        self._order.keep(waiting.slot, event.raw)
        yield from self._read(event, waiting, found)

    def _read(self, event: StreamEvent, waiting: _Waiting, found: list[Found]) -> list[Held]:
        text = (event.data or b"").decode("utf-8")
        inputs = spans(text, [one.input for one in found if isinstance(one.input, tuple)])
        held = []
        for one in found:
            start, end = inputs[one.input] if isinstance(one.input, tuple) else (0, 0)
            given = one.input if isinstance(one.input, str) else text[start:end]
            index = len(self._held)
            self._held.append((waiting, one.path))
            read, done = self._reader.read, one.done_by_provider
            held.append(read(one.block, given, one.flaw, index, call=one.call, tool=one.tool, done_by_provider=done))
        return held

    def _note(self, body: Mapping[str, Json]) -> None:
        if "candidates" in body:
            self._said = body
        self.tally.note_message(dict(body))
        candidates = body.get("candidates")
        for candidate in candidates if isinstance(candidates, list) else []:
            if isinstance(candidate, dict) and candidate.get("finishReason") is not None:
                self.tally.complete = True
