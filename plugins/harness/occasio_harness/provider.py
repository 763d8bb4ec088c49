"""The model's provider as an attack has it: everything that is sent to it is kept.

It is a scripted model, or the way to the real one.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import urlsplit

from occasio_core import OccasioError, ScriptedModel, checked_base
from occasio_harness.scenario import Script

_SECONDS = 600  # a live model may think
_HOPS = {"connection", "content-length", "host", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"}
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Sent:
    """One request, as the provider got it: its line, and headers and body as bytes."""

    line: str
    data: bytes


class Provider(Protocol):
    """Where the model is."""

    @property
    def url(self) -> str:
        """Its base URL."""

    def sent(self) -> Sequence[Sent]:
        """Return what it got so far."""

    def results(self) -> Mapping[str, bytes]:
        """Return the last result of each call that it got, by the call's id; empty where none can be told."""


class _Scripted:
    def __init__(self, model: ScriptedModel) -> None:
        self._model = model
        self.url = model.url

    def sent(self) -> Sequence[Sent]:
        return [
            Sent(f"{one.method} {one.path}", _with_headers(one.headers, one.body)) for one in list(self._model.requests)
        ]

    def results(self) -> Mapping[str, bytes]:
        found: dict[str, bytes] = {}
        for request in list(self._model.requests):
            found |= {call: json.dumps(result).encode() for call, result in request.results.items()}
        return found


@contextmanager
def scripted(script: Script) -> Iterator[Provider]:
    """Yield a provider whose model says what the script says."""
    with ScriptedModel(script.turns, others=script.others) as model:
        yield _Scripted(model)


@contextmanager
def relayed(base: str) -> Iterator[Provider]:
    """Yield the way to the provider at `base`, which keeps what passes.  Raises `OccasioError`."""
    server = _Relay(checked_base(base))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Relay(ThreadingHTTPServer):
    def __init__(self, base: str) -> None:
        self.base = urlsplit(base)
        self.kept: list[Sent] = []
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def sent(self) -> Sequence[Sent]:
        return list(self.kept)

    def results(self) -> Mapping[str, bytes]:
        return {}

    def connection(self) -> http.client.HTTPConnection:
        """Return a connection to the provider."""
        if self.base.hostname is None:
            raise OccasioError(f"`{self.base.geturl()}` names no host")
        kind = http.client.HTTPSConnection if self.base.scheme == "https" else http.client.HTTPConnection
        return kind(self.base.hostname, self.base.port, timeout=_SECONDS)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"  # the end of an answer is the end of the connection
    server: _Relay

    def do_POST(self) -> None:
        """Keep the request, and pass it on."""
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOPS}
        self.server.kept.append(Sent(f"{self.command} {self.path}", _with_headers(headers, body)))
        connection = self.server.connection()
        try:
            connection.request(self.command, self.server.base.path.rstrip("/") + self.path, body, headers)
            self._answer(connection.getresponse())
        except OSError as error:
            self.send_error(502, f"the provider cannot be reached: {error}")
        finally:
            connection.close()

    do_GET = do_HEAD = do_POST  # noqa: N815 - the base class's names

    def _answer(self, answer: http.client.HTTPResponse) -> None:
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _HOPS:
                self.send_header(name, value)
        self.end_headers()
        while piece := answer.read1(_PIECE):
            self.wfile.write(piece)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


def _with_headers(headers: Mapping[str, str], body: bytes) -> bytes:
    return "".join(f"{name}: {value}\n" for name, value in headers.items()).encode("utf-8", "replace") + b"\n" + body
