"""Finds secrets that are spelled in another way, where that can be undone cheaply and without guessing.

Base64 (also over lines), hexadecimal, percent-encoding, escapes of strings and of HTML, full-width letters, and
characters that are not seen.  What is found is the whole encoded piece, or just the secret's part of it where each
character is spelled on its own.
"""

from __future__ import annotations

import binascii
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape
from unicodedata import normalize

from occasio_core import Secret, SecretScanner
from occasio_secrets.hints import compiled

_AROUND = 1000  # characters of a text around one that is not seen
_DEPTH = 2  # base64 of base64
_LEAST_PRINTABLE = 0.75  # of the bytes of a text; of bytes by chance 0.38 are
_FEWEST = 24  # characters of base64 or hexadecimal: shorter ones hold no key

# Long runs; lines of 60, 64 or 76 characters, as programs break base64 and hexadecimal, are one run, however they are
# indented and their ends are written.
_END = rb"(?:\\r)?(?:\r?\n|\\n)[ \t]{0,16}"
_RUNS = rb"(?:[A-Za-z0-9+/_-]{60}(?:[A-Za-z0-9+/_-]{4}(?:[A-Za-z0-9+/_-]{12})?)?" + _END + rb")+[A-Za-z0-9+/_-]+"
_RUNS += rb"|[A-Za-z0-9+/_-]{24,}"
_BREAK = re.compile(r"\\[rn]|\s")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_PRINTABLE = bytes(range(32, 127)) + b"\t\n\r"

# Each with what a piece is spelled with; the letters and digits around it belong to the piece.
_NAMES = "quot|apos|amp|lt|gt"
_SPELLED = (
    rb"(?:%[0-9A-Fa-f]{2}|\\u00[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\[01][0-7]{2}|&#x?[0-9A-Fa-f]{2,4};|&(?:"
    + _NAMES.encode()
    + rb");)"
)
_ESCAPED = rb"[A-Za-z0-9_.~+/=:@!$-]*" + _SPELLED + rb"(?:[A-Za-z0-9_.~+/=:@!$-]|" + _SPELLED + rb")*"
_ESCAPE = re.compile(
    r"(?:%|\\u00|\\x)(?P<hex>[0-9A-Fa-f]{2})|\\(?P<octal>[01][0-7]{2})|(?P<html>&(?:#x?[0-9A-Fa-f]{2,4}|"
    + _NAMES
    + ");)"
)
# Characters that are not seen; with them go the colours of terminals, and letters struck twice, as manuals make them
# bold.
_UNSEEN = (
    "\x00\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069"
    "\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
)
_HIDDEN = re.compile(rf"[{_UNSEEN}]|\x1b\[[0-9;?]*[A-Za-z]|.\x08")
_UNUSUAL = re.compile(f"[\x08\x1b{_UNSEEN}\uff10-\uff5a\U0001d400-\U0001d7ff\U000e0020-\U000e007e\u24b6-\u24e9]")
_LETTERS = (range(0xFF01, 0xFF5F), range(0x1D400, 0x1D800), range(0x24B6, 0x24EA))
_TAGS = range(0xE0020, 0xE007F)  # a copy of ASCII that nobody sees


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
    if not text.isascii() or any(sign in text for sign in "\x00\x08\x1b"):
        yield from (_seen(text[start:end], start) for start, end in _unusual(text))


def _unescaped(text: str) -> Iterator[View]:
    if not any(sign in text for sign in ("%", "\\u00", "\\x", "\\1", "\\0", "&#", "&quot;")):
        return
    for start, end in _spans(_ESCAPED, text):
        if end - start >= _FEWEST:
            yield _view(start, _characters(text[start:end]))


def _characters(piece: str) -> Iterator[tuple[str, int, int]]:
    """Yield each character with where its spelling begins and ends."""
    position = 0
    for escape in _ESCAPE.finditer(piece):
        yield from ((piece[at], at, at + 1) for at in range(position, escape.start()))
        yield _meant(escape), escape.start(), escape.end()
        position = escape.end()
    yield from ((piece[at], at, at + 1) for at in range(position, len(piece)))


def _meant(escape: re.Match[str]) -> str:
    if escape["html"]:
        return unescape(escape["html"])[:1]
    return chr(int(escape["hex"], 16) if escape["hex"] else int(escape["octal"], 8))


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
    hidden = [place for match in _HIDDEN.finditer(text) for place in range(*match.span())]
    unseen = [place - number for number, place in enumerate(hidden)]

    def place(position: int) -> int:
        return offset + position + bisect_right(unseen, position)

    return View(_HIDDEN.sub("", text).translate(_letters()), lambda first, last: (place(first), place(last - 1) + 1))


@cache
def _letters() -> Mapping[int, str]:
    """Return the letter or sign of ASCII that another character is a form of."""
    usual = {one: normalize("NFKC", chr(one)) for letters in _LETTERS for one in letters}
    return {one: form for one, form in usual.items() if form.isascii()} | {one: chr(one - 0xE0000) for one in _TAGS}


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
        data = next(filter(_is_text, _texts_of(text[start:end])), None)
        if data is not None:
            yield _whole(data.decode("latin-1"), start, end)


def _whole(text: str, start: int, end: int) -> View:
    """Return a view whose every part stands for all of the piece."""
    return View(text, lambda _first, _last: (start, end))


def _texts_of(run: str) -> Iterator[bytes]:
    """Yield what a run reads as, if it is text: base64 may begin behind the end of a path or a name."""
    letters = _BREAK.sub("", run)
    if _HEX.fullmatch(letters):
        yield binascii.unhexlify(letters)
        return
    letters = letters.translate({ord("-"): "+", ord("_"): "/"})
    for skipped in range(4):
        part = letters[skipped:]
        whole = part[: len(part) // 4 * 4] if len(part) % 4 == 1 else part + "=" * (-len(part) % 4)
        yield binascii.a2b_base64(whole)


def _is_text(data: bytes) -> bool:
    return len(data) - len(data.translate(None, _PRINTABLE)) >= _LEAST_PRINTABLE * len(data)


def _spans(expression: bytes, text: str) -> Iterator[tuple[int, int]]:
    # a byte for each character, so that places are the same in both
    return (match.span() for match in compiled(expression).finditer(text.encode("ascii", "replace")))
