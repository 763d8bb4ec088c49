"""The log's file: whole lines go in at the end, and the last come out again.

Knows bytes and line ends (SPEC section 6.1), not what lines say.  Whoever uses it holds the log's lock.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO

from occasio_core.errors import LedgerError
from occasio_core.ledger.disk import flush, flush_directory, open_private, read_at, write_at
from occasio_verify import MAX_ROW_BYTES

_BLOCK = 1 << 16
_SECTOR = 512  # the least that any disk writes at once
_ZERO, _NO_ZERO = re.compile(rb"\0"), re.compile(rb"[^\0]")


@dataclass(frozen=True, slots=True)
class Fragment:
    """What was behind the last whole row: size, SHA-256, and the name of the file that holds it now, if any does."""

    size: int
    sha256: str
    kept_in: str | None


class LogFile:
    """The file at `path`, made if need be together with its directory, for the owner alone.  Raises `OSError`."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.descriptor = open_private(self.path)
        self._name = os.fspath(self.path)
        found = os.fstat(self.descriptor)
        self._identity = found.st_ino, found.st_dev
        if found.st_size == 0:  # its name must outlive a power loss before its rows can
            flush_directory(self.path.parent)
            flush_directory(self.path.parent.parent)

    def close(self) -> None:
        os.close(self.descriptor)

    def size(self) -> int:
        """Return the size in bytes.  Raises `LedgerError` if another file, or none, has the path now."""
        try:
            found = os.stat(self._name)  # noqa: PTH116 (once for each row)
        except FileNotFoundError:
            raise LedgerError(f"the log `{self.path}` was removed while it was open") from None
        if (found.st_ino, found.st_dev) != self._identity:
            raise LedgerError(f"the log `{self.path}` was replaced while it was open")
        return found.st_size

    def append(self, data: bytes, end: int, size: int) -> None:
        """Put `data` at `end` and let the file end there; `size` is where it ended.

        Raises `OSError`; then the file ends at `end` if at all possible, and whatever may follow is a torn tail.
        """
        try:
            written = write_at(self.descriptor, data, end)
            while written < len(data):  # the rest is written too, or the system says why not
                written += write_at(self.descriptor, data[written:], end + written) or _nothing_written()
            if size > end + len(data):
                os.ftruncate(self.descriptor, end + len(data))
        except OSError:
            if size <= end:  # what was there before is not ours to cut off
                with suppress(OSError):
                    os.ftruncate(self.descriptor, end)
            raise

    def blank(self, start: int, stop: int) -> None:
        """Put zeros from `start` to `stop`, durably.  Raises `OSError`.

        Of what is written over them a power loss can leave a part, but never mixed with what was there before.
        """
        if start == stop:
            return
        while start < stop:
            end = min((start // _BLOCK + 1) * _BLOCK, stop)  # whole sectors, should the process die in between
            start += write_at(self.descriptor, bytes(end - start), start)
        flush(self.descriptor)

    def line_before(self, end: int) -> tuple[int, bytes]:
        """Return where the last line before `end` begins, and its first bytes, one more than a row may have.

        `end` is behind the line's own line end.
        """
        start = self.line_start(end - 1)
        return start, read_at(self.descriptor, min(end - 1 - start, MAX_ROW_BYTES + 1), start)

    def line_start(self, end: int) -> int:
        """Return the offset behind the last line end in the first `end` bytes; 0 if there is none."""
        while end > 0:
            start = max(0, end - _BLOCK)
            if (at := read_at(self.descriptor, end - start, start).rfind(b"\n")) >= 0:
                return start + at + 1
            end = start
        return 0

    def hole(self, start: int, stop: int) -> int | None:
        """Return where, from `start` to `stop`, zeros begin that a power loss may have left; None if there are none.

        A text has none.  They end where a sector does, or the file.
        """
        begins = self._first(start, stop, _ZERO)
        if begins is None:
            return None
        ends = self._first(begins, stop, _NO_ZERO)
        return begins if ends is None or ends % _SECTOR == 0 else None

    def _first(self, start: int, stop: int, wanted: re.Pattern[bytes]) -> int | None:
        while start < stop:
            block = read_at(self.descriptor, min(_BLOCK, stop - start), start)
            if found := wanted.search(block):
                return start + found.start()
            start += len(block)
        return None

    def fragment(self, start: int, stop: int, keep: Path) -> Fragment:
        """Return what stands from `start` to `stop`, after copying it to the file `keep`, or one named like it."""
        if start == stop:
            return Fragment(0, self._copy(start, stop, None), None)
        try:
            kept = _new_file(keep)
        except OSError:
            return Fragment(stop - start, self._copy(start, stop, None), None)
        try:
            with kept.open("wb") as copy:
                digest = self._copy(start, stop, copy)
            flush_directory(kept.parent)
        except OSError:  # a full disk must not keep the log from being mended
            kept.unlink()
            return Fragment(stop - start, self._copy(start, stop, None), None)
        return Fragment(stop - start, digest, kept.name)

    def _copy(self, start: int, stop: int, copy: BinaryIO | None) -> str:
        digest = hashlib.sha256()
        while start < stop:
            block = read_at(self.descriptor, min(_BLOCK, stop - start), start)
            digest.update(block)
            start += len(block)
            if copy is not None:
                copy.write(block)
        if copy is not None:
            copy.flush()
            flush(copy.fileno())
        return digest.hexdigest()


def _nothing_written() -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _new_file(path: Path) -> Path:
    """Make an empty file at `path`, or at the first path like it that is free: what was kept once stays."""
    for number in count(1):
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            path = path.with_name(f"{path.name}.{number}")
        else:
            break
    return path
