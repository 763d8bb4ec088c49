"""Which requests are the Messages API's, and what each is for, by method and path alone."""

from __future__ import annotations

from enum import Enum

from occasio_core import ends_with


class Use(Enum):
    """What a request is for."""

    ANSWER = "the model answers, and may call tools"
    COUNT = "a history's tokens are counted"
    BATCH = "many requests are sent at once, to be answered another day"
    RESULTS = "the answers of a batch are fetched"
    UPLOAD = "a file is given to the provider"


_POSTED = {
    ("v1", "messages"): Use.ANSWER,
    ("v1", "messages", "count_tokens"): Use.COUNT,
    ("v1", "messages", "batches"): Use.BATCH,
    ("v1", "files"): Use.UPLOAD,
    ("v1", "skills"): Use.UPLOAD,
    ("v1", "skills", None, "versions"): Use.UPLOAD,
}


def use_of(method: str, path: str) -> Use | None:
    """Return what a request is for; None for those that carry neither calls nor results nor files."""
    match method.upper():
        case "GET" if ends_with(path, ("v1", "messages", "batches", None, "results")):
            return Use.RESULTS
        case "POST":
            return next((use for tail, use in _POSTED.items() if ends_with(path, tail)), None)
    return None
