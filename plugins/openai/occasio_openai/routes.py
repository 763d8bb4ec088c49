"""Which requests carry tool calls, their results or files, by method and path alone."""

from __future__ import annotations

from enum import Enum

from occasio_core import ends_with


class Use(Enum):
    """What a request is for."""

    ANSWER = "the model answers, and may call tools"
    RETRIEVE = "an answer that was asked for before is fetched"
    COMPACT = "the model shortens a history"
    COUNT = "a history's tokens are counted"
    STORE = "a history is put on the provider's side"
    UPLOAD = "a file is given to the provider"
    BATCH = "an uploaded file of requests is to be answered another day"
    CONTENT = "a file is fetched, perhaps the answers of a batch"


def use_of_responses(method: str, path: str) -> Use | None:
    """Return what a request to the Responses API is for; None for those that carry no calls, results or files."""
    match method.upper():
        case "GET" if ends_with(path, ("responses", None)):
            return Use.RETRIEVE
        case "GET" if ends_with(path, ("files", None, "content")):
            return Use.CONTENT
        case "POST" if ends_with(path, ("messages", "batches")):
            return None  # another provider's
        case "POST":
            tails = {
                ("responses",): Use.ANSWER,
                ("responses", "compact"): Use.COMPACT,
                ("responses", "input_tokens"): Use.COUNT,
                ("conversations",): Use.STORE,
                ("conversations", None, "items"): Use.STORE,
                ("files",): Use.UPLOAD,
                ("uploads", None, "parts"): Use.UPLOAD,
                ("containers", None, "files"): Use.UPLOAD,
                ("batches",): Use.BATCH,
            }
            return next((use for tail, use in tails.items() if ends_with(path, tail)), None)
    return None


def is_chat(method: str, path: str) -> bool:
    """Return whether the request is for a chat completion."""
    return method.upper() == "POST" and ends_with(path, ("chat", "completions"))
