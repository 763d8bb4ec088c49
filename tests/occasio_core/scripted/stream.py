"""Reads a stream of the Messages API as a client does."""

from __future__ import annotations

import json
from collections.abc import Sequence

from occasio_core.scripted.turn import Document


def events(stream_bytes: bytes) -> list[Document]:
    frames = stream_bytes.decode().split("\n\n")[:-1]
    parsed = [json.loads(frame.split("\ndata: ")[1]) for frame in frames]
    assert [frame.split("\n")[0] for frame in frames] == [f"event: {data['type']}" for data in parsed]
    return parsed


def assembled(parsed: Sequence[Document]) -> list[Document]:
    """The content blocks that the deltas of a stream add up to."""
    blocks: list[Document] = []
    pieces = ""
    for data in parsed:
        match data:
            case {"type": "content_block_start", "index": index, "content_block": block}:
                assert index == len(blocks)
                blocks.append(dict(block))
                pieces = ""
            case {"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": piece}}:
                pieces += piece
                if pieces:
                    blocks[-1]["input"] = pieces
            case {"type": "content_block_delta", "delta": dict(delta)}:
                for key in delta.keys() - {"type"}:
                    blocks[-1][key] += delta[key]
    return [{**b, "input": json.loads(b["input"])} if b["type"] == "tool_use" else b for b in blocks]
