"""Other names of the same file: hard links, as far as one look of bounded length can tell.

Only a file that has more than one name is looked for at all.  Looked at are the numbers of the files below the working
directory and below what the policy denies outright.  Knows the file system; it does not know what a name means.
"""

from __future__ import annotations

import os
import stat
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from occasio_core.model import Effect, PathEntry, Policy
from occasio_core.paths import PATH_KINDS, comparable, named

MAX_LOOK = 10_000  # names below one root; some tens of milliseconds
_SECONDS = 2.0  # for which a look is good; a file that was given another name meanwhile is still found by its old one
_WILD = frozenset("*?")


def all_named(effects: Iterable[Effect], cwd: str, policy: Policy) -> tuple[Effect, ...]:
    """Return `effects` with all names of every path: those that it can be told by, and those of its hard links.

    Raises `ValueError` when a path cannot be named.
    """
    return linked(named(effects, cwd), cwd, policy)


def linked(
    effects: Iterable[Effect], cwd: str, policy: Policy, clock: Callable[[], float] = time.monotonic
) -> tuple[Effect, ...]:
    """Return `effects` with the other names of every file that has several in `found`; `names` must be filled in."""
    return tuple(_with_links(effect, cwd, policy, clock) for effect in effects)


def _with_links(effect: Effect, cwd: str, policy: Policy, clock: Callable[[], float]) -> Effect:
    if effect.kind not in PATH_KINDS or effect.wild or not effect.names:
        return effect
    try:
        status = os.stat(effect.names[-1], follow_symlinks=False)  # noqa: PTH116
    except (OSError, ValueError):
        return effect
    if status.st_nlink < 2 or not stat.S_ISREG(status.st_mode):
        return effect
    index = _index((cwd, *_outright(policy)), int(clock() / _SECONDS))
    paths = (path for path in index.get(status.st_ino, ()) if _is_same(path, status))
    others = [name for name in map(comparable, paths) if name not in effect.names]
    return replace(effect, found=tuple(dict.fromkeys(others)))


def _is_same(path: str, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.stat(path, follow_symlinks=False), status)  # noqa: PTH116
    except OSError:
        return False


def _outright(policy: Policy) -> Iterator[str]:
    """Yield what the policy denies by its place, not by a pattern."""
    lists: tuple[tuple[PathEntry, ...], ...] = (
        policy.deny_paths,
        policy.read.deny,
        policy.write.deny,
        policy.protected_paths,
    )
    for form in dict.fromkeys(form for entries in lists for entry in entries for form in entry.forms):
        if _WILD.isdisjoint(form):
            yield form


@lru_cache(maxsize=8)
def _index(roots: tuple[str, ...], _: int) -> dict[int, tuple[str, ...]]:
    """Return the files below `roots` by their numbers; those of several file systems may share one."""
    found: dict[int, tuple[str, ...]] = {}
    for root in roots:
        for number, path in _below(root):
            found[number] = (*found.get(number, ()), path)
    return found


def _below(root: str) -> Iterator[tuple[int, str]]:
    """Yield each file below `root`, or `root` itself if it is one, with its number; the upper ones first."""
    folders, looked = deque([root]), 0
    while folders and looked < MAX_LOOK:
        folder = folders.popleft()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    looked += 1
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        yield entry.inode(), entry.path
        except NotADirectoryError:
            yield os.stat(folder).st_ino, os.path.realpath(folder)  # noqa: PTH116
        except (OSError, ValueError):
            continue  # what cannot be looked at has no other name that could be found
