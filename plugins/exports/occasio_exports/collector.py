"""Sends OTLP to a collector over HTTP: one POST for each batch, again a few times where the collector asks for that.

Knows HTTP and what OTLP says of answers (opentelemetry.io/docs/specs/otlp).  Redirects are not followed: what was asked
for is sent to the address that the person gave, or not at all.
"""

from __future__ import annotations

import base64
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from occasio_core import Json, OccasioError, UsageError

HEADERS_VARIABLE = "OTEL_EXPORTER_OTLP_HEADERS"
ATTEMPTS = 5

_SECONDS = 30.0
_MOST_BYTES = 1 << 20
_LONGEST_WAIT = 30.0
_AGAIN = frozenset({429, 502, 503, 504})
_IDS = frozenset({"traceId", "spanId", "parentSpanId"})


class Signal(StrEnum):
    """What is sent: a record for each row, or a span for each run, call and request."""

    LOGS = "logs"
    TRACES = "traces"


class Encoding(StrEnum):
    """How it is written on the wire; the names are those of `OTEL_EXPORTER_OTLP_PROTOCOL`."""

    JSON = "http/json"
    PROTOBUF = "http/protobuf"


@dataclass(slots=True)
class Collector:
    """An OTLP receiver at `base`, to which `/v1/logs` or `/v1/traces` is added.

    `headers` are sent with each request.  `sleep` waits for some seconds.  `rejected` counts what the collector has
    not taken, `said` is its last word on that.
    """

    base: str
    signal: Signal
    encoding: Encoding
    sleep: Callable[[float], None]
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    rejected: int = 0
    said: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise UsageError(f"`{self.base}` is not the address of a collector", hint="write it as http://HOST:4318")

    @property
    def url(self) -> str:
        """Return where the batches go."""
        return f"{self.base.rstrip('/')}/v1/{self.signal}"

    def send(self, data: Mapping[str, Json]) -> None:
        """Send one batch, and wait until it is taken.  Raises `OccasioError` if it is not."""
        body, kind = self._encoded(data)
        for attempt in range(ATTEMPTS):
            status, answer, wait = self._post(body, kind)
            if 200 <= status < 300:
                self._note(answer)
                return
            if status not in _AGAIN:
                raise OccasioError(f"{self.url} answered with status {status}: nothing more was sent")
            if attempt < ATTEMPTS - 1:
                self.sleep(min(_LONGEST_WAIT, wait if wait is not None else 2.0**attempt))
        raise OccasioError(f"{self.url} could not take it in {ATTEMPTS} attempts: status {status}")

    def _post(self, body: bytes, kind: str) -> tuple[int, bytes, float | None]:
        headers = {**self.headers, "Content-Type": kind}
        request = urllib.request.Request(self.url, body, headers, method="POST")  # noqa: S310 - see __post_init__
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=_SECONDS) as answer:
                return answer.status, answer.read(_MOST_BYTES), None
        except urllib.error.HTTPError as error:
            with error:
                return error.code, b"", _seconds(error.headers.get("Retry-After"))
        except (OSError, http.client.HTTPException) as error:
            why = error.reason if isinstance(error, urllib.error.URLError) else error
            raise OccasioError(f"{self.url} cannot be reached: {why}", hint="is a collector running there?") from error

    def _encoded(self, data: Mapping[str, Json]) -> tuple[bytes, str]:
        if self.encoding is Encoding.JSON:
            return json.dumps(data, separators=(",", ":")).encode(), "application/json"
        return protobuf(data, self.signal), "application/x-protobuf"

    def _note(self, answer: bytes) -> None:
        """Take up what the collector says of a batch.  Raises `OccasioError` if it is no answer of OTLP."""
        rejected, said = _partial(answer, self.signal, self.encoding) if answer else (0, "")
        self.rejected += rejected
        self.said = said or self.said


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str
    ) -> None:
        """Follow none: the answer stays the redirect, which is a failure."""


def headers_of(text: str) -> dict[str, str]:
    """Return the headers in the form of `OTEL_EXPORTER_OTLP_HEADERS`: `name=value,name=value`, percent-encoded.

    Raises `UsageError` for anything else, without saying what it was: it may be a secret.
    """
    found = {}
    for number, pair in enumerate(filter(None, (part.strip() for part in text.split(","))), 1):
        name, is_pair, value = pair.partition("=")
        name, value = name.strip(), unquote(value.strip())
        if not is_pair or not name.replace("-", "").isalnum() or not value.isprintable():
            raise UsageError(f"{HEADERS_VARIABLE}: part {number} is not name=value")
        found[name] = value
    return found


def protobuf(data: Mapping[str, Json], signal: Signal) -> bytes:
    """Return OTLP/JSON as protobuf.  Raises `UsageError` if the extra `otlp` is not installed."""
    try:
        from google.protobuf.json_format import ParseDict
        from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
        from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
    except ImportError as error:
        raise UsageError("protobuf needs OpenTelemetry's own messages", hint="pip install 'occasio[otlp]'") from error
    message = LogsData() if signal is Signal.LOGS else TracesData()
    # the request of the collector has the same one field as the data, by number and type
    return bytes(ParseDict(_with_base64(data), message).SerializeToString())


def _with_base64(value: Json) -> Json:
    """Return the same with ids as protobuf's own JSON has them, where OTLP's has hexadecimal digits."""
    match value:
        case Mapping():
            return {
                name: base64.b64encode(bytes.fromhex(item)).decode()
                if name in _IDS and isinstance(item, str)
                else _with_base64(item)
                for name, item in value.items()
            }
        case list():
            return [_with_base64(item) for item in value]
    return value


def _partial(answer: bytes, signal: Signal, encoding: Encoding) -> tuple[int, str]:
    """Return how much of a batch was rejected, and why."""
    name = "rejectedLogRecords" if signal is Signal.LOGS else "rejectedSpans"
    try:
        told = json.loads(answer) if encoding is Encoding.JSON else _decoded(answer, signal)
        partial = told.get("partialSuccess") or {}
        return int(partial.get(name) or 0), str(partial.get("errorMessage") or "")
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise OccasioError("the collector's answer is not one of OTLP: whether it took the batch is unknown") from None


def _decoded(answer: bytes, signal: Signal) -> Any:
    from google.protobuf.json_format import MessageToDict
    from google.protobuf.message import DecodeError
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

    message = ExportLogsServiceResponse() if signal is Signal.LOGS else ExportTraceServiceResponse()
    try:
        message.ParseFromString(answer)
    except DecodeError as error:
        raise ValueError(str(error)) from error
    return MessageToDict(message)


def _seconds(text: str | None) -> float | None:
    """Return what `Retry-After` says in seconds; None for a date or nothing."""
    return float(text) if text is not None and text.isdecimal() else None
