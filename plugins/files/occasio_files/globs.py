"""Patterns for paths as ripgrep takes them: on its command line, and in `.gitignore` files.

A pattern without a slash holds at any depth, one with a slash from its root on.  `*` and `?` stay within one part, `**`
is any number of parts, `{a,b}` either.  A character is a byte here, as in ripgrep: `?` does not stand for an `é`.
Every pattern is matched in linear time.  Knows text only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from occasio_core import LinearPattern, linear_pattern

_TOGETHER = 8_000  # characters of patterns that are tried at once
# The two usual lines, which need no search: a name, and an ending of names.
_PLAIN = re.compile(r"\*\*/(?P<star>\*?)(?P<text>[A-Za-z0-9_.~@#$%+=,: -]+)")
_CLASS = re.compile(r"\[(?P<not>[!^]?)(?P<items>\]?[^\]]*)\]")


class GlobError(ValueError):
    """A pattern that is none."""


@dataclass(frozen=True, slots=True)
class Glob:
    """One line: what it matches, whether it takes back what others said, and whether it is for folders alone."""

    pattern: LinearPattern = field(repr=False)
    negated: bool
    only_folders: bool
    ending: str = ""  # of every name that it fits, where that is plain to see
    is_name: bool = False  # the name is no more than that


class Globs:
    """A list of lines, of which the last that fits decides."""

    def __init__(self, globs: Iterable[Glob]) -> None:
        self._globs = list(globs)
        others = [glob.pattern.text for glob in self._globs if not glob.ending]
        self._any = [linear_pattern(text) for text in _joined(others)]
        self._names = frozenset(glob.ending for glob in self._globs if glob.is_name)
        self._endings = tuple({glob.ending for glob in self._globs if glob.ending and not glob.is_name})
        self.by_name = not others  # the folders on the way make no difference
        self.takes_some = any(not glob.negated for glob in self._globs)

    def __iter__(self) -> Iterator[Glob]:
        return iter(self._globs)

    def __len__(self) -> int:
        return len(self._globs)

    def last(self, path: str, *, is_folder: bool) -> Glob | None:
        """Return the last line that fits `path`, which is relative to where the lines hold."""
        name = path[path.rfind("/") + 1 :]
        may_fit = name in self._names or (self._endings and name.endswith(self._endings))
        if not (may_fit or self._any):  # most paths fit nothing
            return None
        path = _bytewise(os.fsencode(path))
        if not (may_fit or any(pattern.finds(path) for pattern in self._any)):
            return None
        for glob in reversed(self._globs):
            if (is_folder or not glob.only_folders) and glob.pattern.finds(path):
                return glob
        return None


def glob_line(line: str) -> Glob | None:
    """Return the line of a `.gitignore`, None for a comment or an empty one.  Raises `GlobError`."""
    if line.startswith("#"):
        return None
    text = line if line.endswith("\\ ") else line.rstrip()
    if not text:
        return None
    negated = anchored = False
    if text.startswith(("\\!", "\\#")):
        text = text[1:]
    else:
        negated, text = text.startswith("!"), text.removeprefix("!")
        anchored, text = text.startswith("/"), text.removeprefix("/")
    only_folders = text.endswith("/")
    if only_folders:
        text = text[:-1].removesuffix("\\")
    if not anchored and "/" not in text and text != "**":
        text = f"**/{text}"
    plain = _PLAIN.fullmatch(text)
    if text.endswith("/**"):
        text += "/*"  # what is below, not the folder itself
    ending, is_name = (plain["text"], not plain["star"]) if plain else ("", False)
    return Glob(glob_pattern(text), negated, only_folders, ending, is_name)


def glob_pattern(text: str) -> LinearPattern:
    """Return `text` as a pattern for whole relative paths.  Raises `GlobError`."""
    try:
        return linear_pattern(rf"\A(?:{_Translation(_bytewise(text.encode())).expression()})\z")
    except ValueError as error:
        raise GlobError(str(error)) from None


def _bytewise(data: bytes) -> str:
    return data.decode("latin-1")


class _Translation:
    """The regular expression of one glob, read from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._parts: list[str] = []

    def expression(self) -> str:
        if self._text == "**":
            return "(?s:.*)"
        while self._at < len(self._text):
            self._step()
        if self._depth:
            raise GlobError("an alternate is not closed")
        return "".join(self._parts)

    def _step(self) -> None:
        mark = self._text[self._at]
        self._at += 1
        match mark:
            case "?":
                self._parts.append("[^/]")
            case "*":
                self._star()
            case "[":
                self._class()
            case "{":
                self._depth += 1
                self._parts.append("(?:")
            case "}":
                if not self._depth:
                    raise GlobError("an alternate is not opened")
                self._depth -= 1
                self._parts.append(")")
            case "," if self._depth:
                self._parts.append("|")
            case "\\":
                if self._at == len(self._text):
                    raise GlobError("a backslash stands at the end")
                self._parts.append(re.escape(self._text[self._at]))
                self._at += 1
            case _:
                self._parts.append(re.escape(mark))

    def _star(self) -> None:
        start, rest = self._at - 1, self._text[self._at :]
        before = self._text[start - 1] if start else ""
        opens = before in {"", "/"} or (self._depth and before in {",", "{"})
        ends = rest[1:2] in {"", "/"} or (self._depth and rest[1:2] in {",", "}"})
        if not (rest.startswith("*") and opens and ends):
            self._parts.append("[^/]*")
            return
        self._at += 1
        follows = rest[1:2] == "/"
        self._at += follows
        if start == 0 or (self._parts and self._parts[-1] == _PREFIX):
            if self._parts[-1:] != [_PREFIX]:
                self._parts.append(_PREFIX)
        elif self._parts and self._parts[-1] in {re.escape("/"), _MIDDLE, _SUFFIX}:
            self._parts[-1] = _MIDDLE if follows else _SUFFIX
        else:
            self._parts.append(_MIDDLE if follows else _SUFFIX)

    def _class(self) -> None:
        found = _CLASS.match(self._text, self._at - 1)
        if found is None:
            raise GlobError("a class is not closed")
        self._at = found.end()
        items = re.sub(r"([\[\\\]^&~|])", r"\\\1", found["items"])
        self._parts.append(f"[{'^/' if found['not'] else ''}{items}]")


_PREFIX = "(?:/?|(?s:.*)/)"
_MIDDLE = "(?:/|/(?s:.*)/)"
_SUFFIX = "/(?s:.*)"


def _joined(patterns: list[str]) -> Iterable[str]:
    """Yield the patterns as alternatives of as few as possible."""
    group: list[str] = []
    for pattern in patterns:
        if group and sum(map(len, group)) + len(pattern) > _TOGETHER:
            yield "|".join(group)
            group = []
        group.append(pattern)
    if group:
        yield "|".join(group)
