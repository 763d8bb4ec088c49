"""An answer of many JSON documents, one a line: what came of a batch.  Each line waits for the calls in it alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from occasio_core.errors import UpstreamProtocolError
from occasio_core.wires.calls import CallReader, Held
from occasio_core.wires.document import DOCUMENT_LIMIT, DocumentAnswer, Find, Shown, document_of
from occasio_core.wires.usage import Tally
from occasio_verify import Json


class LinesAnswer:
    """Reads each line as a `DocumentAnswer` does.

    Where `mark` is given, the answer is any file unless its first line is an object with that member: any file passes.
    What the requests have cost is not counted: the same lines may be fetched again.
    """

    patience = b""

    def __init__(self, calls: CallReader, find: Find, shown: Shown, *, mark: str = "") -> None:
        self.tally = Tally()
        self._calls = calls.afresh()  # who fetches the lines again gets the same calls again
        self._find = find
        self._shown = shown
        self._mark = mark
        self._passes = False
        self._rest = bytearray()
        self._number = 0
        self._held: dict[int, tuple[DocumentAnswer, Held, bytes]] = {}

    def receive(self, data: bytes, /) -> Iterator[bytes | Held]:
        """Yield each line once it is whole, or the calls in it.  Raises `UpstreamProtocolError`."""
        if self._passes:
            yield data
            return
        looked = len(self._rest)
        self._rest += data
        while (end := self._rest.find(b"\n", looked)) >= 0:
            line, looked = bytes(self._rest[:end]), 0
            del self._rest[: end + 1]
            yield from self._line(line, b"\n")
        if len(self._rest) > DOCUMENT_LIMIT:
            raise UpstreamProtocolError(f"the answer has a line of more than {DOCUMENT_LIMIT} bytes")

    def finish(self) -> Iterator[bytes | Held]:
        """Yield the last line.  Raises `UpstreamProtocolError`."""
        if self._rest:
            yield from self._line(bytes(self._rest), b"")
        self.tally.complete = True

    def release(self, held: Held, /) -> bytes:
        """Return nothing, or the line if this was the last call in it."""
        answer, own, end = self._held.pop(held.index)
        line = answer.release(own)
        return line + end if line else b""

    def withdraw(self, held: Held, prefix: str, /) -> bytes:
        """As `release`, the call in a form that the agent cannot run."""
        answer, own, end = self._held.pop(held.index)
        line = answer.withdraw(own, prefix)
        return line + end if line else b""

    def _line(self, line: bytes, end: bytes) -> Iterator[bytes | Held]:
        self._passes = self._passes or (bool(self._mark) and not self._is_marked(line))
        if self._passes or not line.strip():
            yield line + end
            return
        self._mark = ""  # from here on every line is one
        answer = DocumentAnswer(self._calls, Tally(), self._find, self._shown)
        list(answer.receive(line))
        for item in answer.finish():
            if isinstance(item, Held):
                self._held[self._number] = answer, item, end
                yield replace(item, index=self._number)
                self._number += 1
            else:
                yield item + end

    def _is_marked(self, line: bytes) -> bool:
        """Return whether the first line is that of a batch; one that some would read as such has to be read here."""
        if not line.lstrip().startswith(b'{"'):
            return False
        document: Mapping[str, Json] = document_of(line)
        return self._mark in document
