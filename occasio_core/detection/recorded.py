"""The rows of a log that verify, one after the other, in one pass; what the log has grown by since, in another.

A log that does not verify is read up to its first bad line, and says so.  Knows files and chains, of both formats: that
of SPEC section 4, and the one of the Node implementation.  It does not know what rows mean.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from occasio_core.detection.node_rows import NodeChain, is_node
from occasio_verify import MAX_ROW_BYTES, ChainError, Json, LogError, Position, walk_log

CHUNK_BYTES = 4 << 20

Row = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Damage:
    """Where a log ceases to verify: the line, counted from 1, and what is wrong with it."""

    line: int
    what: str


class Recording:
    """The log at `path`.  `damage` says why it was not read on, `rows` how many were read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage: Damage | None = None
        self.rows = 0
        self._position = Position()
        self._node: NodeChain | None = None
        self._left = 0  # bytes behind the last line end

    def read(self, progress: Callable[[int], None] = lambda offset: None) -> Iterator[Row]:
        """Yield the rows that were not read yet, each checked before; `progress` is told the bytes that were read.

        A last line without a line end is left for the next time: whoever writes it may not be done.  Memory is that of
        a chunk.  Raises `OSError`.
        """
        while self.damage is None and (data := self._chunk()):
            yield from self._rows(data)
            progress(self._position.offset)

    def finish(self) -> None:
        """Say that nobody writes to the log any more: what is left without a line end is damage."""
        if self._left and self.damage is None:
            self.damage = Damage(self.rows + 1, "the last line has no line end (torn-tail)")

    def _chunk(self) -> bytes:
        """Return the whole lines that follow, no more than a chunk of them; nothing at the end of the log."""
        if not self.rows and not self.path.exists():
            return b""
        with self.path.open("rb") as file:
            if file.seek(0, 2) < self._position.offset:
                self.damage = Damage(self.rows + 1, "the log was cut while it was read")
                return b""
            file.seek(self._position.offset)
            data = file.read(CHUNK_BYTES)
            if b"\n" not in data:
                data += file.readline(2 * MAX_ROW_BYTES)
        whole = data[: data.rfind(b"\n") + 1]
        self._left = len(data) - len(whole)
        return whole

    def _rows(self, data: bytes) -> Iterator[Row]:
        lines = data.split(b"\n")[:-1]
        if self.rows == 0 and is_node(lines[0]):
            self._node = NodeChain()
        if self._node is not None:
            self._position = Position(self._position.offset + len(data))
            yield from self._node_rows(self._node, lines)
            return
        good = self._walked(len(data), len(lines))
        for line in lines[:good]:
            self.rows += 1
            yield json.loads(line.decode())  # as bytes it would be guessed what they are

    def _walked(self, size: int, count: int) -> int:
        """Return how many of the `count` lines that follow verify, and go on behind them if all do."""
        before = self._position.rows
        try:
            self._position = walk_log(self.path, start=self._position, stop=self._position.offset + size)
        except LogError as error:
            self.damage = Damage(error.line, f"{error.detail.removeprefix(f'line {error.line}: ')} ({error.code})")
            return error.line - 1 - before
        except ChainError as error:
            self.damage = Damage(before + 1, f"{error.detail} ({error.code})")
            return 0
        return count

    def _node_rows(self, chain: NodeChain, lines: list[bytes]) -> Iterator[Row]:
        for line in lines:
            row, fault = chain.follow(line)
            if fault:
                self.damage = Damage(self.rows + 1, fault)
                return
            self.rows += 1
            if row is not None:
                yield row
