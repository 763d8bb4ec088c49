"""What a search leaves out because of `.gitignore`, `.ignore` and `.rgignore` files, as ripgrep does.

The nearer file decides before the one further up; `.rgignore` before `.ignore` before `.gitignore` before
`.git/info/exclude` before the person's own list.  Those of git count within a repository only, and no further up than
its root.
"""

from __future__ import annotations

import os.path
import re
from dataclasses import dataclass
from functools import cache, cached_property

from occasio_core import hold
from occasio_files.globs import GlobError, Globs, glob_line

MAX_LIST = 1 << 20  # bytes of one such file; what is longer counts for nothing
_RANKS = (".rgignore", ".ignore", ".gitignore", "info/exclude")  # the first that says something decides
_OF_GIT = 2  # those from here on count in repositories alone
_OWN_LIST = re.compile(r"(?im)^\s*excludesfile\s*=\s*\"?\s*(\S+?)\s*\"?\s*$")


@dataclass(frozen=True)
class Level:
    """A folder and what its lists say."""

    folder: str
    above: Level | None
    lists: tuple[tuple[int, Globs], ...]  # those that say something, each with its rank: see `_RANKS`
    is_repository: bool

    def below(self, name: str) -> Level:
        """Return the level of the folder `name` in this one."""
        return _level(os.path.join(self.folder, name), self)  # noqa: PTH118

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Return whether the absolute `path`, somewhere below this folder, is left out."""
        if not self.in_force:
            return False
        said: list[bool | None] = [None] * (len(_RANKS) + 1)
        for start, rank, globs in self.in_force:
            if said[rank] is None:
                said[rank] = _said(globs, path[start:], is_folder=is_folder)
        return next((what for what in said if what is not None), False)

    @cached_property
    def in_force(self) -> list[tuple[int, int, Globs]]:
        """The lists that hold here, the nearest first: where in a path what they see begins, their rank, and they."""
        found = []
        in_repository = self._in_repository()
        left = False  # the repository
        level: Level | None = self
        while level is not None:
            start = len(level.folder.rstrip("/")) + 1
            counts = in_repository and not left
            found += [(start, rank, globs) for rank, globs in level.lists if rank < _OF_GIT or counts]
            left = left or level.is_repository
            level = level.above
        if in_repository and len(own_list()):
            found.append((1, len(_RANKS), own_list()))
        return found

    def _in_repository(self) -> bool:
        level: Level | None = self
        while level is not None:
            if level.is_repository:
                return True
            level = level.above
        return False


_NONE = Globs(())


def level_of(folder: str) -> Level:
    """Return the level of the absolute `folder`, with those of all folders above it."""
    parent = os.path.dirname(folder)  # noqa: PTH120
    return _level(folder, None if parent == folder else level_of(parent))


@cache
def own_list() -> Globs:
    """Return what the person leaves out of all repositories: git's `core.excludesFile`."""
    home = os.path.expanduser("~")  # noqa: PTH111
    settings = os.environ.get("XDG_CONFIG_HOME") or f"{home}/.config"
    for config in (f"{home}/.gitconfig", f"{settings}/git/config"):
        if named := _OWN_LIST.search(_text(config)):
            return _globs(os.path.expanduser(named[1]))  # noqa: PTH111
    return _globs(f"{settings}/git/ignore")


def _level(folder: str, above: Level | None) -> Level:
    root = folder.rstrip("/")
    repository = f"{root}/.git"
    is_repository = os.path.lexists(repository)
    lists = [_globs(f"{root}/{name}") for name in _RANKS[:-1]]
    lists.append(_globs(f"{_shared(repository)}/info/exclude") if is_repository else _NONE)
    return Level(folder, above, tuple((rank, globs) for rank, globs in enumerate(lists) if len(globs)), is_repository)


def _shared(repository: str) -> str:
    """Return the directory that a worktree's `.git` file leads to in the end."""
    if not os.path.isfile(repository):  # noqa: PTH113
        return repository
    private = os.path.join(os.path.dirname(repository), _text(repository).partition("gitdir:")[2].strip())  # noqa: PTH118, PTH120
    return os.path.join(private, _text(f"{private}/commondir").strip())  # noqa: PTH118


def _said(globs: Globs, path: str, *, is_folder: bool) -> bool | None:
    glob = globs.last(path, is_folder=is_folder)
    return None if glob is None else not glob.negated


def _globs(path: str) -> Globs:
    if not os.path.lexists(path):  # nearly always
        return _NONE
    lines = []
    for line in _text(path).split("\n"):
        try:
            if glob := glob_line(line.removesuffix("\r")):
                lines.append(glob)
        except GlobError:
            continue  # as ripgrep does: the other lines hold
    return Globs(lines)


def _text(path: str) -> str:
    """Return the text of a small file, nothing where there is none."""
    try:
        with hold(path) as file:
            return file.read(MAX_LIST).decode("utf-8", "replace").removeprefix("\ufeff")
    except OSError:
        return ""
