"""One holder at a time, among all threads of all processes that have the file open.

The lock is the operating system's, so it ends with its process however that ends.  On Windows it covers one byte that
the file's contents do not reach, and waiting is a poll; elsewhere it is `flock`, which a network file system may lack.
Only Linux is tested.  Knows nothing of what is protected.
"""

from __future__ import annotations

import sys
import threading
from types import TracebackType

from occasio_core.ledger.disk import give_way

if sys.platform == "win32":
    import msvcrt
    import os
    import time

    _WAIT, _TRY, _FREE = range(3)
    _LOCKED_BYTE = 0x7FFF_FFFE  # the C library locks within the first 2 GiB
    _POLL_SECONDS = 0.001

    def _flock(descriptor: int, what: int) -> None:
        while True:
            os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
            try:
                return msvcrt.locking(descriptor, msvcrt.LK_UNLCK if what == _FREE else msvcrt.LK_NBLCK, 1)
            except PermissionError as error:
                if what != _WAIT:
                    raise BlockingIOError from error
            time.sleep(_POLL_SECONDS)

else:
    import fcntl

    _WAIT, _TRY, _FREE = fcntl.LOCK_EX, fcntl.LOCK_EX | fcntl.LOCK_NB, fcntl.LOCK_UN
    _flock = fcntl.flock


_TURNS = 10


class FileLock:
    """A context manager; entering waits for the lock.  Raises `OSError` where the file system has no locks."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._thread = threading.Lock()  # threads share the descriptor, and to the system its lock is one

    def __enter__(self) -> None:
        for _ in range(_TURNS):  # who holds it soon lets go, and to be woken takes longer than that
            if self.try_acquire():
                return
            give_way()
        self._thread.acquire()
        try:
            _flock(self._descriptor, _WAIT)
        except BaseException:
            self._thread.release()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()

    def try_acquire(self) -> bool:
        """Take the lock if it is free, and return whether it was; then it must be released."""
        if not self._thread.acquire(blocking=False):
            return False
        try:
            _flock(self._descriptor, _TRY)
        except BaseException as error:
            self._thread.release()
            if isinstance(error, BlockingIOError):
                return False
            raise
        return True

    def release(self) -> None:
        """Give the lock back."""
        try:
            _flock(self._descriptor, _FREE)
        finally:
            self._thread.release()
