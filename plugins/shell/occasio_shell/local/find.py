"""`find` with tests that look and actions that print; whatever starts, deletes or writes is not run here."""

from __future__ import annotations

from collections.abc import Sequence

from occasio_shell.local.line import NotLocalError
from occasio_shell.local.options import Touched, Use
from occasio_shell.values import listed

_ALONE = frozenset(
    listed(
        "! ( ) -not -a -and -o -or -print -print0 -prune -empty -xdev -mount -depth -true -false -executable -readable"
        " -writable -daystart -noleaf -ls -quit"
    )
)
_VALUED = frozenset(
    listed(
        "-name -iname -path -ipath -wholename -iwholename -type -maxdepth -mindepth -size -mtime -mmin -ctime -cmin"
        " -atime -amin -perm -user -group -uid -gid -regex -iregex -regextype -links -inum -newermt -printf -lname"
    )
)
_COMPARED = frozenset(listed("-newer -anewer -cnewer -samefile"))


def find(words: Sequence[str]) -> tuple[Touched, ...]:
    """Return what a `find` with these words looks at.  Raises `NotLocalError` when it is not run here."""
    left = list(words)
    if left[:1] == ["-P"]:  # links are not followed, as by default
        del left[0]
    starts: list[Touched] = []
    while left and not left[0].startswith("-") and left[0] not in {"!", "("}:
        starts.append(Touched(left.pop(0), Use.TREE_NAMES))
    return tuple(starts or [Touched(".", Use.TREE_NAMES)]) + _compared(left)


def _compared(expression: list[str]) -> tuple[Touched, ...]:
    """Return the files that others are compared with."""
    files: list[Touched] = []
    left = iter(expression)
    for word in left:
        if word in _ALONE:
            continue
        value = next(left, None) if word in _VALUED | _COMPARED else None
        if value is None:
            raise NotLocalError(f"`find` with `{word}` is not run here")
        if word in _COMPARED:
            files.append(Touched(value, Use.NAME))
    return tuple(files)
