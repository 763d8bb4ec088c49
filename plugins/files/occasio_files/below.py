"""What a search would come to, as far as one look of bounded length can tell: names only, the upper ones first."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from itertools import islice

from occasio_files.globs import Globs
from occasio_files.listing import Listings
from occasio_files.tree import Tree, Wanted

MAX_LOOK = 10_000  # entries; some tens of milliseconds
MAX_SHOWN = 3_000
_LEFT_OUT = frozenset({".git", ".hg", ".svn"})  # their own files are many, and no search for text comes to them
# Files that others made, by the thousand.
_LATER = frozenset({"node_modules", "site-packages", "__pycache__", ".venv", "venv", "target", "vendor"})

_listings = Listings()


def names_below(base: str, fits: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the absolute paths below the folder `base` that fit; links are not followed.

    What others made (`node_modules`) is looked at after all else.  A base that is a link has its files by both names.
    """
    real = os.path.realpath(base)
    found: list[str] = []
    folders, later, looked = deque([real]), deque[str](), 0
    while (folders or later) and looked < MAX_LOOK:
        is_late = not folders
        try:
            listing = _listings.of((folders or later).popleft())
        except (OSError, ValueError):
            continue  # what cannot be looked at here is not there for the search either
        found += filter(fits, islice(listing.paths, MAX_LOOK - looked))
        looked += len(listing.paths)
        for folder in listing.folders:
            name = folder[folder.rfind("/") + 1 :]
            if name not in _LEFT_OUT:
                (later if is_late or name in _LATER else folders).append(folder)
    if real != base:
        found += [base + path[len(real) :] for path in found]
    return tuple(found)


def shown_below(base: str) -> tuple[str, ...]:
    """Return the files below `base` that are neither hidden nor ignored: most agents' searches leave those out."""
    tree = Tree(Wanted(root=base, globs=Globs(()), hidden=False), lambda effect: True)
    try:
        return tuple(found.path for found in islice(tree.below(base), MAX_SHOWN))
    except OSError:
        return ()  # there is nothing that could be found
