"""Texts that others wrote, as a terminal, a page or a table may have them: nothing in them that a terminal would obey.

Knows characters alone.  `occasio_verify` has its own: it imports nothing of this package.
"""

from __future__ import annotations


def printable(text: str, *, beside: str = "") -> str:
    """Return `text` with `?` for each character that is not seen, those of `beside` excepted."""
    return "".join(char if char.isprintable() or char in beside else "?" for char in text)


def written_out(text: str) -> str:
    r"""Return `text` with each character that is not seen in the form `\x1b`, so that none is lost."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
