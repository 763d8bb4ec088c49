"""A request that uploads files: they go as they are, or not at all, but for the requests of a batch in one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from occasio_core.errors import AgentProtocolError
from occasio_core.wires.batch import MAX_REQUESTS
from occasio_core.wires.body import RequestBody
from occasio_core.wires.multipart import Part, parts_of
from occasio_verify import Json, MalformedError, parse_json

# Given the fields of one line, its bytes: the request in it, None if the line is no request of a batch.
RequestOf: TypeAlias = "Callable[[bytes, Mapping[str, Json]], RequestBody | None]"


class Upload(RequestBody):
    """A form with files.  `request_of` reads the lines of a batch; without it every file is a text."""

    is_whole = True

    def __init__(self, body: bytes, content_type: str, request_of: RequestOf | None = None) -> None:
        super().__init__(b"{}")
        self._form = body
        self._whole: list[str] = []
        self._lines: list[tuple[int, int, RequestBody]] = []
        for part in parts_of(body, content_type):
            self._take(part, request_of)
        self.parts = [request for _, _, request in self._lines]

    @property
    def output_limit(self) -> int | None:
        """None: no model answers."""
        return None

    def told(self) -> list[tuple[str, ...]]:
        """Return each text, by itself."""
        return [(text,) for text in self._whole]

    def retell(self, number: int, new: Sequence[str]) -> None:
        """Raise: a file goes as it is, or not at all."""
        raise ValueError("an upload is not changed")

    def outgoing(self) -> bytes:
        """Return the form, its batch's requests as they go."""
        pieces, kept = [], 0
        for start, end, request in self._lines:
            pieces += [self._form[kept:start], request.outgoing()]
            kept = end
        return b"".join([*pieces, self._form[kept:]])

    def _take(self, part: Part, request_of: RequestOf | None) -> None:
        if part.filename is not None:
            self._whole.append(part.filename)
        content = self._form[part.start : part.end]
        if request_of and part.filename is not None and (lines := list(_requests(part, content, request_of))):
            self._lines += lines
            return
        try:
            self._whole.append(_text(content))
        except ValueError:
            self.problem = "a file that is uploaded is no text in UTF-8, so nobody can tell here what is in it"


def _text(content: bytes) -> str:
    if b"\0" in content:
        raise ValueError("a text has no NUL")
    return content.decode("utf-8")


def _requests(part: Part, content: bytes, request_of: RequestOf) -> Iterator[tuple[int, int, RequestBody]]:
    """Yield the requests of a batch, each with its line's place; nothing if any line is none."""
    found, at = [], part.start
    for line in content.split(b"\n"):
        request = _request(line, request_of) if line.strip() else None
        if line.strip() and request is None:
            return
        if request is not None:
            found.append((at, at + len(line), request))
        if len(found) > MAX_REQUESTS:
            raise AgentProtocolError(f"the batch has more than {MAX_REQUESTS} requests")
        at += len(line) + 1
    yield from found


def _request(line: bytes, request_of: RequestOf) -> RequestBody | None:
    try:
        document = parse_json(line, wide_integers=True)
    except MalformedError:
        return None
    return request_of(line, document) if isinstance(document, dict) else None
