"""Counts what one answer cost, as the provider says it."""

from __future__ import annotations

from dataclasses import dataclass

from occasio_verify import Json

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
        """Take the model and the usage of an answer as a whole."""
        if isinstance(message, dict):
            model = message.get("model")
            self.model = model if isinstance(model, str) else self.model
            self.note_usage(message.get("usage"))

    def note_usage(self, usage: Json) -> None:
        """Take a usage object; each protocol spells it in its own way, and this one in none."""


def tokens(value: Json, otherwise: int) -> int:
    """Return a count of tokens, or `otherwise` if that is no count that a row can hold."""
    return value if type(value) is int and 0 <= value <= _MOST else otherwise
