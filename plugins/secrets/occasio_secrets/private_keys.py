"""Finds private keys: whole blocks, from BEGIN to END, over however many lines and however the lines are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from occasio_core import Secret

LONGEST_BLOCK = 64 << 10  # characters from BEGIN to END

# Any kind of private key, PGP's and SSH.com's too; up to three words before PRIVATE.
_BEGIN = re.compile(
    r"-{4,5} ?BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)? ?-{4,5}|"
    r"PuTTY-User-Key-File-[0-9]: (?=[a-z0-9-]{4,40})"
)
_WORDS = ("PRIVATE KEY", "PuTTY-User-Key-File-")
_END = re.compile(r"-{4,5} ?END [A-Z0-9 ]{0,64}-{4,5}|Private-(?:MAC|Hash): [0-9a-f]{16,128}")
# What a block without an end goes on with: base64 and headers, with the line numbers and escapes of whoever printed it.
_BODY = re.compile(r"[A-Za-z0-9+/=\s\\:,|>→-]*")
# A header that code compares with has no key behind it.
_MATERIAL = re.compile(r"[A-Za-z0-9+/]{20}")


class PrivateKeys:
    """Finds private keys in PEM and in what PuTTY writes, whole blocks."""

    name = "private-keys"

    def scan(self, text: str, /) -> Iterator[Secret]:
        """Yield every block from its BEGIN to its END, or as far as it looks like a key if the end is missing."""
        if not any(word in text for word in _WORDS):  # far faster than an expression, and most texts have none
            return
        position = 0
        while begin := _BEGIN.search(text, position):
            end = _END.search(text, begin.end(), begin.end() + LONGEST_BLOCK) or _BODY.match(text, begin.end())
            position = end.end() if end else begin.end()
            if _MATERIAL.search(text, begin.end(), position):
                yield Secret(label="private-key", start=begin.start(), end=position)
