"""Every file below a folder that may be looked at, as ripgrep would find them, and never more than it is good for.

The tree is walked from descriptor to descriptor, so a folder that is swapped meanwhile leads nowhere else; links are
not followed.  The policy is asked about each folder before anything in it is looked at, and about each file before it
is told; once for a whole folder, where the permit can answer so, and again for what has other names.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from occasio_core import Effect, EffectKind, Entries, FolderPermit, Handle, Permit, hold
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
            if not is_folder and self.globs.takes_some:
                return False
        if level is not None and level.ignores(path, is_folder=is_folder):
            return False
        if not is_folder and self.names is not None and self.names.last(name, is_folder=False) is None:
            return False
        return self.hidden or not name.startswith(".")

    def _seen(self, path: str) -> str:
        root = self.root if self.root.endswith("/") else f"{self.root}/"
        return path.removeprefix(root)


@dataclass(frozen=True, slots=True)
class Found:
    """A file or folder below the folder that is searched; `path` begins as that folder was written."""

    path: str
    name: str
    within: Handle
    status: os.stat_result
    is_folder: bool = False

    @property
    def modified(self) -> int:
        """When it was last written, in nanoseconds."""
        return self.status.st_mtime_ns


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
            yield from self._folder(_Place(path, folder, self._answers(path, folder.path), level, 1))

    def read(self, found: Found, size: int) -> bytes | None:
        """Return the first `size` bytes of a file; None if the policy forbids it, or if it is no file any more."""
        try:
            with hold(found.name, within=found.within) as file:
                # Its folder, or another name of it, may lie elsewhere by now.
                return None if file.is_folder or not self._still(found, file) else file.read(size)
        except OSError:
            return None

    def _still(self, found: Found, file: Handle) -> bool:
        has_moved = file.path != f"{found.within.path.rstrip('/')}/{found.name}"
        if file.status.st_nlink > 1 and not os.path.samestat(file.status, found.status):
            has_moved = True  # it came there meanwhile, and what else it is called was not looked at
        return not has_moved or self.may_read(file.path)

    def may_read(self, *paths: str) -> bool:
        """Return whether the policy lets all these names of one thing be read; counts if it does not."""
        return self._counted(all(self.permit(Effect(EffectKind.READ, path)) for path in dict.fromkeys(paths)))

    def _counted(self, permitted: bool) -> bool:
        self.denied += not permitted
        return permitted

    def _answers(self, path: str, real: str) -> list[Entries]:
        """Return what is asked about the entries of a folder, by each of its names."""
        permit = self.permit
        names = dict.fromkeys((path, real))
        return [permit.within(one) if isinstance(permit, FolderPermit) else _OneByOne(permit, one) for one in names]

    def _folder(self, place: _Place) -> Iterator[Found]:
        try:
            entries = place.folder.entries()
        except OSError:
            return  # as ripgrep does: what cannot be looked at is left out
        root = "" if place.path == "/" else place.path
        for name, is_folder in entries:
            if self._is_over():
                return
            path = f"{root}/{name}"
            if not self.wanted.takes(path, name, place.level, is_folder=is_folder):
                continue
            if is_folder:
                yield from self._inner(place, name, path)
            elif found := self._file(place, name, path):
                yield found

    def _file(self, place: _Place, name: str, path: str) -> Found | None:
        try:
            status = place.folder.status_of(name)
        except OSError:
            return None  # it is gone
        if not stat.S_ISREG(status.st_mode):
            return None
        may = place.may_read(name)
        if may and status.st_nlink > 1:
            may = all(self.permit(Effect(EffectKind.READ, one)) for one in dict.fromkeys((path, place.real(name))))
        return Found(path, name, place.folder, status) if self._counted(may) else None

    def _inner(self, place: _Place, name: str, path: str) -> Iterator[Found]:
        try:
            with hold(name, within=place.folder) as inner:
                if not (inner.is_folder and self._counted(place.may_read(name))):
                    return
                answers = [may.within(name) for may in place.answers]
                if inner.path != place.real(name):  # it is elsewhere by now
                    if not self.may_read(inner.path):
                        return
                    answers += self._answers(path, inner.path)
                if self.tells_folders:
                    yield Found(path, name, place.folder, inner.status, is_folder=True)
                if place.depth < self.wanted.max_depth:
                    level = place.level and place.level.below(name)
                    yield from self._folder(_Place(path, inner, answers, level, place.depth + 1))
                elif place.depth >= MAX_DEPTH:
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


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder on the walk: as it was written, held, with what is asked about its entries and what it leaves out."""

    path: str
    folder: Handle
    answers: list[Entries]
    level: Level | None
    depth: int

    def may_read(self, name: str) -> bool:
        """Return what the policy says of an entry, by each name of the folder."""
        return all(may(name) for may in self.answers)

    def real(self, name: str) -> str:
        """Return the true path of an entry."""
        return f"{self.folder.path.rstrip('/')}/{name}"


class _OneByOne:
    """The answers of a permit that knows single files only."""

    def __init__(self, permit: Permit, folder: str) -> None:
        self._permit = permit
        self._folder = folder

    def __call__(self, name: str, /) -> bool:
        return self._permit(Effect(EffectKind.READ, os.path.join(self._folder, name)))  # noqa: PTH118

    def within(self, name: str, /) -> _OneByOne:
        return _OneByOne(self._permit, os.path.join(self._folder, name))  # noqa: PTH118
