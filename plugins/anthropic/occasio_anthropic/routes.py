"""Which requests are the Messages API's."""

from __future__ import annotations

from occasio_core import ends_with

_MESSAGES = ("v1", "messages")
_COUNT = ("v1", "messages", "count_tokens")


def carries_history(path: str) -> bool:
    """Return whether a request to `path` shows the model a history, be it only to count its tokens."""
    return ends_with(path, _MESSAGES) or counts_tokens(path)


def counts_tokens(path: str) -> bool:
    """Return whether a request to `path` only counts tokens, so that no call can come of it."""
    return ends_with(path, _COUNT)
