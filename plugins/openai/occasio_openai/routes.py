"""Which requests carry tool calls or their results, by method and path alone."""

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


def use_of_responses(method: str, path: str) -> Use | None:
    """Return what a request to the Responses API is for; None for those that carry neither calls nor results."""
    match method.upper():
        case "GET" if ends_with(path, ("responses", None)):
            return Use.RETRIEVE
        case "POST":
            tails = {
                ("responses",): Use.ANSWER,
                ("responses", "compact"): Use.COMPACT,
                ("responses", "input_tokens"): Use.COUNT,
                ("conversations",): Use.STORE,
                ("conversations", None, "items"): Use.STORE,
            }
            return next((use for tail, use in tails.items() if ends_with(path, tail)), None)
    return None


def is_chat(method: str, path: str) -> bool:
    """Return whether the request is for a chat completion."""
    return method.upper() == "POST" and ends_with(path, ("chat", "completions"))
