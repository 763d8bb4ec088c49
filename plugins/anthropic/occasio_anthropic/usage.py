"""Counts what one answer cost, as the provider says it."""

from __future__ import annotations

from dataclasses import dataclass

from occasio_core import Json

_MOST = 2**53 - 1


@dataclass(slots=True, kw_only=True)
class Tally:
    """The model that answered, its tokens so far, and whether the answer is whole."""

    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    complete: bool = False

    def note_message(self, message: Json) -> None:
        """Take the model and the usage of a message object."""
        if isinstance(message, dict):
            model = message.get("model")
            self.model = model if isinstance(model, str) else self.model
            self.note_usage(message.get("usage"))

    def note_usage(self, usage: Json) -> None:
        """Take a usage object.  Its counts are totals: the last one said stands."""
        if isinstance(usage, dict):
            self.input_tokens = _count(usage.get("input_tokens"), self.input_tokens)
            self.output_tokens = _count(usage.get("output_tokens"), self.output_tokens)
            self.cache_read_tokens = _count(usage.get("cache_read_input_tokens"), self.cache_read_tokens)
            self.cache_write_tokens = _count(usage.get("cache_creation_input_tokens"), self.cache_write_tokens)


def _count(value: Json, otherwise: int) -> int:
    return value if type(value) is int and 0 <= value <= _MOST else otherwise
