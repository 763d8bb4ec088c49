"""How the Anthropic Messages API spells what a scripted model says: as one message or as server-sent events.

Knows no sockets and no agent; `model.py` serves it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from occasio_core.scripted.turn import Document, Turn


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
