"""Looks for words in bytes, in every form in which a program is likely to carry them.

Knows encodings, and no file, protocol or agent.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_ESCAPED = re.compile(rb"\\u00([0-9a-fA-F]{2})")


def leaks(words: Iterable[str], data: bytes) -> list[str]:
    """Return which of the words, all of ASCII, are in `data`, and in which form; empty if none is."""
    plain = _ESCAPED.sub(lambda escaped: bytes.fromhex(escaped[1].decode()), data).replace(b"\\/", b"/")
    return [f"{word} {form}" for word in words for form, needle in _forms(word.encode()) if needle in plain]


def leaks_below(words: Iterable[str], directory: Path) -> list[str]:
    """Return the same of all files below `directory`, each with its path.  There must be at least one."""
    files = [path for path in sorted(directory.rglob("*")) if path.is_file() and not path.is_symlink()]
    assert files, f"no file below {directory}"
    words = list(words)
    return [f"{path}: {found}" for path in files for found in leaks(words, path.read_bytes())]


def _forms(word: bytes) -> Iterator[tuple[str, bytes]]:
    yield "as it is", word
    yield "in hexadecimal", word.hex().encode()
    yield "in UTF-16", word.decode().encode("utf-16-le")
    for shift in range(3):
        yield "in base64", _inside_base64(word, shift)


def _inside_base64(word: bytes, shift: int) -> bytes:
    """Return the digits that depend on the word alone where `shift` bytes stand before it, whatever they are."""
    digits = base64.b64encode(bytes(shift) + word)
    return digits[-(-shift * 8 // 6) : (shift + len(word)) * 8 // 6]
