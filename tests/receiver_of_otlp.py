"""An OTLP receiver on loopback, which reads what it gets with OpenTelemetry's own messages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto_json.collector.logs.v1.logs_service import ExportLogsServiceRequest as JsonLogs
from opentelemetry.proto_json.collector.trace.v1.trace_service import ExportTraceServiceRequest as JsonTraces


@dataclass
class Receiver:
    """What was received, and what is answered: `statuses` first, then 200 with `partial` rejected."""

    base: str
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    records: list[Any] = field(default_factory=list)
    spans: list[Any] = field(default_factory=list)
    statuses: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    rejected: int = 0
    answer: bytes | None = None

    def take(self, path: str, kind: str, body: bytes) -> None:
        """Read a request strictly."""
        if path == "/v1/logs":
            logs = JsonLogs.from_json(body.decode()) if "json" in kind else ExportLogsServiceRequest.FromString(body)
            self.records += [
                one for each in logs.resource_logs for scope in each.scope_logs for one in scope.log_records
            ]
        elif path == "/v1/traces":
            told = JsonTraces.from_json(body.decode()) if "json" in kind else ExportTraceServiceRequest.FromString(body)
            self.spans += [one for each in told.resource_spans for scope in each.scope_spans for one in scope.spans]
        else:
            raise AssertionError(path)

    def reply(self, kind: str) -> bytes:
        """Return what a collector answers."""
        if self.answer is not None:
            return self.answer
        if "json" in kind:
            partial = {"rejectedLogRecords": str(self.rejected), "errorMessage": "too old"} if self.rejected else {}
            return json.dumps({"partialSuccess": partial} if partial else {}).encode()
        message = ExportLogsServiceResponse()
        if self.rejected:
            message.partial_success.rejected_log_records = self.rejected
            message.partial_success.error_message = "too old"
        return bytes(message.SerializeToString())


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Provide a receiver that listens."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kind = self.headers["Content-Type"]
            receiver.paths.append(self.path)
            receiver.headers.append({name.lower(): value for name, value in self.headers.items()})
            status, headers = receiver.statuses.pop(0) if receiver.statuses else (200, {})
            answer = b""
            if status == 200:
                receiver.take(self.path, kind, body)
                answer = receiver.reply(kind)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
