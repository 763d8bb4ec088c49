"""Keeping the keys of pages from other programs of the same person: their memory holds them, and nothing else does."""

from __future__ import annotations

import sys

_PR_SET_DUMPABLE = 4


def hide_memory() -> bool:
    """Make memory, files and environment of this process unreadable to other processes of the person, prctl(2).

    Return whether that was done: Linux alone knows how.  An administrator can read them all the same.
    """
    if sys.platform != "linux":
        return False
    import ctypes

    return bool(ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
