"""An answer of the model, and in which form the agent may see the calls in it that it must not run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from occasio_anthropic.usage import Tally
from occasio_core import Held, Json


class Answer(Protocol):
    """A model's answer to one request.  For each `Held` it yields, `release` or `withdraw` is called once."""

    @property
    def tally(self) -> Tally:
        """What is known of the answer's cost."""

    def receive(self, data: bytes, /) -> Iterator[bytes | Held]:
        """Take bytes; yield what may go to the agent, and what is held."""

    def finish(self) -> Iterator[bytes | Held]:
        """Say that the answer has ended; yield what was left."""

    def release(self, held: Held, /) -> bytes:
        """Return the bytes that the agent may have now that it may run the call."""

    def withdraw(self, held: Held, prefix: str, /) -> bytes:
        """Return the bytes that the agent may have now that it must not run the call."""


def withdrawn_block(held: Held, prefix: str) -> dict[str, Json]:
    """Return the call as the agent may see it: a tool that no agent has, and none of the input."""
    return {**held.block, "id": held.shown_id, "name": prefix + held.call.tool, "input": {}}
