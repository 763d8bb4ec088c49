"""A scripted model: a server on loopback that speaks the Messages API and says what its script says.

Knows HTTP and server-sent events.  The turn is chosen by how many messages of the model the request's history holds.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Turn:
    """What the model says, and the files that it wants to read."""

    text: str
    paths: Sequence[str] = ()


class Model:
    """The server, running while it is entered; `url` is its base URL."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._server = _Server(turns)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    def __init__(self, turns: Sequence[Turn]) -> None:
        self.turns = turns
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        """Answer with the turn that is due."""
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        number = sum(message["role"] == "assistant" for message in request["messages"])
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for event in _events(self.server.turns[number], number, str(request["model"])):
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


def _events(turn: Turn, number: int, model: str) -> Iterator[Mapping[str, Any]]:
    usage = {"input_tokens": 400 + 150 * number, "output_tokens": 1}
    message = {"id": f"msg_{number}", "role": "assistant", "model": model, "content": [], "usage": usage}
    yield {"type": "message_start", "message": message}
    yield from _block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": turn.text})
    for index, path in enumerate(turn.paths, start=1):
        call = {"type": "tool_use", "id": f"toolu_demo_{number}_{index}", "name": "Read", "input": {}}
        given = json.dumps({"file_path": path})
        yield from _block(index, call, {"type": "input_json_delta", "partial_json": given})
    stop = {"stop_reason": "tool_use" if turn.paths else "end_turn"}
    yield {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 40}}
    yield {"type": "message_stop"}


def _block(index: int, block: Mapping[str, Any], delta: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield {"type": "content_block_start", "index": index, "content_block": block}
    yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}
