"""A relay between an agent and Occasio's proxy that keeps every byte the agent was sent, and what the log held then.

Knows HTTP/1.1 and nothing of the bodies.  The first part of a path says where the proxy listens, so the relay can be
running before there is a proxy:

    ANTHROPIC_BASE_URL=http://127.0.0.1:RELAY/127.0.0.1:PROXY/SECRET/ROUTE
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

_SECONDS = 60.0  # without a byte from the proxy
_OF_ONE_CONNECTION = frozenset({"connection", "host", "keep-alive", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of an answer on their way to the agent, and how long the log was in the moment before they went on."""

    data: bytes = field(repr=False)
    log_size: int


@dataclass(slots=True)
class Passage:
    """One request and its answer: the head as text, the body in the pieces in which it came."""

    path: str
    status: int = 0
    headers: str = ""
    pieces: list[Piece] = field(default_factory=list, repr=False)

    @property
    def body(self) -> bytes:
        """Everything that the agent was sent behind the head."""
        return b"".join(piece.data for piece in self.pieces)

    def log_size_at(self, data: bytes) -> int:
        """Return how long the log was when the first byte of `data` came; it must be in the body."""
        at = self.body.index(data)
        for piece in self.pieces:
            at -= len(piece.data)
            if at < 0:
                return piece.log_size
        raise AssertionError("the pieces are the body")


class Relay:
    """Runs while it is entered; `log` is the file whose growth it watches."""

    def __init__(self, log: Path) -> None:
        self.passages: list[Passage] = []
        self._log = log
        self._server = _Server(self)

    @property
    def authority(self) -> str:
        """Where the relay listens."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def sent(self) -> bytes:
        """Every byte that the agent was sent, heads and bodies."""
        return b"\n".join(passage.headers.encode() + passage.body for passage in self.passages)

    def begin(self, path: str) -> Passage:
        """Keep a new passage; the server's threads may do so at once."""
        passage = Passage(path)
        self.passages.append(passage)
        return passage

    def log_size(self) -> int:
        """Return the length of the log now."""
        return self._log.stat().st_size if self._log.exists() else 0

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close waits for them

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def _serve(self) -> None:
        _, authority, target = self.path.split("/", 2)
        passage = self.server.relay.begin(f"/{target}")
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        proxy = http.client.HTTPConnection(authority, timeout=_SECONDS)
        try:
            proxy.request(self.command, f"/{target}", body, dict(_kept(self.headers.items())))
            self._answer(proxy.getresponse(), passage)
        except (http.client.HTTPException, OSError):
            self.close_connection = True  # whoever hung up, the other one is told so by a hang-up
        finally:
            proxy.close()

    do_GET = do_HEAD = do_POST = _serve

    def _answer(self, answer: http.client.HTTPResponse, passage: Passage) -> None:
        passage.status, passage.headers = answer.status, str(answer.headers)
        self.send_response_only(answer.status)
        for name, value in _kept(answer.getheaders()):
            self.send_header(name, value)
        if self.command != "HEAD" and answer.length is None:
            self.send_header("transfer-encoding", "chunked")
        self.send_header("connection", "close")
        self.end_headers()
        while data := answer.read1():
            passage.pieces.append(Piece(data, self.server.relay.log_size()))
            self.wfile.write(data if answer.length is not None else b"%x\r\n%b\r\n" % (len(data), data))
        if self.command != "HEAD" and answer.length is None:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True


def _kept(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in _OF_ONE_CONNECTION]
