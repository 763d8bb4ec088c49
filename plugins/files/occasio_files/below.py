"""What a search would come to, as far as one look of bounded length can tell: names only, the upper ones first."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from itertools import islice

from occasio_files.globs import Globs
from occasio_files.tree import Tree, Wanted

MAX_LOOK = 10_000  # entries; some tens of milliseconds
MAX_SHOWN = 3_000
_LEFT_OUT = frozenset({".git", ".hg", ".svn"})  # their own files are many, and no search for text comes to them


def names_below(base: str, fits: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the absolute paths below the folder `base` that fit; links are not followed.

    A base that is a link has its files by both names.
    """
    real = os.path.realpath(base)
    found: list[str] = []
    folders, looked = deque([real]), 0
    while folders and looked < MAX_LOOK:
        try:
            with os.scandir(folders.popleft()) as entries:
                for entry in entries:
                    looked += 1
                    if fits(entry.path):
                        found.append(entry.path)
                    if entry.is_dir(follow_symlinks=False) and entry.name not in _LEFT_OUT:
                        folders.append(entry.path)
                    if looked >= MAX_LOOK:
                        break
        except (OSError, ValueError):
            continue  # what cannot be looked at here is not there for the search either
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
