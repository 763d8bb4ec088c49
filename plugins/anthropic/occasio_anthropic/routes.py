"""Which requests are the Messages API's.  Goes by the path alone: what an agent says of itself opens no way around."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

_MESSAGES = ("v1", "messages")
_COUNT = ("v1", "messages", "count_tokens")


def carries_history(path: str) -> bool:
    """Return whether a request to `path` shows the model a history, be it only to count its tokens."""
    return _ends(path, _MESSAGES) or counts_tokens(path)


def counts_tokens(path: str) -> bool:
    """Return whether a request to `path` only counts tokens, so that no call can come of it."""
    return _ends(path, _COUNT)


def _ends(path: str, tail: Sequence[str]) -> bool:
    return _segments(path)[-len(tail) :] == [*tail]


def _segments(path: str) -> list[str]:
    """Return the segments as a lenient server may read them: decoded, and with the empty ones and dots resolved."""
    segments: list[str] = []
    for segment in unquote(path.partition("?")[0].partition("#")[0]).split("/"):
        if segment == "..":
            segments = segments[:-1]
        elif segment not in ("", "."):
            segments.append(segment)
    return segments
