"""A model's provider that answers at once, for benchmarks: `python upstream.py`; prints its URL.

The query of a request says what comes: `?events=N&pace=SECONDS` an event stream of N pieces of text, each written by
itself; without `events`, a message without tools.  Reads requests with a Content-Length only; knows no errors.
"""

from __future__ import annotations

import asyncio
import json
from urllib.parse import parse_qs, urlsplit


def event(body: dict[str, object]) -> bytes:
    return f"event: {body['type']}\ndata: {json.dumps(body)}\n\n".encode()


def message(content: list[object]) -> dict[str, object]:
    usage = {"input_tokens": 20_000, "output_tokens": 1, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}
    return {
        "id": "msg_01A09q90qw90lq917835lq9",
        "type": "message",
        "role": "assistant",
        "model": "claude-model-for-benchmarks",
        "content": content,
        "stop_reason": None if not content else "end_turn",
        "stop_sequence": None,
        "usage": usage,
    }


DOCUMENT = json.dumps(message([{"type": "text", "text": "It is as you say. " * 60}])).encode()
FIRST = event({"type": "message_start", "message": message([])}) + event(
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
)
LAST = (
    event({"type": "content_block_stop", "index": 0})
    + event(
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 200},
        }
    )
    + event({"type": "message_stop"})
)


def piece(number: int) -> bytes:
    text = f" and then step {number}"
    return event({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Provider(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = b""
        self._tasks: set[asyncio.Task[None]] = set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lines = head.split(b"\r\n")
        length = next(int(line[15:]) for line in lines if line.lower().startswith(b"content-length:"))
        if len(body) < length:
            return
        self._buffer = body[length:]
        query = parse_qs(urlsplit(lines[0].split()[1].decode()).query)
        if "events" in query:
            answer = self._stream(int(query["events"][0]), float(query["pace"][0]))
            task = asyncio.create_task(answer)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(DOCUMENT)
            self._transport.write(head + DOCUMENT)

    async def _stream(self, events: int, pace: float) -> None:
        kind = b"Content-Type: text/event-stream\r\nTransfer-Encoding: chunked"
        self._transport.write(b"HTTP/1.1 200 OK\r\n" + kind + b"\r\n\r\n" + chunk(FIRST))
        for number in range(events):
            await asyncio.sleep(pace)
            self._transport.write(chunk(piece(number)))
        self._transport.write(chunk(LAST) + b"0\r\n\r\n")


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Provider, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
