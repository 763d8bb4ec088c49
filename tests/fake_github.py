"""GitHub's API as far as the Action uses it, on loopback: it keeps what it was asked, and answers as it is told to."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self

CHECK_RUN_URL = "https://github.test/octo/agent/runs/1"


class FakeGitHub:
    """Answers `POST /repos/OWNER/NAME/check-runs` with `status`; what came is in `requests`."""

    def __init__(self, status: int = 201, answer: bytes | None = None, location: str | None = None) -> None:
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        kept, reply = self.requests, answer if answer is not None else json.dumps({"html_url": CHECK_RUN_URL}).encode()

        class Handler(BaseHTTPRequestHandler):
            protocol_version: ClassVar[str] = "HTTP/1.0"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kept.append((self.path, dict(self.headers), json.loads(body)))
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.end_headers()
                self.wfile.write(reply)

            def do_GET(self) -> None:
                kept.append((self.path, dict(self.headers), None))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
