"""Walking a log file from its first row, or from where one was before, to its last (SPEC sections 6 and 12).

The file is read in chunks that end at a line end; each becomes a `Segment`, in this process or in others, and the
segments are joined in order.  Memory is that of a chunk, whatever the size of the log.  Reads; writes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from occasio_verify.chain import Chain, LinkError, Segment
from occasio_verify.errors import ChainError, MalformedError, VerifyError
from occasio_verify.grammar import Grammar
from occasio_verify.merkle import CompactRange, leaf_hash
from occasio_verify.rows import MAX_ROW_BYTES

CHUNK_BYTES = 8 << 20


class LogError(ChainError):
    """Raised for the first line of a log that is rejected; `line` counts from 1."""

    def __init__(self, code: str, detail: str, line: int) -> None:
        super().__init__(code, f"line {line}: {detail}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Position:
    """Everything a walker needs to know of the rows before `offset` (bytes).

    `tree` is the Merkle tree over them, None where none was asked for; `root` is the root at the size that was asked
    for, once the log has had that size.
    """

    offset: int = 0
    chain: Chain = field(default_factory=Chain)
    tree: CompactRange | None = None
    root: bytes | None = None

    @property
    def rows(self) -> int:
        return self.chain.rows

    @property
    def last_hash(self) -> str:
        return self.chain.last_hash.decode()


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What came of one chunk: its rows up to the first fault, the leaf hashes if asked for, and the fault."""

    segment: Segment
    leaves: list[bytes]
    fault: tuple[str, str] | None


def walk_log(
    path: Path,
    *,
    start: Position | None = None,
    stop: int | None = None,
    jobs: int = 1,
    tree: bool = False,
    root_at: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Position:
    """Return the position after the last row of the log at `path`, every row checked.

    With `start` the rows before it are taken as checked; with `stop` the file is taken to end there.  With `tree` the
    position has the Merkle tree over all rows, with `root_at` also its root at that size (`start` must have had them
    too).  `progress` is told the offset reached.
    Raises `LogError` for the first line that is rejected, `ChainError` `log-empty`, and `OSError`.
    """
    if start is None:
        start = Position(tree=CompactRange() if tree or root_at is not None else None)
    chain, range_, root = deepcopy(start.chain), deepcopy(start.tree), start.root
    bounds = list(_bounds(path, start.offset, stop))
    with _mapper(jobs, len(bounds)) as mapped:
        for (_, end), chunk in zip(bounds, mapped(str(path), bounds, range_ is not None), strict=True):
            _join(chain, chunk)
            for leaf in chunk.leaves:
                if range_ is not None:
                    range_.append(leaf)
                    if range_.size == root_at:
                        root = range_.root()
            if progress is not None:
                progress(end)
    if chain.rows == 0:
        raise ChainError("log-empty", "the log has no row")
    return Position(bounds[-1][1] if bounds else start.offset, chain, range_, root)


def _join(chain: Chain, chunk: _Chunk) -> None:
    rows_before = chain.rows
    try:
        chain.join(chunk.segment)
    except LinkError as error:
        raise LogError(error.code, error.detail, rows_before + error.row + 1) from None
    if chunk.fault is not None:
        raise LogError(*chunk.fault, rows_before + chunk.segment.rows + 1)


def _bounds(path: Path, offset: int, stop: int | None) -> Iterator[tuple[int, int]]:
    """Yield where each chunk begins and ends, in bytes; every chunk but the last ends behind a line end."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        size = size if stop is None else min(size, stop)
        while offset < size:
            end = min(offset + CHUNK_BYTES, size)
            while end < size:
                file.seek(end - 1)
                line = file.readline(MAX_ROW_BYTES + 2)
                end = min(end - 1 + len(line), size)
                if line.endswith(b"\n"):
                    break
                end = min(end + CHUNK_BYTES, size)  # a line that is too long; its chunk will say so
            yield offset, end
            offset = end


def _read_chunk(path: str, bounds: tuple[int, int], leaves: bool, grammar: Grammar) -> _Chunk:
    segment, hashes = Segment(), []
    offset, end = bounds
    with Path(path).open("rb", buffering=1 << 18) as file:
        file.seek(offset)
        try:
            for line in _lines(file, end - offset):
                grammar.add(segment, line)
                if leaves:
                    hashes.append(leaf_hash(line))
        except VerifyError as error:
            return _Chunk(segment, hashes, (error.code, error.detail))
    return _Chunk(segment, hashes, None)


def _lines(file: BinaryIO, remaining: int) -> Iterator[bytes]:
    while remaining > 0:
        line = file.readline(min(MAX_ROW_BYTES + 2, remaining))
        if line[-1:] != b"\n":
            if len(line) > MAX_ROW_BYTES:
                raise MalformedError("row-too-long", f"a row of more than {MAX_ROW_BYTES} bytes")
            raise ChainError("torn-tail", "the last line has no line end")
        remaining -= len(line)
        yield line[:-1]


_grammar = Grammar()  # a worker keeps what it has learned from chunk to chunk


def _work(task: tuple[str, tuple[int, int], bool]) -> _Chunk:
    return _read_chunk(*task, _grammar)


_Mapped = Callable[[str, "list[tuple[int, int]]", bool], Iterable[_Chunk]]


@contextmanager
def _mapper(jobs: int, chunks: int) -> Iterator[_Mapped]:
    """Provide a function that reads chunks, in order: one after the other, or ahead in `jobs` processes."""
    if jobs <= 1 or chunks <= 1:
        grammar = Grammar()
        yield lambda path, bounds, leaves: (_read_chunk(path, each, leaves, grammar) for each in bounds)
        return
    import multiprocessing  # only here: it is slow to import
    import signal

    # ^C is for this process to answer; the workers end with it
    ignore = (signal.SIGINT, signal.SIG_IGN)
    with multiprocessing.get_context().Pool(min(jobs, chunks), signal.signal, ignore) as pool:
        yield lambda path, bounds, leaves: pool.imap(_work, [(path, each, leaves) for each in bounds])
