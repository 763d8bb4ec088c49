"""Messages of JSON-RPC 2.0 as the Model Context Protocol uses it: bytes in, requests, notifications and responses out.

Strict, so that nobody can read another message in the bytes that are passed on.  Knows no methods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from occasio_core import Json, MalformedError, ProtocolError, parse_json, written

MAX_BYTES = 48 << 20  # of one message; what is sent on to a run has 64 MiB

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
REFUSED = -32000

_MEMBERS = frozenset({"jsonrpc", "id", "method", "params", "result", "error"})
_PARAMETERS = frozenset({"name", "arguments", "uri", "taskId", "_meta", "requestId", "requestState", "inputResponses"})

Id: TypeAlias = "str | int"


class BadFrameError(ProtocolError):
    """Raised for bytes that are no message with one reading; `code` is JSON-RPC's."""

    def __init__(self, message: str, code: int = INVALID_REQUEST) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asks, and waits for a response of the same id."""

    data: bytes = field(repr=False)
    id: Id
    method: str
    params: Mapping[str, Json] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Notification:
    """Somebody says something, and waits for nothing."""

    data: bytes = field(repr=False)
    method: str
    params: Mapping[str, Json] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: `member` is `result` or `error`, `value` what stands there."""

    data: bytes = field(repr=False)
    id: Id
    member: str
    value: Json = field(repr=False)


Frame: TypeAlias = Request | Notification | Response


def frame(data: bytes) -> Frame:
    """Return the message in `data`.  Raises `BadFrameError`."""
    try:
        message = parse_json(data, max_bytes=MAX_BYTES, wide_integers=True)
    except MalformedError as error:
        raise BadFrameError(f"not JSON with one reading ({error.code})", PARSE_ERROR) from None
    if isinstance(message, list):
        raise BadFrameError("a batch, which this gateway does not take: send each message on its own")
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise BadFrameError("not a message of JSON-RPC 2.0")
    _check_spelling(message, _MEMBERS)
    return _request(data, message) if "method" in message else _response(data, message)


def ok(id: Id, result: Json) -> bytes:  # noqa: A002 - what JSON-RPC calls it
    """Return a response."""
    return written({"jsonrpc": "2.0", "id": id, "result": result}).encode("utf-8", "backslashreplace")


def failed(id: Id | None, code: int, message: str) -> bytes:  # noqa: A002 - what JSON-RPC calls it
    """Return a response that says what went wrong."""
    said: dict[str, Json] = {"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}
    return written(said).encode("utf-8", "backslashreplace")


class Lines:
    """Cuts a stream into lines; one that is too long is left out, and None stands in its place."""

    def __init__(self, longest: int = MAX_BYTES) -> None:
        self._longest = longest
        self._pieces: list[bytes] = []
        self._size = 0

    def receive(self, data: bytes) -> Sequence[bytes | None]:
        """Return the lines that end in `data`, without their ends; empty ones are left out."""
        found: list[bytes | None] = []
        *whole, rest = data.split(b"\n")
        for piece in whole:
            self._keep(piece)
            found.append(None if self._size > self._longest else b"".join(self._pieces))
            self._pieces, self._size = [], 0
        self._keep(rest)
        return [line for line in found if line is None or line.strip()]

    @property
    def is_within(self) -> bool:
        """Return whether a line has begun and not ended."""
        return self._size > 0

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._longest:
            self._pieces = []
        elif piece:
            self._pieces.append(piece)


def _request(data: bytes, message: Mapping[str, Json]) -> Frame:
    method, params = message["method"], message.get("params", {})
    if not isinstance(method, str) or "result" in message or "error" in message:
        raise BadFrameError("neither a request nor a response")
    if not isinstance(params, dict):
        raise BadFrameError("`params` is no object")
    _check_spelling(params, _PARAMETERS)
    return Request(data, _id(message), method, params) if "id" in message else Notification(data, method, params)


def _response(data: bytes, message: Mapping[str, Json]) -> Response:
    members = [member for member in ("result", "error") if member in message]
    if len(members) != 1:
        raise BadFrameError("neither a request nor a response")
    return Response(data, _id(message), members[0], message[members[0]])


def _id(message: Mapping[str, Json]) -> Id:
    name = message.get("id")
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise BadFrameError("an `id` that is neither a string nor an integer")
    return name


def _check_spelling(members: Mapping[str, Json], known: frozenset[str]) -> None:
    """Refuse `Method` beside `method`: some readers take one for the other."""
    folded = {name.lower() for name in known}
    if odd := next((name for name in members if name not in known and name.lower() in folded), None):
        raise BadFrameError(f"a member `{odd}` that some would read as another")
