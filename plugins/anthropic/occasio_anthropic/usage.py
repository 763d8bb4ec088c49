"""Counts what one answer cost, as the provider says it."""

from __future__ import annotations

from occasio_core import Json, Tally, tokens


class MessageTally(Tally):
    """The model that answered, its tokens so far, and whether the answer is whole."""

    __slots__ = ()

    def note_usage(self, usage: Json) -> None:
        """Take a usage object.  Its counts are totals: the last one said stands."""
        if isinstance(usage, dict):
            self.input_tokens = tokens(usage.get("input_tokens"), self.input_tokens)
            self.output_tokens = tokens(usage.get("output_tokens"), self.output_tokens)
            self.cache_read_tokens = tokens(usage.get("cache_read_input_tokens"), self.cache_read_tokens)
            self.cache_write_tokens = tokens(usage.get("cache_creation_input_tokens"), self.cache_write_tokens)
