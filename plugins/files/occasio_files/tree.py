"""Every file below a folder that may be looked at, as ripgrep would find them, and never more than it is good for.

The tree is walked from descriptor to descriptor, so a folder that is swapped meanwhile leads nowhere else; links are
not followed.  The policy is asked about each folder before anything in it is looked at, and about each file before it
is told.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from occasio_core import Effect, EffectKind, Handle, Permit, hold
from occasio_files.globs import Globs
from occasio_files.ignore import Level, level_of

MAX_ENTRIES = 200_000
MAX_DEPTH = 64
MAX_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which files: what `globs` name or leave out, seen from `root`, and which of the others."""

    root: str
    globs: Globs
    names: Globs | None = None
    hidden: bool = True
    honours_ignore: bool = True
    max_depth: int = MAX_DEPTH

    def takes(self, path: str, name: str, level: Level | None, *, is_folder: bool) -> bool:
        """Return whether a search comes to the absolute `path`."""
        if len(self.globs):
            glob = self.globs.last(self._seen(path), is_folder=is_folder)
            if glob is not None:
                return not glob.negated
            if not is_folder and any(not other.negated for other in self.globs):
                return False
        if level is not None and level.ignores(path, is_folder=is_folder):
            return False
        if not is_folder and self.names is not None and self.names.last(name, is_folder=False) is None:
            return False
        return self.hidden or not name.startswith(".")

    def _seen(self, path: str) -> str:
        root = self.root.rstrip("/")
        return path[len(root) + 1 :] if path.startswith(f"{root}/") else path


@dataclass(frozen=True, slots=True)
class Found:
    """A file or folder below the folder that is searched; `path` begins as that folder was written."""

    path: str
    name: str
    within: Handle
    is_folder: bool = False

    @property
    def modified(self) -> int:
        """When it was last written, in nanoseconds; 0 if it is gone."""
        try:
            return self.within.modified(self.name)
        except OSError:
            return 0


@dataclass(slots=True)
class Tree:
    """One walk.  `denied` counts what the policy kept out, `stopped` says why not everything was looked at."""

    wanted: Wanted
    permit: Permit
    clock: Callable[[], float] = time.monotonic
    tells_folders: bool = False
    denied: int = 0
    stopped: str = ""
    is_cut: str = ""
    _entries: int = field(default=0, init=False)
    _end: float = field(default=0.0, init=False)

    def below(self, path: str) -> Iterator[Found]:
        """Yield what is below the folder `path`, which is absolute.  Raises `OSError` if it cannot be looked at.

        What is yielded is good until the next is asked for.
        """
        self._end = self.clock() + MAX_SECONDS
        with hold(path) as folder:
            if not self.may_read(path, folder.path):
                return
            level = level_of(path) if self.wanted.honours_ignore else None
            yield from self._folder(folder, path, level, 1)

    def read(self, found: Found, size: int) -> bytes | None:
        """Return the first `size` bytes of a file; None if the policy forbids it, or if it is no file any more."""
        try:
            with hold(found.name, within=found.within) as file:
                # Its folder, or another name of it, may lie elsewhere by now.
                return None if file.is_folder or not self._still(found, file) else file.read(size)
        except OSError:
            return None

    def _still(self, found: Found, file: Handle) -> bool:
        named = os.path.join(found.within.path, found.name)  # noqa: PTH118
        return file.path == named or self.may_read(file.path)

    def may_read(self, *paths: str) -> bool:
        """Return whether the policy lets all these names of one thing be read; counts if it does not."""
        if all(self.permit(Effect(EffectKind.READ, path)) for path in dict.fromkeys(paths)):
            return True
        self.denied += 1
        return False

    def _folder(self, folder: Handle, path: str, level: Level | None, depth: int) -> Iterator[Found]:
        try:
            entries = folder.entries()
        except OSError:
            return  # as ripgrep does: what cannot be looked at is left out
        for entry in entries:
            if self._is_over():
                return
            below = os.path.join(path, entry.name)  # noqa: PTH118
            if self.wanted.takes(below, entry.name, level, is_folder=entry.is_folder):
                yield from (self._inner if entry.is_folder else self._file)(entry.name, folder, below, level, depth)

    def _file(self, name: str, folder: Handle, path: str, _: Level | None, __: int) -> Iterator[Found]:
        if self.may_read(path, os.path.join(folder.path, name)):  # noqa: PTH118
            yield Found(path, name, folder)

    def _inner(self, name: str, folder: Handle, path: str, level: Level | None, depth: int) -> Iterator[Found]:
        try:
            with hold(name, within=folder) as inner:
                if not (inner.is_folder and self.may_read(path, inner.path)):
                    return
                if self.tells_folders:
                    yield Found(path, name, folder, is_folder=True)
                if depth < self.wanted.max_depth:
                    yield from self._folder(inner, path, level and level.below(name), depth + 1)
                elif depth >= MAX_DEPTH:
                    self.is_cut = f"nothing below {MAX_DEPTH} folders was looked at"
        except OSError:
            return

    def _is_over(self) -> bool:
        self._entries += 1
        if not self.stopped and self._entries > MAX_ENTRIES:
            self.stopped = f"after {MAX_ENTRIES} files and folders"
        elif not self.stopped and self.clock() > self._end:
            self.stopped = f"after {MAX_SECONDS:.0f} seconds"
        return bool(self.stopped)
