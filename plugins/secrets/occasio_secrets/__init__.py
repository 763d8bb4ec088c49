"""Finds secrets in texts: keys of well-known providers, private keys, passwords in URLs and assignments.

Found is what stands in the text as it is; what is encoded, or broken over lines, is not, but for private keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from occasio_core import Secret, SecretScanner, hookimpl
from occasio_secrets.patterns import PATTERNS, Pattern

_LONGEST_BLOCK = 64 << 10  # characters from BEGIN to END

# Any kind of private key, PGP's too; up to three words before PRIVATE.
_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END [A-Z0-9 ]{0,64}-----")
# What a block without an end goes on with: base64 and headers, with the line numbers and escapes of whoever printed it.
_BODY = re.compile(r"[A-Za-z0-9+/=\s\\:,|>→-]*")
# A header that code compares with has no key behind it.
_MATERIAL = re.compile(r"[A-Za-z0-9+/]{20}")


class Tokens:
    """Finds secrets that stand on one line."""

    name = "tokens"

    def __init__(self, patterns: Sequence[Pattern] = PATTERNS) -> None:
        self._patterns = patterns

    def scan(self, text: str, /) -> Iterator[Secret]:
        """Yield every match of every pattern."""
        lowered = _lowered(text)
        for pattern in self._patterns:
            for begin in pattern.begins:
                yield from _found(text, lowered if pattern.any_case else text, pattern, begin)


class PrivateKeys:
    """Finds private keys in PEM, whole blocks."""

    name = "private-keys"

    def scan(self, text: str, /) -> Iterator[Secret]:
        """Yield every block from its BEGIN to its END, or as far as it looks like a key if the end is missing."""
        position = 0
        while begin := _BEGIN.search(text, position):
            end = _END.search(text, begin.end(), begin.end() + _LONGEST_BLOCK) or _BODY.match(text, begin.end())
            position = end.end() if end else begin.end()
            if _MATERIAL.search(text, begin.end(), position):
                yield Secret(label="private-key", start=begin.start(), end=position)


def _found(text: str, haystack: str, pattern: Pattern, begin: str) -> Iterator[Secret]:
    position = haystack.find(begin)
    while position >= 0:
        match = (
            pattern.regex.match(text, position) if position == 0 or text[position - 1] not in pattern.after else None
        )
        if match and pattern.is_real(text[slice(*_span(match))]):
            start, end = _span(match)
            yield Secret(label=pattern.label, start=start, end=end)
        position = haystack.find(begin, match.end() if match else position + 1)


def _span(match: re.Match[str]) -> tuple[int, int]:
    """Return where the secret in `match` is: its named group, or all of it."""
    return next(
        (match.span(name) for name, value in match.groupdict().items() if value and name != "quote"), match.span()
    )


def _lowered(text: str) -> str:
    """Return `text` in lower case, every character in its old place."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(small if len(small := character.lower()) == 1 else character for character in text)


@hookimpl
def occasio_register_secret_scanners() -> list[SecretScanner]:
    """Return both scanners."""
    return [Tokens(), PrivateKeys()]


__all__ = ["PATTERNS", "Pattern", "PrivateKeys", "Tokens", "occasio_register_secret_scanners"]
