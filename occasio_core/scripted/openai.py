"""How OpenAI's two APIs spell what a scripted model says: as one document or as server-sent events.

Knows no sockets and no agent; `model.py` serves it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from occasio_core.scripted.anthropic import event
from occasio_core.scripted.turn import Call, Document, Turn

# Responses


def response(turn: Turn, *, model: str, serial: str) -> Document:
    """The turn as the Responses API returns it when the request does not stream."""
    return {
        "id": f"resp_{serial}",
        "object": "response",
        "created_at": 0,
        "status": "completed",
        "model": model,
        "output": list(turn.blocks or _items(turn, serial)),
        "error": None,
        "incomplete_details": None,
        "usage": {
            "input_tokens": 10,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 15,
            **turn.usage,
        },
    }


def response_stream(whole: Document, *, chunk: int = 0, pings: int = 0) -> Iterator[bytes]:
    """The response as server-sent events, in the order in which the API sends them."""
    numbered = ({**data, "sequence_number": number} for number, data in enumerate(_events(whole, chunk)))
    yield from map(event, numbered)


def turns(items: Sequence[Document]) -> int:
    """How many turns of the model a history holds: runs of items that are its own."""
    own = [
        item.get("role") == "assistant" or item["type"] == "reasoning" or item["type"].endswith("_call")
        for item in items
    ]
    return sum(is_own and not before for before, is_own in zip([False, *own], own, strict=False))


def _items(turn: Turn, serial: str) -> Iterator[Document]:
    if turn.thinking:
        summary = [{"type": "summary_text", "text": turn.thinking}]
        yield {"type": "reasoning", "id": f"rs_{serial}", "summary": summary, "encrypted_content": turn.signature}
    if turn.text or not turn.calls:
        content = [{"type": "output_text", "text": turn.text, "annotations": []}]
        own = {"type": "message", "id": f"msg_{serial}", "role": "assistant", "status": "completed"}
        yield {**own, "content": content}
    for number, call in enumerate(turn.calls):
        name = f"{serial}{number:02}"
        own = {"call_id": call.id or f"call_{name}", "name": call.name, "status": "completed"}
        if isinstance(call.input, str):
            yield {"type": "custom_tool_call", "id": f"ctc_{name}", **own, "input": call.input}
        else:
            yield {"type": "function_call", "id": f"fc_{name}", **own, "arguments": _written(call)}


def _events(whole: Document, chunk: int) -> Iterator[Document]:
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(whole["output"]):
        empty, member, stem = _emptied(item)
        place = {"output_index": index, "item_id": item["id"]}
        yield {"type": "response.output_item.added", "output_index": index, "item": empty}
        if item["type"] == "message":
            yield from _text_events(item, place, chunk)
        elif member:
            for piece in _cut(item[member], chunk):
                yield {"type": f"response.{stem}.delta", **place, "delta": piece}
            yield {"type": f"response.{stem}.done", **place, member: item[member]}
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": "response.completed", "response": whole}


def _emptied(item: Document) -> tuple[Document, str, str]:
    """The item as its first event shows it, the member that fills up, and what events of that are called."""
    match item["type"]:
        case "message":
            return {**item, "status": "in_progress", "content": []}, "", ""
        case "function_call":
            return {**item, "status": "in_progress", "arguments": ""}, "arguments", "function_call_arguments"
        case "custom_tool_call":
            return {**item, "input": ""}, "input", "custom_tool_call_input"
        case _:
            return item, "", ""


def _text_events(item: Document, place: Document, chunk: int) -> Iterator[Document]:
    for number, part in enumerate(item["content"]):
        here = {**place, "content_index": number}
        yield {"type": "response.content_part.added", **here, "part": {**part, "text": ""}}
        for piece in _cut(part["text"], chunk):
            yield {"type": "response.output_text.delta", **here, "delta": piece}
        yield {"type": "response.output_text.done", **here, "text": part["text"]}
        yield {"type": "response.content_part.done", **here, "part": part}


# Chat Completions


def completion(turn: Turn, *, model: str, serial: str) -> Document:
    """The turn as Chat Completions return it when the request does not stream."""
    message: Document = {"role": "assistant", "content": turn.text or None}
    if turn.thinking:
        message["reasoning_content"] = turn.thinking
    if turn.calls:
        message["tool_calls"] = [_tool_call(call, f"{serial}{number:02}") for number, call in enumerate(turn.calls)]
    reason = turn.stop_reason or ("tool_calls" if turn.calls else "stop")
    return {
        "id": f"chatcmpl-{serial}",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, **turn.usage},
    }


def completion_stream(whole: Document, *, chunk: int = 0, pings: int = 0) -> Iterator[bytes]:
    """The completion as server-sent events, which have no names; the usage comes in the last of them."""
    common = {name: whole[name] for name in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    message, reason = whole["choices"][0]["message"], whole["choices"][0]["finish_reason"]
    for delta in _deltas(message, chunk):
        yield _chunk({**common, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    yield _chunk({**common, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    yield _chunk({**common, "choices": [], "usage": whole["usage"]})
    yield b"data: [DONE]\n\n"


def _tool_call(call: Call, name: str) -> Document:
    own = {"id": call.id or f"call_{name}"}
    if isinstance(call.input, str):
        return {**own, "type": "custom", "custom": {"name": call.name, "input": call.input}}
    return {**own, "type": "function", "function": {"name": call.name, "arguments": _written(call)}}


def _deltas(message: Document, chunk: int) -> Iterator[Document]:
    yield {"role": "assistant", "content": ""}
    for name in ("reasoning_content", "content"):
        for piece in _cut(message.get(name) or "", chunk):
            yield {name: piece}
    for index, call in enumerate(message.get("tool_calls", [])):
        kind = call["type"]
        member = "input" if kind == "custom" else "arguments"
        text = call[kind][member]
        yield {"tool_calls": [{"index": index, **call, kind: {**call[kind], member: ""}}]}
        for piece in _cut(text, chunk):
            yield {"tool_calls": [{"index": index, kind: {member: piece}}]}


def _chunk(data: Document) -> bytes:
    return f"data: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


# Both


def _written(call: Call) -> str:
    return json.dumps(call.input, ensure_ascii=False)


def _cut(text: str, chunk: int) -> list[str]:
    if not text:
        return []
    return [text[at : at + chunk] for at in range(0, len(text), chunk)] if chunk else [text]
