"""What a person can do where the operating system has refused something, by its error number: one sentence each.

Knows numbers.  It does not know what was asked of the system; whoever does, gives a better hint.
"""

from __future__ import annotations

import errno

_HINTS = {
    errno.ENOSPC: "make room on the disk; until then nothing is let through",
    errno.EFBIG: "the limit on the size of files is reached: ulimit -f",
    errno.EROFS: "the file system is read-only: OCCASIO_HOME may name a directory elsewhere",
    errno.EACCES: "look whose it is and at its mode: ls -l; OCCASIO_HOME may name a directory elsewhere",
    errno.EPERM: "look whose it is and at its mode: ls -l; OCCASIO_HOME may name a directory elsewhere",
    errno.EMFILE: "this process may not have so many files open at a time: ulimit -n",
    errno.ENFILE: "the system has too many files open: sysctl fs.file-max",
    errno.EIO: "check the disk",
    errno.ENOMEM: "the memory is used up",
}
if hasattr(errno, "EDQUOT"):  # Windows has none
    _HINTS[errno.EDQUOT] = "your share of the disk is used up; until there is room nothing is let through"


def system_hint(error: BaseException | None) -> str:
    """Return what to do about the system's refusal that `error` is or comes from; empty if there is none to tell of."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _HINTS:
            return _HINTS[error.errno]
        error = error.__cause__
    return ""
