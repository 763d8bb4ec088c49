"""Names of files: what a path that somebody wrote can open on this machine.

Knows the file system: the home directory, working directories, symbolic links, `/proc/self`.  It does not know
policies, and it cannot see hard links, bind mounts, or directories that ignore case on a system that does not.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache

from occasio_core.model import Effect, EffectKind

PATH_KINDS = frozenset({EffectKind.READ, EffectKind.WRITE, EffectKind.DELETE})

MAX_TARGET = 16_384  # characters; Linux opens no path above 4096 bytes, but agents shorten paths before they open them
_MAX_LINKS = 64  # more than any kernel follows; what is left is a loop
_IGNORES_CASE = sys.platform in {"darwin", "win32"}

# The agent's own process, however it is spelled; another process's number is an ordinary name.
_PROC_SELF = re.compile(r"/proc/(?:self|thread-self)(?![^/])(?:/task/[0-9]+)?(?:/(?P<place>[^/]+))?")

_ReadLink = Callable[[str], str | None]


def named(effects: Iterable[Effect], cwd: str) -> tuple[Effect, ...]:
    """Return `effects` with the names of every path filled in; hosts and commands have none.

    Raises `ValueError` when a path cannot be named.
    """
    follow = cache(lambda path: _link(path, cwd))
    return tuple(
        replace(effect, names=_names(effect.target, cwd, follow)) if effect.kind in PATH_KINDS else effect
        for effect in effects
    )


def names_of(target: str, cwd: str) -> tuple[str, ...]:
    """Return every name of the file that `target` can open, seen from `cwd`.

    The first is the absolute path as written; the others are what its readings resolve to.  A name that stands alone
    resolves to itself.  Raises `ValueError` for a path that cannot be named: with a NUL, too long, or relative to an
    unknown directory.
    """
    return _names(target, cwd, cache(lambda path: _link(path, cwd)))


def absolute(target: str, cwd: str) -> str:
    """Return `target` as an absolute path by its text alone: `~` expanded, `.` and `..` taken away.

    Raises `ValueError` as `names_of` does.
    """
    return _normal(_joined(os.path.expanduser(target), cwd))  # noqa: PTH111 - pathlib would drop a leading `./`


def comparable(path: str) -> str:
    """Return `path` in the form in which names are compared: `/` between parts, case folded where the system does."""
    if os.sep != "/":
        path = path.replace(os.sep, "/")
    return unicodedata.normalize("NFC", path).casefold() if _IGNORES_CASE else path


def resolved(path: str, cwd: str) -> str:
    """Return where the absolute `path` leads for a process that works in `cwd`; parts that do not exist stay."""
    return _walk(path, cache(lambda link: _link(link, cwd)))


def _names(target: str, cwd: str, follow: _ReadLink) -> tuple[str, ...]:
    first, *others = _readings(target, cwd)
    names = [_normal(other) for other in others]
    for path in (first, *others):
        # The kernel follows a link before a `..` behind it; most agents shorten the text first.  Either may happen.
        names += [_walk(_normal(path), follow), _walk(path, follow)]
    written = comparable(_normal(first))
    found = dict.fromkeys(map(comparable, names))
    return (written,) if list(found) == [written] else (written, *found)


def _readings(target: str, cwd: str) -> Iterator[str]:
    """Yield every path that a program may take `target` for, absolute but not shortened."""
    for text in dict.fromkeys((target, target.strip())):
        expanded = os.path.expanduser(text)  # noqa: PTH111 - as in `absolute`
        yield _joined(expanded, cwd)
        if expanded != text and os.path.lexists(literal := _joined(text, cwd)):
            yield literal  # a directory that is really called `~`


def _joined(path: str, cwd: str) -> str:
    if "\0" in path:
        raise ValueError("a path holds a NUL character")
    if len(path) > MAX_TARGET:
        raise ValueError(f"a path is longer than {MAX_TARGET} characters")
    joined = os.path.join(cwd, path)  # noqa: PTH118 - pathlib would drop `.` and trailing slashes
    if not os.path.isabs(joined):  # noqa: PTH117
        raise ValueError("a relative path, and the working directory is not known")
    return joined


def _normal(path: str) -> str:
    normal = os.path.normpath(path)
    return normal[1:] if normal.startswith("//") and os.sep == "/" else normal


def _walk(path: str, follow: _ReadLink) -> str:
    """Return where `path` leads, link by link, as path_resolution(7) says."""
    if os.sep != "/":
        return os.path.realpath(path)
    done, links = "", 0
    parts = path.split("/")[::-1]
    while parts:
        match parts.pop():
            case "" | ".":
                continue
            case "..":
                done = done.rpartition("/")[0]
            case part:
                done = f"{done}/{part}"
                if links < _MAX_LINKS and (target := follow(done)) is not None:
                    links += 1
                    done = "" if target.startswith("/") else done.rpartition("/")[0]
                    parts += target.split("/")[::-1]
    return done or "/"


def _link(path: str, cwd: str) -> str | None:
    """Return where the link `path` points to, None if it is no link."""
    if own := _PROC_SELF.match(path):
        # Followed here it would lead to Occasio's own process.
        return {"cwd": cwd, "root": "/"}.get(own["place"]) if own.end() == len(path) else None
    try:
        return os.readlink(path)  # noqa: PTH115
    except OSError:
        return None
