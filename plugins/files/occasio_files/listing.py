"""What is in a folder, remembered for as long as the folder says that nothing came and nothing went."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

MAX_ENTRIES = 10_000  # of one folder
MAX_REMEMBERED = 50_000  # entries of all folders: some megabytes
_SETTLED = 2_000_000_000  # nanoseconds; a change within the same tick of the clock leaves no trace


class Listing(NamedTuple):
    """The absolute paths of what is in a folder, and of those the folders; links are none."""

    paths: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


_State = tuple[int, int, int, int]


class Listings:
    """Listings of folders.  May be used from several threads at once."""

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._known: dict[str, tuple[_State, Listing]] = {}
        self._entries = 0

    def of(self, folder: str) -> Listing:
        """Return what is in `folder`, `MAX_ENTRIES` of it at most; a link has nothing in it.

        Raises `OSError` or `ValueError`.
        """
        status = os.stat(folder, follow_symlinks=False)  # noqa: PTH116
        state = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
        known = self._known.get(folder)
        if known is not None and known[0] == state:
            return known[1]
        now = self._clock()
        listing = _read(folder) if stat.S_ISDIR(status.st_mode) else Listing()
        if 0 <= max(status.st_mtime_ns, status.st_ctime_ns) < now - _SETTLED:
            self._remember(folder, state, listing)
        return listing

    def _remember(self, folder: str, state: _State, listing: Listing) -> None:
        if self._entries > MAX_REMEMBERED:
            self._known, self._entries = {}, 0
        self._known[folder] = state, listing
        self._entries += len(listing.paths) + 1


def _read(folder: str) -> Listing:
    with os.scandir(folder) as entries:
        found = [(entry.path, entry.is_dir(follow_symlinks=False)) for entry in islice(entries, MAX_ENTRIES)]
    return Listing(tuple(path for path, _ in found), tuple(path for path, is_folder in found if is_folder))
