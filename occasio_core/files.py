"""Writing a file so that whoever looks, whenever that is, finds the old one or the new one.

Knows names, modes and what the disk has promised.  It does not know what the files say, nor which directory is whose.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import IO

from occasio_core.ledger.disk import flush, flush_directory

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put `data` at `path`, durably, whole or not at all; the file has `mode`, less what the umask takes.

    Raises `OSError` that names `path`; also where a link, a device or a directory is in the way: a link is neither
    followed nor replaced, whoever put it there.
    """
    with whole_file(path, mode) as file:
        file.write(data)


@contextmanager
def whole_file(path: Path, mode: int = 0o644) -> Iterator[IO[bytes]]:
    """Provide a file to be written piece by piece, which is at `path`, as by `write_whole`, if nothing is raised.

    Raises as `write_whole`, and leaves what was at `path` as it was.
    """
    try:
        _check_replaceable(path)
        with _put(path, mode) as file:
            yield file
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _check_replaceable(path: Path) -> None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISLNK(found.st_mode):
        raise FileExistsError(errno.EEXIST, "is a symbolic link, which is not written through")
    if not stat.S_ISREG(found.st_mode):
        raise FileExistsError(errno.EEXIST, "is there already and not a regular file")


@contextmanager
def _put(path: Path, mode: int) -> Iterator[IO[bytes]]:
    unfinished = path.with_name(f".{token_hex(8)}.new")  # in the same directory, or it could not be renamed
    try:
        with os.fdopen(os.open(unfinished, _CREATE, mode), "wb") as file:
            yield file
            file.flush()
            flush(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    flush_directory(path.parent)
