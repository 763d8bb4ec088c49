"""What the ledger asks of the operating system, in one place, and where systems differ.

- Linux: `fdatasync`; a new file's directory is flushed too; the kernel names each start of the machine.
- macOS: only F_FULLFSYNC reaches the platter; starts of the machine have no name, so processes cannot share flushes.
- Windows: as macOS, with `fsync`; directories cannot be flushed, and the user's profile is private, whatever modes say.

Only Linux is tested.  Knows descriptors and bytes, not what they mean.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would rewrite line ends


def open_private(path: Path) -> int:
    """Return a descriptor for reading and writing; the file is made if need be, and is its owner's alone (0600)."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _BINARY, 0o600)
    if sys.platform != "win32" and os.fstat(descriptor).st_mode & 0o077:
        os.fchmod(descriptor, 0o600)
    return descriptor


if sys.platform == "win32":
    _seeking = threading.Lock()

    def give_way() -> None:
        """Let another thread or process that could run do so first."""
        time.sleep(0)

    def read_at(descriptor: int, count: int, offset: int) -> bytes:
        """Return up to `count` bytes from `offset`."""
        with _seeking:
            os.lseek(descriptor, offset, os.SEEK_SET)
            return os.read(descriptor, count)

    def write_at(descriptor: int, data: bytes, offset: int) -> int:
        """Write at `offset` and return how many bytes were taken, which may be fewer than given."""
        with _seeking:
            os.lseek(descriptor, offset, os.SEEK_SET)
            return os.write(descriptor, data)

else:
    give_way = os.sched_yield
    read_at = os.pread
    write_at = os.pwrite


def flush(descriptor: int) -> None:
    """Return once the file's bytes, and the size needed to read them, are on stable storage."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    elif sys.platform == "win32":
        os.fsync(descriptor)
    else:
        os.fdatasync(descriptor)


def flush_directory(directory: Path) -> None:
    """Return once the names in `directory` are on stable storage, where a system can promise it."""
    if sys.platform == "win32":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def boot_id() -> bytes:
    """Return 16 bytes that name this start of the machine, or none where the system does not say."""
    try:
        from uuid import UUID  # slow to import, and few flush

        return UUID(_BOOT_ID.read_text(encoding="ascii").strip()).bytes
    except (OSError, ValueError):
        return b""
