"""Two system calls of Linux that Python does not offer: `openat2` and `fstatfs`.

Knows their numbers and structures.  It does not know what is opened for what.
"""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from functools import cache

_OPENAT2 = 437  # the same on every architecture that Python has wheels for
_AT_FDCWD = -100
RESOLVE_NO_MAGICLINKS = 0x02
_ROOM = 256  # bytes; a `struct statfs` has 120 at most
_HOW = ctypes.c_uint64 * 3  # `struct open_how`: flags, mode, resolve


@dataclass(frozen=True, slots=True)
class OpenHow:
    """What openat2(2) is told: flags as open(2) has them, and how a path may be resolved."""

    flags: int
    resolve: int = RESOLVE_NO_MAGICLINKS


def open_by_system_call(path: str, how: OpenHow) -> int:
    """Return a descriptor of `path`.  Raises `OSError`; ELOOP where the path leads through a forbidden link."""
    told = _HOW(how.flags, 0, how.resolve)
    handle: int = _libc().syscall(_OPENAT2, _AT_FDCWD, os.fsencode(path), told, ctypes.sizeof(told))
    if handle < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    return handle


def file_system_type(handle: int) -> int:
    """Return the magic number of the file system that `handle` is on, 0 where there is no such thing.

    Raises `OSError`.
    """
    if sys.platform != "linux":
        return 0
    room = ctypes.create_string_buffer(_ROOM)
    if _libc().fstatfs(handle, room) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return ctypes.c_long.from_buffer(room).value & 0xFFFF_FFFF


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    libc.syscall.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_char_p, _HOW, ctypes.c_size_t]
    libc.fstatfs.argtypes = [ctypes.c_int, ctypes.c_char_p]
    return libc
