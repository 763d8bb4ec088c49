"""Keeps an answer's bytes in the order in which they came, while some of them wait for a decision."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from occasio_core.errors import UpstreamProtocolError

HELD_LIMIT = 64 << 20  # bytes that wait at a time

# Bytes, or what makes them once everything before them is decided.
Piece: TypeAlias = "bytes | Callable[[], bytes]"


@dataclass(eq=False, slots=True)
class Slot:
    """The place of a call: what came of it, and in the end what the agent may have in its place."""

    raw: list[bytes] = field(default_factory=list, repr=False)
    shown: bytes | None = field(default=None, repr=False)


class InOrder:
    """What goes to the agent, nothing of it before what came before it."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[Piece | Slot, int]] = deque()
        self._size = 0

    def put(self, piece: Piece, size: int = 0) -> bytes:
        """Add bytes; return what may go now.  `size` is how much a piece that is yet to be made holds back.

        Raises `UpstreamProtocolError` when more waits than the limit.
        """
        size = len(piece) if isinstance(piece, bytes) else size
        self._pieces.append((piece, size))
        self._size += size
        ready = self._ready()
        self._check()
        return ready

    def hold(self) -> Slot:
        """Add a place that is filled later."""
        slot = Slot()
        self._pieces.append((slot, 0))
        return slot

    def keep(self, slot: Slot, raw: bytes) -> None:
        """Add bytes to what came of a slot's call.  Raises `UpstreamProtocolError` when more waits than the limit."""
        slot.raw.append(raw)
        self._size += len(raw)
        self._check()

    def fill(self, slot: Slot, shown: bytes) -> bytes:
        """Say what the agent may have of a slot; return what may go now."""
        slot.shown = shown
        self._size -= sum(map(len, slot.raw))
        slot.raw.clear()
        return self._ready()

    def _ready(self) -> bytes:
        ready = []
        while self._pieces:
            piece, size = self._pieces[0]
            if isinstance(piece, Slot):
                if piece.shown is None:
                    break
                ready.append(piece.shown)
            else:
                ready.append(piece if isinstance(piece, bytes) else piece())
            self._pieces.popleft()
            self._size -= size
        return b"".join(ready)

    def _check(self) -> None:
        if self._size > HELD_LIMIT:
            raise UpstreamProtocolError(f"the answer has a tool call of more than {HELD_LIMIT} bytes")
