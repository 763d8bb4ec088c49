"""Whether the files that a command would read may be read, asked before it runs and looked at again behind it.

Before: what a path leads to is opened, and the policy is asked about where the open file is.  Behind: a path that leads
to something else by then makes the output unfit to be shown.  What is left open is a path that is turned elsewhere and
back again between the two looks.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator

from occasio_core import Effect, EffectKind, Permit
from occasio_shell.local.options import Touched, Use

MAX_ENTRIES = 5000  # below one folder; each is asked about
_HARMLESS_DEVICES = frozenset({"/dev/null"})

Identity = tuple[int, int] | None


class RefusedError(Exception):
    """The command is not carried out, or its output not shown; the message is for the model."""


class Checks:
    """What one command line touches, and what each path led to when it was asked about."""

    def __init__(self, cwd: str, permit: Permit) -> None:
        self._cwd = cwd
        self._permit = permit
        self._seen: list[tuple[str, Identity]] = []
        self._left = MAX_ENTRIES

    def before(self, touched: Iterable[Touched]) -> None:
        """Ask about each path.  Raises `RefusedError` at the first that must not be read here."""
        for one in touched:
            path = os.path.join(self._cwd, one.path)  # noqa: PTH118
            if "\0" in path:
                raise RefusedError("Error: a path cannot have a NUL in it.")
            self._seen.append((path, _identity(path)))
            self.ask(path, one.path)
            if one.use is Use.CONTENT:
                self._open(path, one.path)
            elif one.use in {Use.TREE_CONTENT, Use.TREE_NAMES}:
                self._walk(path, content=one.use is Use.TREE_CONTENT)

    def behind(self) -> None:
        """Look again.  Raises `RefusedError` when a path leads elsewhere by now."""
        for path, identity in self._seen:
            if _identity(path) != identity:
                raise RefusedError("Error: a file was exchanged while the command ran; its output is not shown.")

    def ask(self, path: str, shown: str) -> None:
        """Raise `RefusedError` unless the policy lets `path` be read."""
        if not self._permit(Effect(EffectKind.READ, path)):
            raise RefusedError(f"Error: the policy does not allow `{shown}` to be read.")

    def _open(self, path: str, shown: str) -> None:
        """Open what is to be read; what cannot be opened the program itself will complain about."""
        try:
            # Without O_NONBLOCK a named pipe would hold everything up until somebody writes to it.
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return
        try:
            if path not in _HARMLESS_DEVICES and not stat.S_ISREG(os.fstat(handle).st_mode):
                raise RefusedError(f"Error: `{shown}` is not a regular file; it cannot be read here.")
            self.ask(_place(handle, path), shown)
        finally:
            os.close(handle)

    def _walk(self, path: str, *, content: bool) -> None:
        for entry in _below(os.path.realpath(path)):
            self._left -= 1
            if self._left < 0:
                raise RefusedError(
                    f"Error: there are more than {MAX_ENTRIES} files below; name a folder with fewer, or the files."
                )
            if entry.is_dir(follow_symlinks=False) or (content and entry.is_file(follow_symlinks=False)):
                self.ask(entry.path, entry.path)


def _below(folder: str) -> Iterator[os.DirEntry[str]]:
    """Yield everything below `folder`; links are not followed, what cannot be listed has nothing below it."""
    folders = [folder]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    yield entry
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
        except OSError:
            continue


def _identity(path: str) -> Identity:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _place(handle: int, path: str) -> str:
    """Return where the open file is.  Raises `RefusedError` when that cannot be told."""
    try:
        return os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115
    except OSError:  # a system without /proc
        real = os.path.realpath(path)
        if os.path.samestat(os.fstat(handle), os.stat(real, follow_symlinks=False)):  # noqa: PTH116
            return real
    raise RefusedError("Error: the file moved while it was opened.")
