"""An answer of the model, seen from whoever decides the calls in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from occasio_core.wires.calls import Held
from occasio_core.wires.usage import Tally


class Answer(Protocol):
    """A model's answer to one request.  For each `Held` it yields, `release` or `withdraw` is called once."""

    @property
    def tally(self) -> Tally:
        """What is known of the answer's cost."""

    @property
    def patience(self) -> bytes:
        """Bytes that mean nothing and keep the agent waiting while a call is held; empty if there are none."""

    def receive(self, data: bytes, /) -> Iterator[bytes | Held]:
        """Take bytes; yield what may go to the agent, and what is held.  Raises `UpstreamProtocolError`."""

    def finish(self) -> Iterator[bytes | Held]:
        """Say that the answer has ended; yield what was left.  Raises `UpstreamProtocolError`."""

    def release(self, held: Held, /) -> bytes:
        """Return the bytes that the agent may have now that it may run the call."""

    def withdraw(self, held: Held, prefix: str, /) -> bytes:
        """Return the bytes that the agent may have now that it must not run the call."""


class UnreadAnswer:
    """Passes every byte on: an error, or an answer to a request that leads to no calls."""

    patience = b""

    def __init__(self) -> None:
        self.tally = Tally(complete=True)

    def receive(self, data: bytes, /) -> Iterator[bytes | Held]:
        """Yield `data`."""
        yield data

    def finish(self) -> Iterator[bytes | Held]:
        """Yield nothing."""
        yield from ()

    def release(self, held: Held, /) -> bytes:
        """Return nothing: there are no calls."""
        return b""

    def withdraw(self, held: Held, prefix: str, /) -> bytes:
        """Return nothing: there are no calls."""
        return b""
