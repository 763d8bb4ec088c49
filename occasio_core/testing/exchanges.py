"""For the tests of adapters: carries an answer through an exchange, and answers that every adapter must break off.

Imported by tests alone, those of other people's plugins too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol, TypeAlias

from occasio_core.errors import UpstreamProtocolError
from occasio_core.interfaces import Exchange
from occasio_core.model import RequestDone, ToolCall

Decide: TypeAlias = "Callable[[Exchange, ToolCall], bytes]"


@dataclass
class Seen:
    """What came out of one answer: the agent's bytes, and everything in order with neighbouring bytes in one."""

    agent: bytes = b""
    items: list[bytes | ToolCall] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    done: RequestDone | None = None
    error: str = ""

    def take(self, item: bytes | ToolCall) -> None:
        """Add bytes or a call."""
        if isinstance(item, ToolCall):
            self.calls.append(item)
        if isinstance(item, bytes) and self.items and isinstance(self.items[-1], bytes):
            self.items[-1] += item
        elif item:
            self.items.append(item)


def carried(exchange: Exchange, pieces: Iterable[bytes], decide: Decide | None = None) -> Seen:
    """Return what comes of an answer in `pieces`; every call is released unless `decide` says otherwise."""
    seen = Seen()

    def take(items: Iterable[bytes | ToolCall | RequestDone]) -> None:
        for item in items:
            if isinstance(item, RequestDone):
                seen.done = item
                continue
            seen.take(item)
            if isinstance(item, ToolCall):
                seen.agent += decide(exchange, item) if decide else exchange.release(item.call)
            else:
                seen.agent += item

    try:
        for piece in pieces:
            take(exchange.receive(piece))
        take(exchange.finish())
    except UpstreamProtocolError as error:
        seen.error = str(error)
    return seen


class Speaker(Protocol):
    """Says in one protocol, as events of a stream, what a hostile provider might say."""

    def text(self, index: int, text: str) -> bytes:
        """Return a text, whole."""

    def call(self, index: int, text: str, call: str = ..., name: str = ...) -> bytes:
        """Return a call of a tool, whole, its input given as JSON text."""

    def half(self, index: int) -> bytes:
        """Return a call without its end."""

    def named(self, call: object, name: object) -> bytes:
        """Return a call, whole, whose id and name are anything."""


# Whatever the protocol, these have no reading, or more than one.
HOSTILE: Mapping[str, Callable[[Speaker], bytes]] = MappingProxyType(
    {
        "a call without an id": lambda say: say.named(None, "Read"),
        "a call with an empty id": lambda say: say.named("", "Read"),
        "a call whose id is a number": lambda say: say.named(7, "Read"),
        "a call without a name": lambda say: say.named("call_1", None),
        "a call with an endless name": lambda say: say.named("call_1", "n" * 257),
        "an event that is not JSON": lambda say: b"data: {\n\n",
        "an event that is a list": lambda say: b"data: []\n\n",
        "an event that says its type twice": lambda say: b'data: {"type":"a","type":"b","choices":[]}\n\n',
        "an event with two types": lambda say: b'event: ping\ndata: {"type":"pong"}\n\n',
        "an endless line": lambda say: b"data: " + b"a" * (17 << 20),
        "a document that says it is a stream": lambda say: b'{\n "output": []\n}\n',
        "noise": lambda say: b"\x00\xff\x13garbage\n\n",
    }
)
