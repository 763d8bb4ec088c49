"""What a scripted model says, and how the Anthropic Messages API spells it: as one message or as server-sent events.

Knows no sockets and no agent; `scripted_model.py` serves it, and `script_openai.py` spells it in OpenAI's ways.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
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


def message(turn: Turn, *, model: str, serial: str) -> Document:
    """The turn as the Messages API returns it when the request does not stream."""
    content = list(turn.blocks or _content(turn, serial))
    used_tool = any(block["type"] == "tool_use" for block in content)
    return {
        "model": model,
        "id": f"msg_{serial}",
        "type": "message",
        "role": "assistant",
        "content": content,
        "stop_reason": turn.stop_reason or ("tool_use" if used_tool else "end_turn"),
        "stop_sequence": None,
        "usage": {
            "input_tokens": 10,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 5,
            **turn.usage,
        },
    }


def _content(turn: Turn, serial: str) -> Iterator[Document]:
    if turn.thinking:
        yield {"type": "thinking", "thinking": turn.thinking, "signature": turn.signature}
    if turn.text:
        yield {"type": "text", "text": turn.text}
    for number, call in enumerate(turn.calls):
        yield {
            "type": "tool_use",
            "id": call.id or f"toolu_{serial}{number:02}",
            "name": call.name,
            "input": call.input,
        }


def stream(whole: Document, *, chunk: int = 0, pings: int = 1) -> Iterator[bytes]:
    """The message as server-sent events, each with its blank line, in the order in which the API sends them."""
    start = {**whole, "content": [], "stop_reason": None, "usage": {**whole["usage"], "output_tokens": 1}}
    yield event({"type": "message_start", "message": start})
    for index, block in enumerate(whole["content"]):
        empty, deltas = _pieces(block, chunk)
        yield event({"type": "content_block_start", "index": index, "content_block": empty})
        if index == 0:
            yield from [event({"type": "ping"})] * pings
        for delta in deltas:
            yield event({"type": "content_block_delta", "index": index, "delta": delta})
        yield event({"type": "content_block_stop", "index": index})
    stop = {"stop_reason": whole["stop_reason"], "stop_sequence": whole["stop_sequence"]}
    yield event({"type": "message_delta", "delta": stop, "usage": whole["usage"]})
    yield event({"type": "message_stop"})


def event(data: Document) -> bytes:
    """One server-sent event, named by the type of its data."""
    return f"event: {data['type']}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def _pieces(block: Document, chunk: int) -> tuple[Document, list[Document]]:
    """The block as content_block_start shows it, and the deltas that fill it."""

    def cut(text: str) -> list[str]:
        return [text[at : at + chunk] for at in range(0, len(text), chunk)] if chunk else [text]

    match block:
        case {"type": "text", "text": text}:
            return {**block, "text": ""}, [{"type": "text_delta", "text": piece} for piece in cut(text)]
        case {"type": "thinking", "thinking": thinking, "signature": signature}:
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in cut(thinking)]
            return {**block, "thinking": "", "signature": ""}, [
                *deltas,
                {"type": "signature_delta", "signature": signature},
            ]
        case {"type": "tool_use" | "server_tool_use", "input": given}:
            pieces = ["", *cut(json.dumps(given, ensure_ascii=False))]  # the API opens with an empty piece
            return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
        case _:
            return block, []  # redacted_thinking and results of server tools come whole
