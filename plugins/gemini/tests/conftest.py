"""What agents and the provider say, as bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from occasio_core import Exchange, HttpRequest, RunId, Wire
from occasio_core.testing import Decide, Seen, carried
from occasio_gemini import GeminiAdapter

AGENT = {"user-agent": "GeminiCLI/0.61.0/gemini-2.5-pro (linux; x64)"}
PATH = "/v1beta/models/gemini-x:streamGenerateContent?alt=sse"


class Talk:
    """Builds requests and answers, and carries answers through an exchange."""

    carried = staticmethod(carried)

    @staticmethod
    def part(
        call: object = "call_1", name: object = "run_shell_command", args: Any = None, **members: Any
    ) -> dict[str, Any]:
        own = {} if call is None else {"id": call}
        return {"functionCall": {**own, "name": name, "args": {} if args is None else args}, **members}

    @staticmethod
    def body(*parts: Mapping[str, Any], finish: str | None = None, **members: Any) -> dict[str, Any]:
        candidate: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
        if finish:
            candidate["finishReason"] = finish
        return {"candidates": [candidate], "modelVersion": "gemini-x", "responseId": "r1", **members}

    def event(self, *parts: Mapping[str, Any], **members: Any) -> bytes:
        return f"data: {json.dumps(self.body(*parts, **members))}\n\n".encode()

    def text(self, index: int, text: str) -> bytes:
        return self.event({"text": text})

    def call(self, index: int, text: str, call: str = "call_1", name: str = "run_shell_command") -> bytes:
        return self.event(self.part(call, name)).replace(b'"args": {}', b'"args": ' + text.encode())

    def half(self, index: int) -> bytes:
        return self.call(0, '{"command": "cat /home/ada/.ssh"}')[:-9]

    def named(self, call: object, name: object) -> bytes:
        return self.event(self.part(call, name))

    def stream(self, *events: bytes) -> bytes:
        usage = {
            "promptTokenCount": 10,
            "cachedContentTokenCount": 3,
            "candidatesTokenCount": 4,
            "thoughtsTokenCount": 1,
        }
        return b"".join(events) + self.event({"text": ""}, finish="STOP", usageMetadata=usage)

    @staticmethod
    def request(*parts: Mapping[str, Any], **members: Any) -> bytes:
        contents = [{"role": "user", "parts": [part]} for part in parts]
        return json.dumps({**members, "contents": contents}).encode()

    @staticmethod
    def result(call: str | None, response: Any, name: str = "run_shell_command", **members: Any) -> dict[str, Any]:
        own = {} if call is None else {"id": call}
        return {"functionResponse": {**own, "name": name, "response": response, **members}}

    @staticmethod
    def wire() -> Wire:
        return GeminiAdapter().open(RunId("run-1"))

    def open(self, body: bytes = b'{"contents":[]}', wire: Wire | None = None, path: str = PATH) -> Exchange:
        request = HttpRequest(method="POST", path=path, headers=AGENT, body=body)
        return (wire or self.wire()).exchange(request, "/work")

    def answered(
        self, pieces: Iterable[bytes], decide: Decide | None = None, kind: str = "text/event-stream", **opening: Any
    ) -> Seen:
        exchange = self.open(**opening)
        exchange.begin(200, kind)
        return carried(exchange, pieces, decide)


@pytest.fixture(scope="session")
def talk() -> Talk:
    return Talk()
