"""Files that a command names, looked at as they are now: their beginning, and when they came to be as they are.

Nothing waits here: a pipe, a device or a file that is not there says nothing.
"""

from __future__ import annotations

import os
import stat
from typing import NamedTuple


class Beginning(NamedTuple):
    """The first bytes of a file as text, how long the file is, and when it was changed last, as the system tells.

    That time is of the last change of the file or of what is written about it (`st_ctime`): no program can set it back.
    """

    text: str
    size: int
    changed: float


NOTHING = Beginning("", 0, 0.0)


def beginning(cwd: str, name: str, most: int) -> Beginning:
    """Return at most `most` bytes of a file as UTF-8, undecodable ones replaced."""
    path = os.path.join(cwd, os.path.expanduser(name))  # noqa: PTH111, PTH118
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe must not hold the judge
    except (OSError, ValueError):
        return NOTHING
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return NOTHING
        text = os.read(descriptor, most).decode("utf-8", "replace")
        return Beginning(text, found.st_size, found.st_ctime)
    except OSError:
        return NOTHING
    finally:
        os.close(descriptor)
