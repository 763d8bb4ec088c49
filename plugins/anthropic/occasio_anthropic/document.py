"""An answer that comes as one JSON document, or that is none of ours to read."""

from __future__ import annotations

from collections.abc import Iterator

from occasio_anthropic.calls import withdrawn_block
from occasio_anthropic.usage import Tally
from occasio_core import (
    CallReader,
    Held,
    Json,
    JsonPath,
    MalformedError,
    UpstreamProtocolError,
    parse_json,
    spans,
    spliced,
    written,
)

DOCUMENT_LIMIT = 64 << 20  # bytes


class DocumentAnswer:
    """Keeps the whole document until its last call is decided; the last decision returns all of it."""

    def __init__(self, calls: CallReader) -> None:
        self.tally = Tally()
        self._calls = calls
        self._body = bytearray()
        self._undecided = 0
        self._edits: dict[JsonPath, str] = {}

    def receive(self, data: bytes, /) -> Iterator[bytes | Held]:
        """Yield nothing yet.  Raises `UpstreamProtocolError` beyond the limit."""
        self._body += data
        if len(self._body) > DOCUMENT_LIMIT:
            raise UpstreamProtocolError(f"the answer is longer than {DOCUMENT_LIMIT} bytes")
        yield from ()

    def finish(self) -> Iterator[bytes | Held]:
        """Yield every call, or the document if it has none.

        Raises `UpstreamProtocolError` if it is not a document with one reading.
        """
        held = self._read()
        self.tally.complete = True
        self._undecided = len(held)
        yield from held
        if not held:
            yield bytes(self._body)

    def release(self, held: Held, /) -> bytes:
        """Return nothing, or the document if this was the last call."""
        return self._decided()

    def withdraw(self, held: Held, prefix: str, /) -> bytes:
        """As `release`, the call in a form that the agent cannot run."""
        self._edits["content", held.index] = written(withdrawn_block(held, prefix))
        return self._decided()

    def _decided(self) -> bytes:
        self._undecided -= 1
        if self._undecided:
            return b""
        if not self._edits:
            return bytes(self._body)
        return spliced(self._body.decode("utf-8"), self._edits).encode("utf-8")

    def _read(self) -> list[Held]:
        if not self._body:
            return []
        document = _document(bytes(self._body))
        self.tally.note_message(document)
        return self._held(document.get("content", []))

    def _held(self, content: Json) -> list[Held]:
        if not isinstance(content, list):
            raise UpstreamProtocolError("the answer's content is not a list")
        blocks = {}
        for index, block in enumerate(content):
            if not isinstance(block, dict):
                raise UpstreamProtocolError(f"the answer's content block {index} is not an object")
            if block.get("type") == "tool_use":
                blocks[index] = block
        if not blocks:
            return []
        text = self._body.decode("utf-8")
        found = spans(text, [("content", index, "input") for index in blocks])
        inputs = {path[1]: text[start:end] for path, (start, end) in found.items()}
        return [self._calls.read(block, inputs.get(index, ""), "", index) for index, block in blocks.items()]


class UnreadAnswer:
    """Passes every byte on: an error, or an answer to a request that leads to no calls."""

    def __init__(self) -> None:
        self.tally = Tally(complete=True)

    def receive(self, data: bytes, /) -> Iterator[bytes | Held]:
        """Yield `data`."""
        yield data

    def finish(self) -> Iterator[bytes | Held]:
        """Yield nothing."""
        yield from ()

    def release(self, held: Held, /) -> bytes:
        """Return nothing: there are no calls."""
        return b""

    def withdraw(self, held: Held, prefix: str, /) -> bytes:
        """Return nothing: there are no calls."""
        return b""


def _document(body: bytes) -> dict[str, Json]:
    try:
        document = parse_json(body, wide_integers=True)
    except MalformedError as error:
        raise UpstreamProtocolError(f"the answer is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise UpstreamProtocolError("the answer is not an object")
    return document
