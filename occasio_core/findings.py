"""Where the secrets of a text of any length are, read piece by piece in memory that does not grow with it.

Knows bytes that come in order, and scanners.  What is told of a secret is its kind and its place, never the secret.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from occasio_core.errors import OccasioError
from occasio_core.interfaces import SecretScanner
from occasio_core.redact import scan_texts

CONTEXT = 4 << 10  # characters before a secret that may tell what it is
LONGEST = 128 << 10  # characters of the longest secret that is found whole; a private key has at most half of it
_WINDOW = 8 * LONGEST  # characters that are looked at together
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_LONGEST_MARK = 3  # bytes


class UnscannedError(OccasioError):
    """A scanner failed: nothing can be said of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One secret: its kind, and the line and column at which it begins, both from 1, columns in characters."""

    label: str
    line: int
    column: int


def findings(pieces: Iterable[bytes], scanners: Mapping[str, SecretScanner]) -> Iterator[Finding]:
    """Yield every secret of a text, in order, whatever the pieces that it comes in.

    Bytes that are no text are looked at as well: each stands for a character that is in no secret.  Raises
    `UnscannedError`.
    """
    window = _Window(scanners)
    for text in _texts(pieces):
        yield from window.receive(text)
    yield from window.finish()


class _Window:
    """The end of what was read so far: what may still belong to a secret, and what stands before that."""

    def __init__(self, scanners: Mapping[str, SecretScanner]) -> None:
        self._scanners = scanners
        self._text = ""
        self._new = 0  # where in the text begins what was not reported on
        self._told = 0  # where the last secret that was told ends, if that is behind `_new`
        self._line, self._column = 1, 1  # of the text's first character

    def receive(self, text: str) -> Iterator[Finding]:
        self._text += text
        if len(self._text) >= _WINDOW:
            yield from self._report(len(self._text) - LONGEST)

    def finish(self) -> Iterator[Finding]:
        yield from self._report(len(self._text))

    def _report(self, until: int) -> Iterator[Finding]:
        """Yield the secrets that begin before `until`, and forget what nothing behind needs."""
        spans = scan_texts([self._text], self._scanners)[0]
        if spans is None:
            raise UnscannedError("a scanner failed", hint="occasio plugins lists the scanners")
        at, line, column = 0, self._line, self._column
        for span in spans:
            is_told = span.start < self._new and (span.end <= self._new or span.start < self._told)
            if span.start >= until or is_told:
                continue
            line, column = _moved(line, column, self._text[at : span.start])
            at = span.start
            yield Finding(label=span.label, line=line, column=column)
            self._told = max(self._told, span.end)
        self._forget(until)

    def _forget(self, until: int) -> None:
        cut = max(0, until - CONTEXT)
        self._line, self._column = _moved(self._line, self._column, self._text[:cut])
        self._text = self._text[cut:]
        self._new, self._told = until - cut, max(0, self._told - cut)


def _moved(line: int, column: int, text: str) -> tuple[int, int]:
    lines = text.count("\n")
    return line + lines, len(text) - text.rfind("\n") if lines else column + len(text)


def _texts(pieces: Iterable[bytes]) -> Iterator[str]:
    rest = iter(pieces)
    start = b""
    for piece in rest:
        start += piece
        if len(start) >= _LONGEST_MARK:
            break
    decoder = _decoder(start)
    yield decoder.decode(start)
    yield from map(decoder.decode, rest)
    yield decoder.decode(b"", final=True)


def _decoder(start: bytes) -> codecs.IncrementalDecoder:
    name = next((name for mark, name in _MARKS.items() if start.startswith(mark)), "utf-8")
    return codecs.getincrementaldecoder(name)("replace")
