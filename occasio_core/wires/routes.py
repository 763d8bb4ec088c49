"""What a request is for, by its path alone: what an agent says of itself opens no way around."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote


def ends_with(path: str, tail: Sequence[str | None]) -> bool:
    """Return whether the last segments of `path` are `tail`, however a lenient server may read it; None is any one.

    `tail` is in lower case: some servers do not tell the cases apart.
    """
    last = [segment.lower() for segment in _segments(path)[-len(tail) :]]
    return len(last) == len(tail) and all(want in (None, found) for want, found in zip(tail, last, strict=True))


def last_segment(path: str) -> str:
    """Return the last segment of `path`, however a lenient server may read it; empty if there is none."""
    return next(reversed(_segments(path)), "")


def _segments(path: str) -> list[str]:
    """Return the segments as a lenient server may read them: decoded, and with the empty ones and dots resolved."""
    segments: list[str] = []
    for segment in unquote(path.partition("?")[0].partition("#")[0]).split("/"):
        if segment == "..":
            segments = segments[:-1]
        elif segment not in ("", "."):
            segments.append(segment)
    return segments
