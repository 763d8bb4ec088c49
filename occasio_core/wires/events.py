"""What an event of a model's answer says: one JSON object, of one type."""

from __future__ import annotations

from collections.abc import Mapping

from occasio_core.errors import UpstreamProtocolError
from occasio_core.wires.splice import written
from occasio_core.wires.sse import StreamEvent
from occasio_verify import Json, MalformedError, parse_json

DONE = b"[DONE]"  # how some providers, and gateways to others, end every stream


def event_body(event: StreamEvent) -> Mapping[str, Json]:
    """Return what the event says; nothing if it has no data.  Raises `UpstreamProtocolError` if it has two readings."""
    if event.data is None or event.data == DONE:
        return {}
    try:
        body = parse_json(event.data, wide_integers=True)
    except MalformedError as error:
        raise UpstreamProtocolError(f"the answer has an event that is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise UpstreamProtocolError("the answer has an event that is not an object")
    kind = body.get("type")
    if event.name and (not isinstance(kind, str) or event.name != kind.encode("utf-8")):
        # agents go by one or by the other
        raise UpstreamProtocolError("the answer has an event with two types")
    return body


def event_bytes(kind: str, members: Mapping[str, Json]) -> bytes:
    """Return an event of that type, as providers write them."""
    return f"event: {kind}\ndata: {written({'type': kind, **members})}\n\n".encode()


def rewritten(event: StreamEvent, data: str) -> bytes:
    """Return the event as bytes, saying `data` instead."""
    name = b"event: " + event.name + b"\n" if event.name else b""
    return name + b"".join(f"data: {line}\n".encode() for line in data.split("\n")) + b"\n"
