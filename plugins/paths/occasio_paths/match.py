"""Matching names of files against the entries of a list, compiled once.

Knows text only.  An entry matches what it names and everything below it.  What is looked up may itself be a pattern:
`find` takes names, `meets` patterns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from occasio_core import PathEntry
from occasio_paths.patterns import meet, parts_of

_ANYWHERE = re.compile(r"/\*\*/(?P<star>\*?)(?P<text>[^/*?]+)")
_ANYWHERE_PART = re.compile(r"/\*\*/[^/]+")
_WILD = re.compile(r"[*?]")


class Matcher:
    """A list of entries.  The time for one name grows with its length, never with a power of it."""

    def __init__(self, entries: Iterable[PathEntry]) -> None:
        self._trees: dict[str, PathEntry] = {}
        self._names: dict[str, PathEntry] = {}
        self._endings: dict[str, PathEntry] = {}
        self._globs: list[tuple[re.Pattern[str], PathEntry]] = []
        self._wild: list[str] = []
        self._forms: list[tuple[tuple[str, ...], PathEntry]] = []
        for entry in entries:
            for form in entry.forms:
                self._add(form, entry)
                self._forms.append((parts_of(form), entry))
        self._entries: dict[str, set[str]] = {}
        for form in self._trees:
            above, slash, name = form.rpartition("/")
            self._entries.setdefault(above + slash, set()).add(name)
        parts = [_part(form[4:]) for form in self._wild if _ANYWHERE_PART.fullmatch(form)]
        others = [form for form in self._wild if not _ANYWHERE_PART.fullmatch(form)]
        self._any_ending = tuple(self._endings)
        self._depth = max((form.count("/") for form in self._trees), default=0)
        # Most names match no glob at all; one look tells.
        self._any_glob = re.compile("|".join(glob.pattern for glob, _ in self._globs) or r"(?!)")
        self._any_part = re.compile(f"/(?:{'|'.join(parts)})(?![^/])" if parts else r"(?!)")
        # Globs that are not for one part anywhere fit nothing but below these.
        self._starts = tuple(_WILD.split(form)[0].rpartition("/")[0] + "/" for form in others)

    def find(self, name: str) -> PathEntry | None:
        """Return an entry that `name` falls under, or None."""
        for above in _downwards(name, self._depth):
            if entry := self._trees.get(above):
                return entry
        for part in name.split("/") if self._names or self._endings else ():
            if entry := self._names.get(part):
                return entry
            if part.endswith(self._any_ending):
                return next(entry for ending, entry in self._endings.items() if part.endswith(ending))
        if self._any_glob.match(name):
            return next(entry for glob, entry in self._globs if glob.match(name))
        return None

    def within(self, folder: str) -> Callable[[str], PathEntry | None]:
        """Return what finds, for the name of an entry of `folder`, what `find` finds for its path.

        It may be another of several entries.
        """
        if entry := self.find(folder):
            return lambda name: entry  # everything below falls under it too
        folder = folder.rstrip("/")
        fits = self._fitting(folder)
        return lambda name: self.find(f"{folder}/{name}") if fits(name) else None

    def fitting(self, folder: str, names: Sequence[str]) -> list[str]:
        """Return those of the entries of `folder` that fall under an entry; the folder itself must not."""
        prefix = f"{folder}/"
        may_fit = (
            prefix in self._entries
            or prefix.startswith(self._starts)
            or not self._names.keys().isdisjoint(names)
            or (self._any_ending and any(name.endswith(self._any_ending) for name in names))
            or self._any_part.search("/" + "/".join(names))
        )
        return list(filter(self._fitting(folder), names)) if may_fit else []

    def _fitting(self, folder: str) -> Callable[[str], object]:
        prefix = f"{folder}/"
        here, names, endings = self._entries.get(prefix, set()), self._names, self._any_ending
        glob = self._any_glob.match
        if self._globs and endings:
            return lambda name: (
                name in here or name in names or name.endswith(endings) or glob(prefix + name) is not None
            )
        if self._globs:
            return lambda name: name in here or name in names or glob(prefix + name) is not None
        return lambda name: name in here or name in names or name.endswith(endings)

    def meets(self, pattern: str) -> PathEntry | None:
        """Return an entry that something which `pattern` fits could fall under, or None.

        As nearly every `**` could end in nearly every name, an entry that holds anywhere counts only when a part of the
        pattern that says something fits one of its own.
        """
        parts = parts_of(pattern)
        return next((entry for form, entry in self._forms if meet(parts, form)), None)

    def _add(self, form: str, entry: PathEntry) -> None:
        if not _WILD.search(form):
            self._trees.setdefault(form, entry)
        elif name := _ANYWHERE.fullmatch(form):  # the two usual globs need no search
            (self._endings if name["star"] else self._names).setdefault(name["text"], entry)
        else:
            self._wild.append(form)
            self._globs.append((re.compile(_pattern(form)), entry))


class Sieve:
    """Finds what falls under a list among the names of many folders, which best come with the upper ones first."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._known: dict[str, bool] = {}  # folders, and whether they fall under it

    def caught(self, folder: str, names: Sequence[str]) -> Sequence[str]:
        """Return those of the entries of `folder` that fall under the list."""
        above, _, name = folder.rpartition("/")
        if above in self._known:
            falls = self._known[above] or bool(self._matcher.fitting(above, (name,)))
        else:
            falls = self._matcher.find(folder or "/") is not None
        self._known[folder] = falls
        return names if falls else self._matcher.fitting(folder, names)


def _downwards(name: str, depth: int) -> Iterator[str]:
    """Yield `/` and the directories on the way to `name`, itself included, `depth` parts deep at most."""
    yield "/"
    end = 0
    for _ in range(depth):
        end = name.find("/", end + 1)
        if end < 0:
            yield name
            return
        yield name[:end]


def _pattern(glob: str) -> str:
    """Return a regular expression that matches what `glob` matches and what is below it.

    What follows a `**` is tried at each part and taken at the first that fits: as everything below a match matches too,
    no later one could do better.  That is why the groups may be atomic, and why nothing is tried twice.
    """
    first, *others = (_parts(chunk) for chunk in glob.strip("/").split("**"))
    return first + "".join(f"(?>(?:/[^/]++)*?{chunk})" for chunk in others)


def _parts(chunk: str) -> str:
    return "".join(f"/(?=[^/]){_part(part)}(?![^/])" for part in chunk.split("/") if part)


def _part(part: str) -> str:
    """Return the expression for one part of a path: only the last `*` may need to look further than the first fit."""
    pieces = [re.escape(piece).replace(r"\?", "[^/]") for piece in re.sub(r"\*+", "*", part).split("*")]
    if len(pieces) == 1:
        return pieces[0]
    first, *middle, last = pieces
    return first + "".join(f"(?>[^/]*?{piece})" for piece in middle) + f"[^/]*{last}"
