"""What agents and the provider say, as bytes, and a person between them who decides."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from occasio_anthropic import MessagesAdapter
from occasio_core import Exchange, HttpRequest, RunId, Wire
from occasio_core.testing import Decide, Seen, carried

CLAUDE = {"user-agent": "claude-cli/2.1.197 (external, sdk-cli)", "x-claude-code-session-id": "session-1"}


class Talk:
    """Builds requests and answers, and carries answers through an exchange."""

    @staticmethod
    def event(kind: str, newline: str = "\n", **members: Any) -> bytes:
        body = json.dumps({"type": kind, **members})
        return f"event: {kind}{newline}data: {body}{newline}{newline}".encode()

    def start(self, index: int, call: object = "toolu_1", name: object = "Read", **members: Any) -> bytes:
        block = {"type": "tool_use", "id": call, "name": name, "input": {}, **members}
        return self.event("content_block_start", index=index, content_block=block)

    def delta(self, index: int, piece: str) -> bytes:
        delta = {"type": "input_json_delta", "partial_json": piece}
        return self.event("content_block_delta", index=index, delta=delta)

    def stop(self, index: int) -> bytes:
        return self.event("content_block_stop", index=index)

    def half(self, index: int) -> bytes:
        return self.start(index) + self.delta(index, '{"file_path": "/home/ada/.ssh')

    def named(self, call: object, name: object) -> bytes:
        return self.start(0, call=call, name=name) + self.stop(0)

    def call(self, index: int, text: str, call: str = "toolu_1", name: str = "Read") -> bytes:
        pieces = ["", *(text[at : at + 7] for at in range(0, len(text), 7))]
        deltas = b"".join(self.delta(index, piece) for piece in pieces)
        return self.start(index, call, name) + deltas + self.stop(index)

    def text(self, index: int, text: str) -> bytes:
        return (
            self.event("content_block_start", index=index, content_block={"type": "text", "text": ""})
            + self.event("content_block_delta", index=index, delta={"type": "text_delta", "text": text})
            + self.stop(index)
        )

    def stream(self, *blocks: bytes, stop_reason: str = "tool_use") -> bytes:
        usage = {"input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 4}
        message = {"id": "msg_1", "type": "message", "model": "claude-x", "content": [], "usage": usage}
        return b"".join(
            (
                self.event("message_start", message=message),
                self.event("ping"),
                *blocks,
                self.event("message_delta", delta={"stop_reason": stop_reason}, usage={"output_tokens": 25}),
                self.event("message_stop"),
            )
        )

    @staticmethod
    def document(*blocks: Mapping[str, Any], **members: Any) -> bytes:
        usage = {"input_tokens": 7, "output_tokens": 2}
        body = {"type": "message", "model": "claude-x", "content": list(blocks), "usage": usage, **members}
        return json.dumps(body, indent=1).encode()

    @staticmethod
    def request(*messages: Mapping[str, Any], **members: Any) -> bytes:
        return json.dumps({"model": "claude-x", "stream": True, **members, "messages": list(messages)}).encode()

    @staticmethod
    def used(call: str, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the assistant's message that holds one call."""
        return {"role": "assistant", "content": [{"type": "tool_use", "id": call, "name": name, "input": arguments}]}

    @staticmethod
    def result(call: str, content: Any, **members: Any) -> dict[str, Any]:
        """Return the user's message that holds one result."""
        block = {"type": "tool_result", "tool_use_id": call, "content": content, **members}
        return {"role": "user", "content": [block]}

    @staticmethod
    def wire() -> Wire:
        return MessagesAdapter().open(RunId("run-1"))

    def open(
        self,
        body: bytes = b'{"model":"claude-x","messages":[]}',
        wire: Wire | None = None,
        path: str = "/v1/messages?beta=true",
        headers: Mapping[str, str] = CLAUDE,
        method: str = "POST",
    ) -> Exchange:
        request = HttpRequest(method=method, path=path, headers=headers, body=body)
        return (wire or self.wire()).exchange(request, "/work")

    def answered(
        self,
        pieces: Iterable[bytes],
        decide: Decide | None = None,
        kind: str = "text/event-stream",
        **opening: Any,
    ) -> Seen:
        """Return what comes of an answer on a new exchange; every call is released unless `decide` says otherwise."""
        exchange = self.open(**opening)
        exchange.begin(200, kind)
        return carried(exchange, pieces, decide)

    carried = staticmethod(carried)


@pytest.fixture(scope="session")
def talk() -> Talk:
    return Talk()
