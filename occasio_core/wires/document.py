"""An answer that comes as one JSON document, and the calls in it wherever the protocol has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from occasio_core.errors import UpstreamProtocolError
from occasio_core.wires.calls import CallReader, Held
from occasio_core.wires.splice import JsonPath, spans, spliced, written
from occasio_core.wires.usage import Tally
from occasio_verify import Json, MalformedError, parse_json

DOCUMENT_LIMIT = 64 << 20  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A call in a document: where it stands, its own members, its id and its tool, and where its input is.

    `input` is a path to a value of the document, or the JSON text itself where the protocol puts it into a string.
    """

    path: JsonPath
    block: Mapping[str, Json] = field(repr=False)
    call: Json
    tool: Json
    input: JsonPath | str = field(repr=False)
    flaw: str = ""
    done_by_provider: bool = False

    def below(self, path: JsonPath) -> Found:
        """Return the same call, in a document that stands at `path` of another."""
        place = (*path, *self.input) if isinstance(self.input, tuple) else self.input
        return replace(self, path=(*path, *self.path), input=place)


Find: TypeAlias = "Callable[[Mapping[str, Json]], Iterable[Found]]"
Shown: TypeAlias = "Callable[[Held, str], Mapping[str, Json]]"


class DocumentAnswer:
    """Keeps the whole document until its last call is decided; the last decision returns all of it.

    `find` yields the calls of a document and raises `UpstreamProtocolError` where it is not what the protocol says;
    `shown` returns a call as the agent may see it once it is withdrawn.  With `items` the document may be a list of
    objects too, and is then read as an object with that one member.
    """

    patience = b""  # a document comes as a whole, and nothing can be said before

    def __init__(self, calls: CallReader, tally: Tally, find: Find, shown: Shown, *, items: str | None = None) -> None:
        self.tally = tally
        self._calls = calls
        self._find = find
        self._shown = shown
        self._items = items
        self._body = bytearray()
        self._undecided = 0
        self._paths: list[JsonPath] = []
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
        self._edits[self._paths[held.index]] = written(dict(self._shown(held, prefix)))
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
        document = document_of(bytes(self._body), self._items)
        self.tally.note_message(document)
        found = list(self._find(document))
        self._paths = [one.path for one in found]
        texts = self._texts([one.input for one in found if isinstance(one.input, tuple)])
        return [
            self._calls.read(
                one.block,
                one.input if isinstance(one.input, str) else texts.get(one.input, ""),
                one.flaw,
                index,
                call=one.call,
                tool=one.tool,
                done_by_provider=one.done_by_provider,
            )
            for index, one in enumerate(found)
        ]

    def _texts(self, paths: list[JsonPath]) -> dict[JsonPath, str]:
        if not paths:
            return {}
        text = self._body.decode("utf-8")
        return {path: text[start:end] for path, (start, end) in spans(text, paths).items()}


def document_of(body: bytes, items: str | None = None) -> dict[str, Json]:
    """Return the answer's document.  Raises `UpstreamProtocolError` if it is none with one reading."""
    try:
        document = parse_json(body, wide_integers=True)
    except MalformedError as error:
        raise UpstreamProtocolError(f"the answer is not JSON: {error}") from None
    if items is not None and isinstance(document, list):
        return {items: document}
    if not isinstance(document, dict):
        raise UpstreamProtocolError("the answer is not an object")
    return document
