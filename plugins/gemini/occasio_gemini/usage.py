"""Counts what one answer cost, as the provider says it.

What was read from the provider's cache is part of the prompt there; rows count it apart.  Thoughts are output.
"""

from __future__ import annotations

from occasio_core import Json, Tally, tokens


class GeminiTally(Tally):
    """The model that answered, its tokens so far, and whether the answer is whole."""

    __slots__ = ()

    def note_message(self, message: Json) -> None:
        """Take the model and the usage of an answer, or of each of a list of them."""
        if not isinstance(message, dict):
            return
        model = message.get("modelVersion")
        self.model = model if isinstance(model, str) else self.model
        self.note_usage(message.get("usageMetadata"))
        for part in message.get(STREAMED) or () if isinstance(message.get(STREAMED), list) else ():
            self.note_message(part)

    def note_usage(self, usage: Json) -> None:
        """Take a usage object: the last one said stands."""
        if not isinstance(usage, dict):
            return
        whole = tokens(usage.get("promptTokenCount"), self.input_tokens + self.cache_read_tokens)
        whole += tokens(usage.get("toolUsePromptTokenCount"), 0)
        self.cache_read_tokens = min(tokens(usage.get("cachedContentTokenCount"), 0), whole)
        self.input_tokens = whole - self.cache_read_tokens
        said = [tokens(usage.get(name), 0) for name in ("candidatesTokenCount", "thoughtsTokenCount")]
        self.output_tokens = sum(said) if any(said) else self.output_tokens


STREAMED = "streamed"  # the name by which the elements of a streamed list are read
