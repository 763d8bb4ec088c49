"""Counts what one answer cost, as the provider says it.

What was read from the provider's cache is part of the input there; rows count it apart.
"""

from __future__ import annotations

from occasio_core import Json, Tally, tokens


class ResponsesTally(Tally):
    """Of the Responses API."""

    __slots__ = ()

    def note_usage(self, usage: Json) -> None:
        """Take a usage object: the last one said stands."""
        _note(self, usage, "input_tokens", "output_tokens")


class ChatTally(Tally):
    """Of Chat Completions."""

    __slots__ = ()

    def note_usage(self, usage: Json) -> None:
        """Take a usage object: the last one said stands."""
        _note(self, usage, "prompt_tokens", "completion_tokens")


def _note(tally: Tally, usage: Json, sent: str, said: str) -> None:
    if not isinstance(usage, dict):
        return
    details = usage.get(f"{sent}_details")
    cached = tokens(details.get("cached_tokens"), 0) if isinstance(details, dict) else 0
    whole = tokens(usage.get(sent), tally.input_tokens + tally.cache_read_tokens)
    tally.cache_read_tokens = min(cached, whole)
    tally.input_tokens = whole - tally.cache_read_tokens
    tally.output_tokens = tokens(usage.get(said), tally.output_tokens)
