"""Finds secrets that are spelled in another way, where that can be undone cheaply and without guessing.

Base64 (also over lines), hexadecimal, percent-encoding, escapes of strings and of HTML, full-width letters, and
characters that are not seen.  What is found is the whole encoded piece, or just the secret's part of it where each
character is spelled on its own.
"""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from occasio_core import Secret, SecretScanner
from occasio_secrets.hints import compiled

_AROUND = 1000  # characters of a text around one that is not seen
_DEPTH = 2  # base64 of base64
_LEAST_PRINTABLE = 0.9
_FEWEST = 24  # characters of base64 or hexadecimal: shorter ones hold no key

# Long runs; lines of 64 or 76 characters, as programs break base64, are one run.
_RUNS = rb"(?:[A-Za-z0-9+/_-]{64}(?:[A-Za-z0-9+/_-]{12})?\r?\n)+[A-Za-z0-9+/_-]+|[A-Za-z0-9+/_-]{24,}"
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_PRINTABLE = bytes(range(32, 127)) + b"\t\n\r"

# Each with what a piece is spelled with; the letters and digits around it belong to the piece.
_SPELLED = rb"(?:%[0-9A-Fa-f]{2}|\\u00[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|&#x?[0-9A-Fa-f]{2,4};)"
_ESCAPED = rb"[A-Za-z0-9_.~+/=:@!$-]*" + _SPELLED + rb"(?:[A-Za-z0-9_.~+/=:@!$-]|" + _SPELLED + rb")*"
_ESCAPE = re.compile(
    r"%([0-9A-Fa-f]{2})|\\u00([0-9A-Fa-f]{2})|\\x([0-9A-Fa-f]{2})|&#x([0-9A-Fa-f]{2,4});|&#([0-9]{2,4});"
)
_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufe0e\ufe0f\ufeff"
_UNUSUAL = re.compile(f"[{_UNSEEN}\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_AS_SEEN = {one: one - 0xFEE0 for one in range(0xFF01, 0xFF5F)} | dict.fromkeys(map(ord, _UNSEEN))


@dataclass(frozen=True, slots=True)
class View:
    """A piece of a text as it reads when it is decoded; `spot` returns where a part of that is in the text."""

    text: str
    spot: Callable[[int, int], tuple[int, int]]


class Encoded:
    """Finds what `scanners` find in texts once they are decoded."""

    name = "encoded"

    def __init__(self, scanners: Sequence[SecretScanner]) -> None:
        self._scanners = scanners

    def scan(self, text: str, /) -> Iterator[Secret]:
        """Yield where what hides a secret stands in `text`."""
        return self._scan(text, _DEPTH)

    def _scan(self, text: str, depth: int) -> Iterator[Secret]:
        for view in views(text):
            found: Iterable[Secret] = [secret for scanner in self._scanners for secret in scanner.scan(view.text)]
            if depth > 1:
                found = [*found, *self._scan(view.text, depth - 1)]
            for secret in found:
                start, end = view.spot(secret.start, secret.end)
                yield Secret(label=secret.label, start=start, end=end)


def views(text: str) -> Iterator[View]:
    """Yield each piece of `text` that reads as something else."""
    yield from _unescaped(text)
    yield from _decoded(text)
    if not text.isascii():
        yield from (_seen(text[start:end], start) for start, end in _unusual(text))


def _unescaped(text: str) -> Iterator[View]:
    if not any(sign in text for sign in ("%", "\\u00", "\\x", "&#")):
        return
    for start, end in _spans(_ESCAPED, text):
        if end - start >= _FEWEST:
            yield _view(start, _characters(text[start:end]))


def _characters(piece: str) -> Iterator[tuple[str, int, int]]:
    """Yield each character with where its spelling begins and ends."""
    position = 0
    for escape in _ESCAPE.finditer(piece):
        yield from ((piece[at], at, at + 1) for at in range(position, escape.start()))
        number = int(escape[5]) if escape[5] else int(next(filter(None, escape.groups())), 16)
        yield chr(number), escape.start(), escape.end()
        position = escape.end()
    yield from ((piece[at], at, at + 1) for at in range(position, len(piece)))


def _unusual(text: str) -> Iterator[tuple[int, int]]:
    """Yield the surroundings of characters that read as others, or as none, those that touch as one."""
    start = end = -1
    for match in _UNUSUAL.finditer(text):
        if start >= 0 and match.start() - _AROUND > end:
            yield start, end
            start = -1
        start = max(0, match.start() - _AROUND) if start < 0 else start
        end = match.end() + _AROUND
    if start >= 0:
        yield start, min(end, len(text))


def _seen(text: str, offset: int) -> View:
    unseen = [match.start() - number for number, match in enumerate(re.finditer(f"[{_UNSEEN}]", text))]

    def place(position: int) -> int:
        return offset + position + bisect_right(unseen, position)

    return View(text.translate(_AS_SEEN), lambda first, last: (place(first), place(last - 1) + 1))


def _view(offset: int, characters: Iterable[tuple[str, int, int]]) -> View:
    pieces, starts, ends = [], [], []
    for one, start, end in characters:
        pieces.append(one)
        starts.append(offset + start)
        ends.append(offset + end)
    return View("".join(pieces), lambda first, last: (starts[first], ends[last - 1]))


def _decoded(text: str) -> Iterator[View]:
    """Yield what is in base64 or hexadecimal, if it is text."""
    for start, end in _spans(_RUNS, text):
        data = _unhexed(text[start:end]) or _unbased(text[start:end])
        if data and _is_text(data):
            yield _whole(data.decode("latin-1"), start, end)


def _whole(text: str, start: int, end: int) -> View:
    """Return a view whose every part stands for all of the piece."""
    return View(text, lambda _first, _last: (start, end))


def _unhexed(run: str) -> bytes | None:
    return binascii.unhexlify(run) if _HEX.fullmatch(run) else None


def _unbased(run: str) -> bytes | None:
    letters = re.sub(r"\s", "", run).translate({ord("-"): "+", ord("_"): "/"})
    whole = letters[: len(letters) // 4 * 4] if len(letters) % 4 == 1 else letters + "=" * (-len(letters) % 4)
    try:
        return base64.b64decode(whole, validate=True)
    except binascii.Error:
        return None


def _is_text(data: bytes) -> bool:
    return len(data) - len(data.translate(None, _PRINTABLE)) >= _LEAST_PRINTABLE * len(data)


def _spans(expression: bytes, text: str) -> Iterator[tuple[int, int]]:
    # a byte for each character, so that places are the same in both
    return (match.span() for match in compiled(expression).finditer(text.encode("ascii", "replace")))
