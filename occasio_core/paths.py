"""Names of files: what a path that somebody wrote can open on this machine.

Knows the file system: the home directory, working directories, symbolic links, `/proc/self`.  It does not know
policies or hard links (links.py does), and it cannot see bind mounts, or directories that ignore case on a system that
does not.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache

from occasio_core.model import Effect, EffectKind

PATH_KINDS = frozenset({EffectKind.READ, EffectKind.WRITE, EffectKind.DELETE})

MAX_TARGET = 16_384  # characters; Linux opens no path above 4096 bytes, but agents shorten paths before they open them
_MAX_LINKS = 64  # more than any kernel follows; what is left is a loop
_IGNORES_CASE = sys.platform in {"darwin", "win32"}

# The agent's own process, however it is spelled; another process's number is an ordinary name.
_PROC_SELF = re.compile(r"/proc/(?:self|thread-self)(?![^/])(?:/task/[0-9]+)?(?:/(?P<place>[^/]+))?")


def named(effects: Iterable[Effect], cwd: str) -> tuple[Effect, ...]:
    """Return `effects` with the names of every path filled in; hosts and commands have none.

    Raises `ValueError` when a path cannot be named.
    """
    names = cache(_View(cwd).names)
    return tuple(_with_names(effect, names) if effect.kind in PATH_KINDS else effect for effect in effects)


def names_of(target: str, cwd: str) -> tuple[str, ...]:
    """Return every name of the file that `target` can open, seen from `cwd`.

    The first is the absolute path as written; the others are what its readings resolve to.  A name that stands alone
    resolves to itself.  Raises `ValueError` for a path that cannot be named: with a NUL, too long, or relative to an
    unknown directory.
    """
    return _View(cwd).names(target)


def absolute(target: str, cwd: str) -> str:
    """Return `target` as an absolute path by its text alone: `~` expanded, `.` and `..` taken away.

    Raises `ValueError` as `names_of` does.
    """
    return _normal(_joined(_expanded(target), cwd))


def resolved(path: str, cwd: str) -> str:
    """Return where the absolute `path` leads for a process that works in `cwd`; parts that do not exist stay."""
    return _View(cwd).walk(path)


def comparable(path: str) -> str:
    """Return `path` in the form in which names are compared: `/` between parts, case folded where the system does."""
    if os.sep != "/":
        path = path.replace(os.sep, "/")
    return unicodedata.normalize("NFC", path).casefold() if _IGNORES_CASE else path


def _with_names(effect: Effect, names: Callable[[str], tuple[str, ...]]) -> Effect:
    found = tuple(map(comparable, effect.found))
    return replace(effect, names=names(effect.target), found=found)


class _View:
    """The file system as a process that works in `cwd` sees it.  Each link is looked at once."""

    def __init__(self, cwd: str) -> None:
        self._cwd = cwd
        self._links: dict[str, str | None] = {}
        self._here: str | None = None
        if os.path.isabs(cwd) and os.sep == "/":  # noqa: PTH117
            self._here = self.walk(cwd)

    def names(self, target: str) -> tuple[str, ...]:
        """Return what `names_of` returns."""
        readings = self._readings(target)
        written, *others = [_normal(reading) for reading in readings]
        # The kernel follows a link before a `..` behind it; most agents shorten the text first.  Either may happen.
        led_to = [self.walk(path) for path in dict.fromkeys((written, *others, *readings))]
        names = tuple(dict.fromkeys(map(comparable, (*others, *led_to))))
        first = comparable(written)
        return names if names == (first,) else (first, *names)

    def walk(self, path: str) -> str:
        """Return where `path` leads, link by link, as path_resolution(7) says."""
        if os.sep != "/":
            return os.path.realpath(path)
        done, links = "", 0
        if self._here is not None and path.startswith(f"{self._cwd}/"):
            done, path = self._here.rstrip("/"), path[len(self._cwd) :]
        parts = path.split("/")[::-1]
        while parts:
            part = parts.pop()
            if part == "..":
                done = done.rpartition("/")[0]
            elif part not in {"", "."}:
                done = f"{done}/{part}"
                if links < _MAX_LINKS and (target := self._link(done)) is not None:
                    links += 1
                    done = "" if target.startswith("/") else done.rpartition("/")[0]
                    parts += target.split("/")[::-1]
        return done or "/"

    def _readings(self, target: str) -> list[str]:
        """Return every path that a program may take `target` for, absolute but not shortened."""
        readings: list[str] = []
        for text in dict.fromkeys((target, target.strip())):
            expanded = _expanded(text)
            readings.append(_joined(expanded, self._cwd))
            if expanded != text and os.path.lexists(literal := _joined(text, self._cwd)):
                readings.append(literal)  # a directory that is really called `~`
        return readings

    def _link(self, path: str) -> str | None:
        """Return where the link `path` points to, None if it is no link."""
        if path not in self._links:
            self._links[path] = self._read_link(path)
        return self._links[path]

    def _read_link(self, path: str) -> str | None:
        if own := _PROC_SELF.match(path):
            # Followed here it would lead to Occasio's own process.
            return {"cwd": self._cwd, "root": "/"}.get(own["place"]) if own.end() == len(path) else None
        try:
            return os.readlink(path)  # noqa: PTH115
        except OSError:
            return None


def _expanded(text: str) -> str:
    return os.path.expanduser(text) if text.startswith("~") else text  # noqa: PTH111 - pathlib drops a leading `./`


def _joined(path: str, cwd: str) -> str:
    if "\0" in path:
        raise ValueError("a path holds a NUL character")
    if len(path) > MAX_TARGET:
        raise ValueError(f"a path is longer than {MAX_TARGET} characters")
    joined = os.path.join(cwd, path)  # noqa: PTH118 - pathlib drops `.` and trailing slashes
    if not os.path.isabs(joined):  # noqa: PTH117
        raise ValueError("a relative path, and the working directory is not known")
    return joined


def _normal(path: str) -> str:
    normal = os.path.normpath(path)
    return normal[1:] if normal.startswith("//") and os.sep == "/" else normal
