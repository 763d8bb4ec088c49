"""One holder at a time, among all threads of all processes that have the file open.

The lock is the operating system's, so it ends with its process however that ends.  On Windows it covers one byte that
the file's contents do not reach, and waiting is a poll; elsewhere it is `flock`, which a network file system may lack.
Only Linux is tested.  Knows nothing of what is protected.
"""

from __future__ import annotations

import sys
import threading
from types import TracebackType

if sys.platform == "win32":
    import msvcrt
    import os
    import time

    _LOCKED_BYTE = 0x7FFF_FFFE  # the C library locks within the first 2 GiB
    _POLL_SECONDS = 0.001

    def _lock(descriptor: int) -> None:
        while True:
            try:
                _locking(descriptor, msvcrt.LK_NBLCK)
            except PermissionError:
                time.sleep(_POLL_SECONDS)
            else:
                return

    def _unlock(descriptor: int) -> None:
        _locking(descriptor, msvcrt.LK_UNLCK)

    def _locking(descriptor: int, mode: int) -> None:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, mode, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


class FileLock:
    """A context manager; entering waits for the lock.  Raises `OSError` where the file system has no locks."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._thread = threading.Lock()  # threads share the descriptor, and to the system its lock is one

    def __enter__(self) -> None:
        self._thread.acquire()
        try:
            _lock(self._descriptor)
        except BaseException:
            self._thread.release()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            _unlock(self._descriptor)
        finally:
            self._thread.release()
