"""What a pattern fits on the disk, as far as one look of bounded length can tell.

Looked at are names only, level by level, the upper ones first, so that what is cut off lies deep.  Links are not
followed and version control's own files are left out.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Iterator
from fnmatch import translate
from functools import lru_cache

MAX_ENTRIES = 3000  # of one look: some milliseconds
MAX_FOUND = 1000
_MARKS = re.compile(r"[*?\[]")
_LEFT_OUT = frozenset({".git", ".hg", ".svn"})


def fitting(pattern: str, cwd: str) -> tuple[str, ...]:
    """Return absolute paths that `pattern` fits, seen from `cwd`.

    Hidden names fit only where the pattern says so, and behind `**`.
    """
    expanded = os.path.join(cwd, os.path.expanduser(pattern))  # noqa: PTH111, PTH118
    fixed, parts = _split(expanded)
    if not os.path.isabs(fixed) or "\0" in fixed:  # noqa: PTH117
        return ()
    real = os.path.realpath(fixed)
    found = [path for path, _ in zip(_fitting(real, parts), range(MAX_FOUND), strict=False)]
    if real != fixed:
        found += [fixed + path[len(real) :] for path in found]
    return tuple(found)


def _split(path: str) -> tuple[str, list[str]]:
    parts = os.path.normpath(path).split("/")
    wild = next((place for place, part in enumerate(parts) if _MARKS.search(part)), len(parts))
    return "/".join(parts[:wild]) or "/", parts[wild:]


def _fitting(start: str, parts: list[str]) -> Iterator[str]:
    looks = [0]
    if "**" not in parts:
        yield from _level(start, parts, looks)
        return
    first = parts.index("**")
    fits = _ending(tuple(parts[first + 1 :]))
    for folder in _level(start, parts[:first], looks) if first else (start,):
        yield from _below(folder, fits, looks)


def _level(folder: str, parts: list[str], looks: list[int]) -> Iterator[str]:
    if not parts:
        yield folder
        return
    fits = _fit(parts[0])
    for entry in _entries(folder, looks):
        if fits(entry.name) and (parts[0].startswith(".") or not entry.name.startswith(".")):
            yield from _level(entry.path, parts[1:], looks)


def _below(top: str, fits: Callable[[str], object], looks: list[int]) -> Iterator[str]:
    folders = deque([top])
    while folders:
        for entry in _entries(folders.popleft(), looks):
            if fits(entry.path[len(top) :]):
                yield entry.path
            if entry.is_dir(follow_symlinks=False) and entry.name not in _LEFT_OUT:
                folders.append(entry.path)


def _entries(folder: str, looks: list[int]) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                looks[0] += 1
                if looks[0] > MAX_ENTRIES:
                    return
                yield entry
    except (OSError, ValueError):  # not there, or not for us
        return


@lru_cache(maxsize=256)
def _ending(parts: tuple[str, ...]) -> Callable[[str], object]:
    """Return what tells whether a path from the folder on ends in `parts`."""
    text = "".join("(?:/[^/]+)*" if part == "**" else f"/{_segment(part)}" for part in parts)
    return re.compile(f"(?:/[^/]+)*{text or '/[^/]+'}").fullmatch


def _segment(part: str) -> str:
    return translate(part).removeprefix("(?s:").removesuffix(")\\Z").replace(".*", "[^/]*")


@lru_cache(maxsize=256)
def _fit(part: str) -> Callable[[str], object]:
    return re.compile(translate(part)).match
