"""An answer that comes as an event stream: text goes on at once, each tool call waits from its start to its end.

An agent starts a tool as soon as its block is complete, whatever follows; so nothing of a block may pass before it is
decided.  What decides that a block is a call is its type alone, never `stop_reason`.

A call that the provider carries out itself goes on as it comes, but for its last event: that waits until it is written
down.

Agents differ in how they put blocks together: by `index`, by order, by the last one started.  Where an answer would
not be the same call to all of them, it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from occasio_anthropic.calls import CALL, done_id, done_tool, is_done_by_provider, tool_of, withdrawn_block
from occasio_anthropic.usage import MessageTally
from occasio_core import (
    CallReader,
    EventReader,
    Held,
    Json,
    StreamEvent,
    UpstreamProtocolError,
    event_body,
    event_bytes,
    written,
)

HELD_LIMIT = 64 << 20  # bytes of one unfinished tool call


@dataclass(slots=True)
class _Unfinished:
    """A tool call whose end has not come; of one that the provider carries out nothing is held."""

    index: int
    block: Mapping[str, Json]
    raw: list[bytes] = field(default_factory=list)
    size: int = 0
    pieces: list[str] = field(default_factory=list)
    problem: str = ""

    def hold(self, raw: bytes) -> None:
        self.raw.append(raw)
        self.size += len(raw)
        self._check()

    def _check(self) -> None:
        if self.size > HELD_LIMIT:
            raise UpstreamProtocolError(f"the answer has a tool call of more than {HELD_LIMIT} bytes")

    def look(self, delta: Mapping[str, Json], raw: bytes) -> None:
        """Take a piece that goes on as it is."""
        self.size += len(raw)
        self._check()
        self.add(delta)

    def add(self, delta: Mapping[str, Json]) -> None:
        piece = delta.get("partial_json")
        if delta.get("type") == "input_json_delta" and isinstance(piece, str):
            self.pieces.append(piece)
        else:
            self.problem = "input came in an unknown way"

    def input(self) -> tuple[str, str]:
        """Return the input's text, and what is wrong with how it was said."""
        text, at_start = "".join(self.pieces), self.block.get("input")
        if at_start in (None, "", {}):
            return text or "{}", self.problem
        if text:
            return text, self.problem or "input was said twice"
        return written(at_start), self.problem


