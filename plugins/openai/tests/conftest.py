"""What agents and the provider say in both protocols, as bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from occasio_core import Exchange, HttpRequest, RunId, Wire
from occasio_core.testing import Decide, Seen, carried
from occasio_openai import ChatAdapter, ResponsesAdapter

CODEX = {"user-agent": "codex_exec/0.169.0 (Debian 12.0.0; x86_64)", "session-id": "session-1"}


class Talk:
    """What is the same in both protocols: exchanges, and answers carried through them."""

    adapter: ResponsesAdapter | ChatAdapter
    path: str
    empty: bytes

    def wire(self) -> Wire:
        return self.adapter.open(RunId("run-1"))

    def open(
        self,
        body: bytes | None = None,
        wire: Wire | None = None,
        path: str | None = None,
        headers: Mapping[str, str] = CODEX,
        method: str = "POST",
    ) -> Exchange:
        given = self.empty if body is None else body
        request = HttpRequest(method=method, path=path or self.path, headers=headers, body=given)
        return (wire or self.wire()).exchange(request, "/work")

    def answered(
        self, pieces: Iterable[bytes], decide: Decide | None = None, kind: str = "text/event-stream", **opening: Any
    ) -> Seen:
        """Return what comes of an answer on a new exchange; every call is released unless `decide` says otherwise."""
        exchange = self.open(**opening)
        exchange.begin(200, kind)
        return carried(exchange, pieces, decide)

    carried = staticmethod(carried)


class Responses(Talk):
    """The Responses API."""

    adapter = ResponsesAdapter()
    path = "/responses"
    empty = b'{"model":"gpt-x","input":[]}'

    def __init__(self) -> None:
        self._number = 0

    def event(self, kind: str, **members: Any) -> bytes:
        body = json.dumps({"type": kind, **members})
        return f"event: {kind}\ndata: {body}\n\n".encode()

    @staticmethod
    def item(
        call: object = "call_1", name: object = "exec_command", text: object = "{}", **members: Any
    ) -> dict[str, Any]:
        return {"type": "function_call", "id": "fc_1", "call_id": call, "name": name, "arguments": text, **members}

    @staticmethod
    def custom(call: str = "call_1", name: str = "apply_patch", text: object = "x", **members: Any) -> dict[str, Any]:
        return {"type": "custom_tool_call", "id": "ctc_1", "call_id": call, "name": name, "input": text, **members}

    def added(self, index: object, item: Mapping[str, Any]) -> bytes:
        emptied = {name: "" if name in ("arguments", "input") else value for name, value in item.items()}
        return self.event("response.output_item.added", sequence_number=7, output_index=index, item=emptied)

    def done(self, index: object, item: Mapping[str, Any] | None) -> bytes:
        return self.event("response.output_item.done", sequence_number=9, output_index=index, item=item)

    def delta(self, index: object, piece: str, stem: str = "function_call_arguments", **members: Any) -> bytes:
        return self.event(f"response.{stem}.delta", output_index=index, delta=piece, **members)

    def said(self, index: object, item: Mapping[str, Any]) -> bytes:
        """Return a function or custom call, whole."""
        member, stem = ("input", "custom_tool_call_input")
        if item["type"] == "function_call":
            member, stem = "arguments", "function_call_arguments"
        text = item[member]
        deltas = b"".join(self.delta(index, text[at : at + 7], stem) for at in range(0, len(text), 7))
        whole = self.event(f"response.{stem}.done", output_index=index, **{member: text})
        return self.added(index, item) + deltas + whole + self.done(index, item)

    def call(self, index: int, text: str, call: str = "call_1", name: str = "exec_command") -> bytes:
        return self.said(index, self.item(call, name, text))

    def half(self, index: int) -> bytes:
        return self.added(index, self.item()) + self.delta(index, '{"cmd": "cat /home/ada/.ssh')

    def named(self, call: object, name: object) -> bytes:
        return self.done(0, self.item(call, name))

    def message(self, text: str) -> dict[str, Any]:
        content = [{"type": "output_text", "text": text, "annotations": []}]
        return {"type": "message", "id": "msg_1", "role": "assistant", "content": content}

    def text(self, index: int, text: str) -> bytes:
        item = self.message(text)
        return (
            self.event("response.output_item.added", output_index=index, item={**item, "content": []})
            + self.event("response.output_text.delta", item_id="msg_1", output_index=index, content_index=0, delta=text)
            + self.event("response.output_item.done", output_index=index, item=item)
        )

    @staticmethod
    def response(*output: Mapping[str, Any], **members: Any) -> dict[str, Any]:
        usage = {"input_tokens": 10, "input_tokens_details": {"cached_tokens": 3}, "output_tokens": 5}
        return {
            "id": "resp_1",
            "object": "response",
            "model": "gpt-x",
            "output": list(output),
            "usage": usage,
            **members,
        }

    def completed(self, *output: Mapping[str, Any], kind: str = "completed") -> bytes:
        return self.event(f"response.{kind}", sequence_number=99, response=self.response(*output))

    def created(self, *output: Mapping[str, Any]) -> bytes:
        return self.event("response.created", response=self.response(*output, usage=None))

    def stream(self, *items: bytes, output: Iterable[Mapping[str, Any]] = ()) -> bytes:
        return self.created() + b"".join(items) + self.completed(*output)

    def document(self, *output: Mapping[str, Any], **members: Any) -> bytes:
        return json.dumps(self.response(*output, **members), indent=1).encode()

    @staticmethod
    def request(*items: Mapping[str, Any], **members: Any) -> bytes:
        return json.dumps({"model": "gpt-x", "stream": True, **members, "input": list(items)}).encode()

    @staticmethod
    def result(call: str, output: Any, kind: str = "function_call_output", **members: Any) -> dict[str, Any]:
        return {"type": kind, "call_id": call, "output": output, **members}


class Chat(Talk):
    """Chat Completions."""

    adapter = ChatAdapter()
    path = "/chat/completions"
    empty = b'{"model":"gpt-x","messages":[],"stream":true,"stream_options":{"include_usage":true}}'
    end = b"data: [DONE]\n\n"

    def chunk(self, delta: Any = None, finish: Any = None, choice: object = 0, **members: Any) -> bytes:
        said = [{"index": choice, "delta": delta or {}, "finish_reason": finish}]
        body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "gpt-x", "choices": said, **members}
        return f"data: {json.dumps(body)}\n\n".encode()

    def part(self, index: object, choice: int = 0, **members: Any) -> bytes:
        return self.chunk({"tool_calls": [{"index": index, **members}]}, choice=choice)

    def begun(self, index: object = 0, call: object = "call_1", name: object = "bash", choice: int = 0) -> bytes:
        return self.part(index, choice, id=call, type="function", function={"name": name, "arguments": ""})

    def piece(self, index: object, text: str, choice: int = 0) -> bytes:
        return self.part(index, choice, function={"arguments": text})

    def unfinished(self, index: int, text: str, call: str = "call_1", name: str = "bash", choice: int = 0) -> bytes:
        pieces = [self.piece(index, text[at : at + 7], choice) for at in range(0, len(text), 7)]
        return self.begun(index, call, name, choice) + b"".join(pieces)

    def finish(self, reason: str = "tool_calls", choice: int = 0) -> bytes:
        return self.chunk(finish=reason, choice=choice)

    def call(self, index: int, text: str, call: str = "call_1", name: str = "bash") -> bytes:
        return self.unfinished(index, text, call, name) + self.finish()

    def half(self, index: int) -> bytes:
        return self.begun(index) + self.piece(index, '{"command": "cat /home/ada/.ssh')

    def named(self, call: object, name: object) -> bytes:
        return self.begun(0, call, name) + self.finish()

    def text(self, index: int, text: str) -> bytes:
        return self.chunk({"content": text})

    def usage(self) -> bytes:
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 3}}
        body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "gpt-x", "choices": [], "usage": usage}
        return f"data: {json.dumps(body)}\n\n".encode()

    def stream(self, *chunks: bytes) -> bytes:
        return self.chunk({"role": "assistant", "content": ""}) + b"".join(chunks) + self.usage() + self.end

    @staticmethod
    def tool_call(call: object = "call_1", name: object = "bash", text: object = "{}") -> dict[str, Any]:
        return {"id": call, "type": "function", "function": {"name": name, "arguments": text}}

    @staticmethod
    def document(*messages: Mapping[str, Any], **members: Any) -> bytes:
        usage = {"prompt_tokens": 7, "completion_tokens": 2}
        choices = [{"index": index, "message": message} for index, message in enumerate(messages)]
        body = {"id": "chatcmpl-1", "model": "gpt-x", "choices": choices, "usage": usage, **members}
        return json.dumps(body, indent=1).encode()

    @staticmethod
    def request(*messages: Mapping[str, Any], **members: Any) -> bytes:
        return json.dumps({"model": "gpt-x", **members, "messages": list(messages)}).encode()

    def used(self, *calls: Mapping[str, Any]) -> dict[str, Any]:
        return {"role": "assistant", "content": None, "tool_calls": list(calls)}

    @staticmethod
    def result(call: str, content: Any) -> dict[str, Any]:
        return {"role": "tool", "tool_call_id": call, "content": content}


@pytest.fixture(scope="session")
def responses() -> Responses:
    return Responses()


@pytest.fixture(scope="session")
def chat() -> Chat:
    return Chat()
