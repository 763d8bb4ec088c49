"""The end of a log that grows, row by row, for whoever watches it while it is written.

Each row is checked by itself and against the one before; what lies before the end that was asked for is not looked at,
which is what `audit verify` is for.  Knows files; it does not wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from occasio_core.errors import LedgerError
from occasio_verify import MAX_ROW_BYTES, Json, MalformedError, parse_row

_PIECE = 256 << 10  # bytes that are read at once


class Tail:
    """The rows of the log at `path` from about its last `most` bytes on; `offset` is how far they were read."""

    def __init__(self, path: Path, most: int) -> None:
        self._path = path
        self._last: str | None = None
        size = self.size()
        self.offset = 0 if size <= most else self._line_start(size - most)

    def size(self) -> int:
        """Return the bytes of the log, 0 where there is none yet."""
        return self._path.stat().st_size if self._path.exists() else 0

    def rows(self) -> Iterator[Mapping[str, Json]]:
        """Yield the rows that were not read yet.

        Raises `LedgerError` for what is no row, or does not follow; and `OSError`.
        """
        if self.size() < self.offset:
            raise LedgerError("the log has become shorter")
        while data := self._piece():
            for line in data.split(b"\n")[:-1]:
                yield self._row(line)
                self.offset += len(line) + 1

    def _piece(self) -> bytes:
        if not self._path.exists():
            return b""
        with self._path.open("rb") as file:
            file.seek(self.offset)
            data = file.read(_PIECE)
            if data and b"\n" not in data:
                data += file.readline(MAX_ROW_BYTES)
        return data[: data.rfind(b"\n") + 1]

    def _row(self, line: bytes) -> Mapping[str, Json]:
        try:
            row = parse_row(line)
        except MalformedError as error:
            raise LedgerError(f"a row is rejected: {error.detail} ({error.code})") from None
        if self._last is not None and row.prev_hash != self._last:
            raise LedgerError(f"row {row.seq} does not follow the one before (log-link)")
        self._last = row.hash
        return row.fields

    def _line_start(self, offset: int) -> int:
        with self._path.open("rb") as file:
            file.seek(offset)
            file.readline()
            return file.tell()
