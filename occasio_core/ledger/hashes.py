"""The hashes of the log's Merkle tree in a file beside the log, for proofs that need not read the log.

Nothing is written here when a row is appended: whoever wants a proof brings the file up to the head first, which costs
what came since the last time.  It is a cache.  Before anything is answered from it, the root over all rows must be the
one that the head has; where it is not, the file is made again from the log, and where it is not even then, the log is
not what its head says.

    offset    bytes
    0         28      magic, how many rows, how many bytes of the log they take, CRC-32 over these
    64        32 n    the hashes, as `proofs` orders them
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from struct import Struct
from types import TracebackType
from typing import NamedTuple, Self

from occasio_core.errors import LedgerError
from occasio_core.ledger.disk import open_private, read_at, write_at
from occasio_core.ledger.lock import FileLock
from occasio_core.ledger.proofs import added, consistency, inclusion, several, stored_before, subtree_root
from occasio_verify import leaf_hash

_MAGIC = b"occhash1"
_HEADER = Struct(">8sQQ")
_FIRST = 64
_HASH_BYTES = 32
_CHUNK = 1 << 22
_WRONG = "keep the file, and see `occasio audit verify`"


class Extent(NamedTuple):
    """How many rows, and how many bytes of the log they take."""

    rows: int = 0
    size: int = 0


class HashFile:
    """The hashes of the log at `log`.  A context manager; the file is held, so that nobody else changes it meanwhile.

    Raises `OSError` if it cannot be opened.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._descriptor = open_private(log.with_name(f"{log.name}.hashes"))
        self._lock = FileLock(self._descriptor)
        self._rows = 0

    def __enter__(self) -> Self:
        self._lock.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._lock.__exit__(kind, error, traceback)
        os.close(self._descriptor)

    def reach(self, rows: int, size: int, root: bytes) -> None:
        """Know every hash of the log's first `rows` rows, which end at byte `size` and have this root.

        Raises `LedgerError` if the log's rows have another root, `OSError`.
        """
        self._rows = rows
        if not self._reaches(self._extent(), rows, size, root) and not self._reaches(Extent(), rows, size, root):
            raise LedgerError(f"the log `{self._log}` is not what its head file says", hint=_WRONG)

    def root(self, size: int) -> bytes:
        """Return the root over the first `size` rows."""
        return subtree_root(0, size, self._read)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the proof that row `index` is among the first `size` rows, all by default.

        Raises `MerkleError` `proof-range`, here and below.
        """
        return inclusion(index, self._rows if size is None else size, self._read)

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """Return the proof that the first `size` rows go on from the first `old`."""
        return consistency(old, self._rows if size is None else size, self._read)

    def several(self, indexes: Sequence[int], size: int | None = None) -> list[bytes]:
        """Return the proof that the rows at `indexes` are among the first `size`."""
        return several(indexes, self._rows if size is None else size, self._read)

    def _reaches(self, known: Extent, rows: int, size: int, root: bytes) -> bool:
        if known.rows > rows or known.size > size:
            return False
        if known.rows < rows and not self._extend(known, Extent(rows, size)):
            return False
        return self.root(rows) == root

    def _extent(self) -> Extent:
        header = read_at(self._descriptor, _HEADER.size + 4, 0)
        if len(header) < _HEADER.size + 4 or zlib.crc32(header[:-4]).to_bytes(4) != header[-4:]:
            return Extent()
        magic, rows, size = _HEADER.unpack_from(header)
        return Extent(rows, size) if magic == _MAGIC else Extent()

    def _extend(self, known: Extent, wanted: Extent) -> bool:
        """Add what the log's rows behind `known` have; return whether they end where they should."""
        leaf = known.rows
        for lines in _lines(self._log, known.size, wanted.size):
            start = stored_before(leaf)
            fresh: list[bytes] = []

            def read(place: int, start: int = start, fresh: list[bytes] = fresh) -> bytes:
                return fresh[place - start] if place >= start else self._read(place)

            for line in lines:
                fresh += added(leaf, leaf_hash(line), read)
                leaf += 1
            self._write(b"".join(fresh), _FIRST + _HASH_BYTES * start)
        if leaf != wanted.rows:
            return False
        header = _HEADER.pack(_MAGIC, *wanted)  # only now: what is not spoken of here is written again
        self._write(header + zlib.crc32(header).to_bytes(4), 0)
        return True

    def _read(self, place: int) -> bytes:
        return read_at(self._descriptor, _HASH_BYTES, _FIRST + _HASH_BYTES * place)

    def _write(self, data: bytes, offset: int) -> None:
        if write_at(self._descriptor, data, offset) != len(data):
            raise OSError("short write")


def _lines(log: Path, start: int, stop: int) -> Iterator[list[bytes]]:
    """Yield the lines from byte `start` to byte `stop`, many at a time."""
    with log.open("rb") as file:
        file.seek(start)
        rest = b""
        while start < stop and (chunk := file.read(min(_CHUNK, stop - start))):
            start += len(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            yield lines
