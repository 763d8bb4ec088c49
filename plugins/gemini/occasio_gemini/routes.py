"""Which requests carry tool calls or their results, by method and path alone."""

from __future__ import annotations

from occasio_core import last_segment

# In lower case, as some servers do not tell the cases apart.
_ANSWERS = ("generatecontent", "streamgeneratecontent")
_COUNT = "counttokens"


def carries_history(method: str, path: str) -> bool:
    """Return whether a request shows a model a history, be it only to count its tokens."""
    return method.upper() == "POST" and _verb(path) in (*_ANSWERS, _COUNT)


def counts_tokens(path: str) -> bool:
    """Return whether a request only counts tokens, so that no call can come of it."""
    return _verb(path) == _COUNT


def model_of(path: str) -> str | None:
    """Return the model that a path names."""
    return last_segment(path).partition(":")[0] or None


def _verb(path: str) -> str:
    return last_segment(path).rpartition(":")[2].lower()
