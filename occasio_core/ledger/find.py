"""Finding one row of a log: by its position with some twenty looks, by its hash with one pass over the bytes.

The rows themselves say where they stand (`seq`), so nothing needs to be kept beside the log for it.  Reads; what a line
says is checked by whoever uses it.
"""

from __future__ import annotations

import mmap
import re
from pathlib import Path
from typing import BinaryIO

from occasio_core.errors import UsageError
from occasio_verify import MalformedError, parse_row

_HASH = re.compile("[0-9a-f]{64}")
_DECIMAL = re.compile("0|[1-9][0-9]{0,15}")


def find_row(log: Path, name: str, size: int) -> bytes:
    """Return the line of the row that `name` says, its position or its hash, in the log's first `size` bytes.

    Raises `UsageError` if there is none, or `name` is neither; `OSError`.
    """
    with log.open("rb") as file:
        if _DECIMAL.fullmatch(name):
            line = _at(file, int(name), size)
        elif _HASH.fullmatch(name):
            line = _with_hash(file, name, size)
        else:
            raise UsageError(f"`{name}` is no row", hint="give its position, counted from 0, or its hash")
    if line is None:
        raise UsageError(f"the log `{log}` has no row `{name}`", hint="`occasio audit verify` says how many it has")
    return line


def first_row(log: Path) -> bytes:
    """Return the line of the first row, nothing if there is none.  Raises `OSError`."""
    with log.open("rb") as file:
        return file.readline().removesuffix(b"\n")


def _at(file: BinaryIO, seq: int, size: int) -> bytes | None:
    """Return the line that says that it is row `seq`: rows only grow, so half of what is left falls away each time."""
    low, high = 0, size  # lines begin at `low`; the row begins before `high`
    while low < high:
        start = _line_start(file, (low + high) // 2, low)
        file.seek(start)
        line = file.readline().removesuffix(b"\n")
        if (found := _seq(line)) is None:
            return None
        if found == seq:
            return line
        if found < seq:
            low = start + len(line) + 1
        else:
            high = start
    return None


def _line_start(file: BinaryIO, offset: int, low: int) -> int:
    """Return where the line begins that holds the byte at `offset`; some line begins at `low`."""
    end = offset
    while end > low:
        start = max(low, end - 4096)
        file.seek(start)
        if (at := file.read(end - start).rfind(b"\n")) >= 0:
            return start + at + 1
        end = start
    return low


def _with_hash(file: BinaryIO, digest: str, size: int) -> bytes | None:
    if size == 0:
        return None
    with mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) as view:
        at = -1
        while (at := view.find(b'"hash":"%b"' % digest.encode(), at + 1)) >= 0:
            start = view.rfind(b"\n", 0, at) + 1
            end = view.find(b"\n", at)
            line = view[start : end if end >= 0 else size]
            if _hash(line) == digest:  # else another member, or a text, says the same
                return line
    return None


def _seq(line: bytes) -> int | None:
    try:
        return parse_row(line).seq
    except MalformedError:
        return None


def _hash(line: bytes) -> str:
    try:
        return parse_row(line).hash
    except MalformedError:
        return ""