class StreamAnswer:
    """Passes events on and holds calls."""

    patience = b'event: ping\ndata: {"type": "ping"}\n\n'

    def __init__(self, calls: CallReader) -> None:
        self.tally = MessageTally()
        self._calls = calls
        self._reader = EventReader()
        self._call: _Unfinished | None = None
        self._done: dict[int, _Unfinished] = {}  # calls that the provider carries out, by index
        self._passing: set[int] = set()  # indexes of the blocks that go on as they come, until they stop
        self._last = -1

    def receive(self, data: bytes, /) -> Iterator[bytes | Held]:
        """Yield events and calls, in order.  Raises `UpstreamProtocolError`."""
        for event in self._reader.feed(data):
            yield from self._take(event)

    def finish(self) -> Iterator[bytes | Held]:
        """Yield what only the end completes.  Raises `UpstreamProtocolError` if a call is unfinished."""
        for event in self._reader.close():
            yield from self._take(event)
        for done in self._done.values():
            yield self._told(done, b"")  # it may be under way, whatever became of the answer
        self._require_no_unfinished()

    def release(self, held: Held, /) -> bytes:
        """Return the call's events as they came."""
        return held.raw

    def withdraw(self, held: Held, prefix: str, /) -> bytes:
        """Return three events that say the call in a form that the agent cannot run."""
        delta = {"type": "input_json_delta", "partial_json": "{}"}
        return b"".join(
            (
                event_bytes(
                    "content_block_start", {"index": held.index, "content_block": withdrawn_block(held, prefix)}
                ),
                event_bytes("content_block_delta", {"index": held.index, "delta": delta}),
                event_bytes("content_block_stop", {"index": held.index}),
            )
        )

    def _take(self, event: StreamEvent) -> Iterator[bytes | Held]:
        body = event_body(event)
        match body.get("type"):
            case "content_block_start":
                yield from self._on_start(event, body)
            case "content_block_delta":
                yield from self._on_delta(event, body)
            case "content_block_stop":
                yield from self._on_stop(event, body)
            case other:
                self._note(other, body)
                yield event.raw

    def _note(self, kind: Json, body: Mapping[str, Json]) -> None:
        match kind:
            case "message_start":
                self._on_message(body.get("message"))
            case "message_delta":
                self.tally.note_usage(body.get("usage"))
            case "message_stop":
                self._require_no_unfinished()
                self.tally.complete = True

    def _on_message(self, message: Json) -> None:
        if isinstance(message, dict) and message.get("content"):
            # some agents run what is already there, and none of it was held
            raise UpstreamProtocolError("the answer begins with content in it")
        self.tally.note_message(message)

    def _on_start(self, event: StreamEvent, body: Mapping[str, Json]) -> Iterator[bytes]:
        index, block = _index(body), _object(body, "content_block")
        if index <= self._last:
            raise UpstreamProtocolError(f"the answer starts block {index} after block {self._last}")
        self._last = index
        self._reader.plain = None
        if block.get("type") != CALL:
            self._passing.add(index)
            if is_done_by_provider(block):
                self._done[index] = _Unfinished(index, block)
            self._reader.plain = _pieces_of_text(index)
            yield event.raw
            return
        if self._call:
            raise UpstreamProtocolError(f"the answer starts tool call {index} inside of {self._call.index}")
        self._call = _Unfinished(index, block)
        self._call.hold(event.raw)

    def _on_delta(self, event: StreamEvent, body: Mapping[str, Json]) -> Iterator[bytes]:
        index, delta = _index(body), _object(body, "delta")
        if self._call and index == self._call.index:
            self._call.hold(event.raw)
            self._call.add(delta)
            return
        self._require_open(index)
        if delta.get("type") == "input_json_delta" and index != self._last:
            # an agent that counts blocks would add it to another one, perhaps a call that was decided without it
            raise UpstreamProtocolError(f"the answer adds input to block {index} after block {self._last} started")
        if index in self._done:
            self._done[index].look(delta, event.raw)
        yield event.raw

    def _on_stop(self, event: StreamEvent, body: Mapping[str, Json]) -> Iterator[bytes | Held]:
        index, call = _index(body), self._call
        if call and index == call.index:
            call.hold(event.raw)
            self._call = None
            block, raw = call.block, b"".join(call.raw)
            yield self._calls.read(block, *call.input(), index, raw, call=block.get("id"), tool=tool_of(block))
            return
        self._require_open(index)
        self._passing.remove(index)
        if index == self._last:
            self._reader.plain = None
        yield self._told(self._done.pop(index), event.raw) if index in self._done else event.raw

    def _told(self, done: _Unfinished, raw: bytes) -> Held:
        """Return a call that the provider carries out, with the event that ends it."""
        block, index = done.block, done.index
        call, tool = done_id(block, index), done_tool(block)
        return self._calls.read(block, *done.input(), index, raw, call=call, tool=tool, done_by_provider=True)

    def _require_open(self, index: int) -> None:
        if index not in self._passing:
            # after the end of a call this would change its input or run it again
            raise UpstreamProtocolError(f"the answer goes on with block {index}, which is not open")

    def _require_no_unfinished(self) -> None:
        if self._call:
            raise UpstreamProtocolError(f"the answer ended in the middle of tool call {self._call.index}")


# A string of JSON that every reader reads alike: no control character, no half of a surrogate pair, valid UTF-8.
_STRING = (
    rb'"(?:[ !#-\[\]-\x7f]++'
    rb"|\\(?:[\"\\/bfnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4})"
    rb"|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
    rb')*+"'
)


@lru_cache(maxsize=64)
def _pieces_of_text(index: int) -> re.Pattern[bytes]:
    """Return what matches events that add text to the block at `index`: most of an answer, and no reading needed."""
    return re.compile(
        rb'(?:event: content_block_delta\ndata: \{"type": ?"content_block_delta", ?"index": ?%d, ?"delta": ?'
        rb'\{"type": ?"(?:text_delta", ?"text|thinking_delta", ?"thinking)": ?%b *\} *\}\n\n)++' % (index, _STRING)
    )


def _index(body: Mapping[str, Json]) -> int:
    index = body.get("index")
    if type(index) is not int:
        raise UpstreamProtocolError("the answer has a content block without a number")
    return index


def _object(body: Mapping[str, Json], member: str) -> dict[str, Json]:
    value = body.get(member)
    if not isinstance(value, dict):
        raise UpstreamProtocolError(f"the answer has a content block without its {member}")
    return value
