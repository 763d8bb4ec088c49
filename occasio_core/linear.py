"""Regular expressions that people write, matched in time that grows with the text alone.

RE2 knows no look-around and no backreferences; in return no pattern and no text makes it try anything twice.  Offsets
are characters of the text, as everywhere else.
"""

from __future__ import annotations

from collections.abc import Iterator

MAX_PATTERN = 10_000  # characters
_MEMORY = 8 << 20  # bytes that one pattern may take, RE2's own default


class LinearPattern:
    """A compiled pattern.  May be used from several threads at once."""

    def __init__(self, text: str, *, any_case: bool = False, lines: bool = False) -> None:
        import re2  # loads a library; most runs have no pattern of a person

        if len(text) > MAX_PATTERN:
            raise ValueError(f"a pattern of more than {MAX_PATTERN} characters")
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MEMORY
        options.case_sensitive = not any_case
        self.text = text
        try:
            # `(?m)` lets ^ and $ stand for the beginnings and ends of lines
            self._compiled = re2.compile((b"(?m)" if lines else b"") + text.encode(), options)
        except re2.error as error:
            raise ValueError(_told(error)) from None
        except UnicodeEncodeError:
            raise ValueError("a lone surrogate") from None

    def finds(self, text: str, /) -> bool:
        """Return whether the pattern matches anywhere in `text`."""
        return self._compiled.search(_encoded(text)) is not None

    def find(self, data: bytes, start: int = 0, /) -> tuple[int, int] | None:
        """Return where the first match at or after `start` is, `data[start:end]`, empty or not.

        What is no UTF-8 fits nothing.
        """
        found = self._compiled.search(data, start)
        return None if found is None else found.span()

    def spans(self, text: str, /) -> Iterator[tuple[int, int]]:
        """Yield where each match is, `text[start:end]`, in order and apart; empty matches are left out."""
        data = _encoded(text)
        found = (match.span() for match in self._compiled.finditer(data))
        filled = ((start, end) for start, end in found if start < end)
        return filled if len(data) == len(text) else _in_characters(data, filled)


def linear_pattern(text: str, *, any_case: bool = False, lines: bool = False) -> LinearPattern:
    """Return `text` compiled; `lines` lets `^` and `$` stand for the ends of lines.

    Raises `ValueError` that says in one line what RE2 does not take: look-around, backreferences, wrong syntax.
    """
    return LinearPattern(text, any_case=any_case, lines=lines)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _in_characters(data: bytes, spans: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield spans of bytes as spans of characters; each byte is counted once."""
    at, characters = 0, 0
    for span in spans:
        counted = []
        for offset in span:
            characters += _characters(data[at:offset])
            at = offset
            counted.append(characters)
        yield counted[0], counted[1]


def _characters(data: bytes) -> int:
    return sum(byte & 0xC0 != 0x80 for byte in data)


def _told(error: Exception) -> str:
    first: object = error.args[0] if error.args else ""
    text = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
    return " ".join(text.split()) or "not a regular expression of RE2"
