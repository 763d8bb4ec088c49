"""How Google's Gemini API spells what a scripted model says: as one document or as server-sent events.

Knows no sockets and no agent; `model.py` serves it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from occasio_core.scripted.turn import Document, Turn


def generated(turn: Turn, *, model: str, serial: str) -> Document:
    """The turn as `generateContent` returns it."""
    content = {"role": "model", "parts": list(turn.blocks or _parts(turn, serial))}
    return {
        "candidates": [{"content": content, "finishReason": turn.stop_reason or "STOP", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": 10,
            "candidatesTokenCount": 5,
            "totalTokenCount": 15,
            **turn.usage,
        },
        "modelVersion": model,
        "responseId": f"r{serial}",
    }


def generated_stream(whole: Document, *, chunk: int = 0, pings: int = 0) -> Iterator[bytes]:
    """The same as server-sent events, which have no names: one for each part, the end with the last of them."""
    (candidate,) = whole["candidates"]
    ending = {"finishReason": candidate["finishReason"], "index": 0}
    common = {"modelVersion": whole["modelVersion"], "responseId": whole["responseId"]}
    *others, last = [piece for part in candidate["content"]["parts"] for piece in _cut(part, chunk)]
    for part in others:
        yield _event({"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}], **common})
    content = {"role": "model", "parts": [last]}
    yield _event({"candidates": [{"content": content, **ending}], "usageMetadata": whole["usageMetadata"], **common})


def _parts(turn: Turn, serial: str) -> Iterator[Document]:
    if turn.thinking:
        yield {"text": turn.thinking, "thought": True}
    if turn.text or not turn.calls:
        yield {"text": turn.text}
    for number, call in enumerate(turn.calls):
        made = {"id": call.id or f"call_{serial}{number:02}", "name": call.name, "args": call.input}
        # the API signs the first call of a turn
        yield {"functionCall": made, **({} if number else {"thoughtSignature": turn.signature})}


def _cut(part: Document, chunk: int) -> list[Document]:
    """The part in pieces; only texts come so."""
    text = part.get("text", "")
    if not chunk or not text:
        return [part]
    return [{**part, "text": text[at : at + chunk]} for at in range(0, len(text), chunk)]


def _event(data: Document) -> bytes:
    return f"data: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
