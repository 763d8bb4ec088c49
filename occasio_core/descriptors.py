"""Files held before they are opened: nothing can be put in their place between the question and the reading.

What a path leads to is first held without being opened (Linux: `O_PATH`), so that no pipe waits and no device acts.
What is held is looked at and named by the kernel, and only what was held is then read.  On Linux no part of a path may
be one of the kernel's own links, such as `/proc/self/root` (`openat2`, RESOLVE_NO_MAGICLINKS), where the kernel has
that call.  Other systems have nothing of the sort: there a file is opened without waiting, and its name is where the
path leads afterwards, if that is the same file still.

Knows descriptors and the kernel's names.  It does not know policies: the caller asks about `path` before it reads.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import NamedTuple

from occasio_core.opening import OpenHow, file_system_type, open_by_system_call

_IS_LINUX = sys.platform == "linux"
_HOLD = getattr(os, "O_PATH", os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_CLOSE = getattr(os, "O_CLOEXEC", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)

_PIECE = 4096  # bytes

# What a kernel makes up while it is read: a file of these may show another process, or this one.
_MADE_UP = frozenset(
    {
        0x9FA0,  # proc
        0x62656572,  # sysfs
        0x64626720,  # debugfs
        0x74726163,  # tracefs
        0x73636673,  # securityfs
        0x62656570,  # configfs
        0x0027E0EB,  # cgroup
        0x63677270,  # cgroup2
        0xCAFE4A11,  # bpf
        0x6E736673,  # nsfs
    }
)


class HoldError(OSError):
    """What was found is nothing that may be read; `strerror` says why."""


class Entry(NamedTuple):
    """A file or a folder in a folder."""

    name: str
    is_folder: bool


class Handle:
    """Something in the file system, held by its descriptor: a regular file or a folder.

    `device` is that of something which was held before, and still is.
    """

    def __init__(self, number: int, path: str, device: int | None = None) -> None:
        self.number = number
        self.status = os.fstat(number)
        # What lies on a disk has a device with a number of its own, and what lies on another's is no more made up.
        is_known = device == self.status.st_dev or os.major(self.status.st_dev) != 0
        if not is_known and file_system_type(number) in _MADE_UP:
            raise HoldError(errno.EINVAL, "it is made up by the system")
        if not (self.is_folder or stat.S_ISREG(self.status.st_mode)):
            raise HoldError(errno.EINVAL, "it is not a regular file")
        self.path = _name(number, path, self.status)

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.status.st_mode)

    def read(self, size: int) -> bytes:
        """Return the first `size` bytes.  Raises `OSError`, for a folder too."""
        if not _IS_LINUX:
            return _read(self.number, size, self.status.st_size + 1)
        handle = os.open(f"/proc/self/fd/{self.number}", _READ | _CLOSE)
        try:
            return _read(handle, size, self.status.st_size + 1)
        finally:
            os.close(handle)

    def entries(self) -> list[Entry]:
        """Return the files and folders in the folder, by name; links and all else are left out.  Raises `OSError`."""
        with self._opened() as number, os.scandir(number) as entries:
            found = [(entry.name, entry.is_dir(follow_symlinks=False), entry) for entry in entries]
            return [
                Entry(name, is_folder)
                for name, is_folder, entry in sorted(found, key=lambda entry: entry[0])
                if is_folder or entry.is_file(follow_symlinks=False)
            ]

    def modified(self, name: str) -> int:
        """Return when the entry of that name was last written, in nanoseconds.  Raises `OSError`."""
        return self.status_of(name).st_mtime_ns

    def status_of(self, name: str) -> os.stat_result:
        """Return what the folder's entry of that name is, links not followed.  Raises `OSError`."""
        return os.stat(name, dir_fd=self.number, follow_symlinks=False)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        if not _IS_LINUX:
            yield self.number
            return
        handle = os.open(f"/proc/self/fd/{self.number}", _READ | _CLOSE)
        try:
            yield handle
        finally:
            os.close(handle)


def hold(path: str, *, within: Handle | None = None) -> AbstractContextManager[Handle]:
    """Hold what `path` leads to; `within` a folder, the entry of that name, which must not be a link.

    Raises, when it is entered, `OSError`: `HoldError` for what is neither a regular file nor a folder, what the system
    makes up, and what has no name any more.
    """
    return _Holding(path, within)


class _Holding:
    """Holds for the length of a `with`; a generator that does the same costs as much as two system calls."""

    __slots__ = ("_number", "_path", "_within")

    def __init__(self, path: str, within: Handle | None) -> None:
        self._path = path
        self._within = within

    def __enter__(self) -> Handle:
        path, within = self._path, self._within
        if "\0" in path:
            raise HoldError(errno.EINVAL, "its name holds a NUL character")
        self._number = _hold(path) if within is None else _hold_entry(path, within)
        try:
            if within is None:
                return Handle(self._number, path)
            return Handle(self._number, os.path.join(within.path, path), within.status.st_dev)  # noqa: PTH118
        except BaseException:
            os.close(self._number)
            raise

    def __exit__(self, *_: object) -> None:
        os.close(self._number)


def _read(handle: int, size: int, likely: int) -> bytes:
    """Return the first `size` bytes, asked for in pieces of `likely` bytes: room is made before anything is read."""
    pieces = []
    while size > 0 and (piece := os.read(handle, min(size, max(likely, _PIECE)))):
        pieces.append(piece)
        size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _hold_entry(name: str, folder: Handle) -> int:
    if "/" in name or name in {"", ".", ".."}:
        raise HoldError(errno.EINVAL, "it is no entry of the folder")
    return os.open(name, _HOLD | _NO_LINK | _CLOSE, dir_fd=folder.number)


def _hold(path: str) -> int:
    if _IS_LINUX and _has_openat2():
        return open_by_system_call(path, OpenHow(_HOLD | _CLOSE))
    return os.open(path, _HOLD | _CLOSE)


@cache
def _has_openat2() -> bool:
    """Return whether the kernel has `openat2` and lets this process call it: some sandboxes do not."""
    try:
        os.close(open_by_system_call("/", OpenHow(_HOLD | _CLOSE)))
    except OSError:
        return False
    return True


def _name(handle: int, path: str, status: os.stat_result) -> str:
    """Return the true path of what is held.  Raises `HoldError` when that cannot be told."""
    if _IS_LINUX:
        name = os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115
        if not name.startswith("/") or status.st_nlink == 0:  # in no place that this process can reach
            raise HoldError(errno.ESTALE, "it has no name any more")
        return name
    real = os.path.realpath(path)
    if os.path.samestat(status, os.stat(real, follow_symlinks=False)):  # noqa: PTH116
        return real
    raise HoldError(errno.ESTALE, "it moved while it was opened")
