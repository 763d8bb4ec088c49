"""What a scripted model says: turns with calls, failures, and raw bodies.

Only nouns.  Knows no protocol, no socket and no agent.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]  # a parsed JSON object: the one place where tests look into untyped data


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call; without an `id` it gets one that is unique in this server.

    An input that is a text is that of a custom tool, which only OpenAI's protocols have.
    """

    name: str
    input: Document | str = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of the model, streamed or not as the request asks; `blocks` replace thinking, text and calls."""

    thinking: str = ""
    signature: str = "c2lnbmF0dXJl"
    text: str = ""
    calls: Sequence[Call] = ()
    blocks: Sequence[Document] = ()
    stop_reason: str = ""  # empty: tool_use if there is a call, else end_turn
    usage: Mapping[str, int] = field(default_factory=dict)
    chunk: int = 0  # characters in a delta; 0: each block in one
    pings: int = 1
    cut_after: int | None = None  # events, then the connection is closed
    gzip: bool = False  # compress, if the client accepts it
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An HTTP error in the API's own form."""

    status: int
    message: str = "scripted"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A body as it is, one write for each piece; an Event among the pieces is waited for.

    With `complete` false the connection is closed where the body's end would be announced.
    """

    pieces: Sequence[bytes | threading.Event]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "text/event-stream; charset=utf-8"})
    complete: bool = True


Answer = Turn | Failure | Raw
DONE = Turn(text="done")
