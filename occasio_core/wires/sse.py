"""Reads an event stream (WHATWG HTML, section 9.2) as it arrives, and keeps the bytes each event came in.

Knows lines and fields.  Does not know JSON, models or tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from occasio_core.errors import UpstreamProtocolError

EVENT_LIMIT = 16 << 20  # bytes of one event, its line ends included

_LINE_END = re.compile(rb"\r\n|\n|\r")
_COMMON = re.compile(rb"(?:event: ([^\r\n]*+)\n)?+data: ([^\r\n]*+)\n\n")  # how nearly every event is written
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event, or what stands between two; `data` is None where there is none.

    `raw` is exactly what came: the events' `raw`, one after the other, are the stream.
    """

    raw: bytes = field(repr=False)
    name: bytes = b""
    data: bytes | None = field(default=None, repr=False)


class EventReader:
    """Cuts a stream into events.  How the bytes are split on their way makes no difference.

    `plain` may be set at any time to what matches whole events that need not be read.  As many of these as have come
    are yielded as one, without name and data.
    """

    def __init__(self, limit: int = EVENT_LIMIT) -> None:
        self.plain: re.Pattern[bytes] | None = None
        self._limit = limit
        self._buffer = bytearray()
        self._start = 0  # where the unfinished event begins
        self._line = 0  # where the unfinished line begins
        self._searched = 0  # no line ends before here
        self._at_start = True
        self._forget()

    def feed(self, data: bytes) -> Iterator[StreamEvent]:
        """Yield the events that `data` completes.

        Raises `UpstreamProtocolError` for an event beyond the limit and for a line that no event stream has.
        """
        self._buffer += data
        yield from self._events(at_end=False)
        del self._buffer[: self._start]
        self._line, self._searched, self._start = self._line - self._start, self._searched - self._start, 0
        if len(self._buffer) > self._limit:
            raise _too_long(self._limit)

    def close(self) -> Iterator[StreamEvent]:
        """Yield what only the end of the stream completes; an unfinished event is dropped, as section 9.2.6 has it."""
        yield from self._events(at_end=True)

    def _events(self, at_end: bool) -> Iterator[StreamEvent]:
        while True:
            # once for each event: what is tried again whenever a piece comes would cost the square of the pieces
            if self._searched == self._start and not self._at_start and (event := self._whole()) is not None:
                yield event
                continue
            if (line_end := self._line_end(at_end)) is None:
                return
            line = bytes(self._buffer[self._line : line_end.start()])
            self._line = self._searched = line_end.end()
            if self._line - self._start > self._limit:
                raise _too_long(self._limit)
            if self._ends_event(line):
                yield self._cut()

    def _whole(self) -> StreamEvent | None:
        """Return what begins here, if it is whole and in the common form: found at once, not line by line."""
        if self.plain is not None and (found := self.plain.match(self._buffer, self._start)) is not None:
            event = StreamEvent(found.group())
        elif (found := _COMMON.match(self._buffer, self._start)) is not None:
            event = StreamEvent(found.group(), found.group(1) or b"", found.group(2))
        else:
            return None
        if len(event.raw) > self._limit:
            return None
        self._start = self._line = self._searched = found.end()
        return event

    def _line_end(self, at_end: bool) -> re.Match[bytes] | None:
        found = _LINE_END.search(self._buffer, self._searched)
        if found is None:
            self._searched = len(self._buffer)
        elif not at_end and found.group() == b"\r" and found.end() == len(self._buffer):
            self._searched = found.start()  # the next byte may be the other half of CR LF
            return None
        return found

    def _ends_event(self, line: bytes) -> bool:
        if self._at_start:
            line = line.removeprefix(_BOM)
            self._at_start = False
        if not line:
            return True
        name, _, value = line.partition(b":")
        if name:
            self._take_field(name, value.removeprefix(b" "))
            return False
        # a comment keeps the connection alive: it waits for an event only inside of one
        return not self._has_fields

    def _take_field(self, name: bytes, value: bytes) -> None:
        self._has_fields = True
        match name:
            case b"data":
                self._data.append(value)
            case b"event":
                self._name = value
            case b"id" | b"retry":
                pass
            case _:
                # the standard ignores such a line; here it may be a document that calls itself an event stream
                raise UpstreamProtocolError("the answer has a line that no event stream has")

    def _cut(self) -> StreamEvent:
        raw = bytes(self._buffer[self._start : self._line])
        event = StreamEvent(raw, self._name, b"\n".join(self._data) if self._data else None)
        self._start = self._line
        self._forget()
        return event

    def _forget(self) -> None:
        self._has_fields = False
        self._name = b""
        self._data: list[bytes] = []


def _too_long(limit: int) -> UpstreamProtocolError:
    return UpstreamProtocolError(f"the answer has an event of more than {limit} bytes")
