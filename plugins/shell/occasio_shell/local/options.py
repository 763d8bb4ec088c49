"""Which options a read-only program may be given, and which of its words are files.

Knows nothing of the programs: a `Form` says what one of them takes, and what is not in it is not run here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from occasio_shell.local.line import NotLocalError


class Use(Enum):
    """What a program does with a path."""

    CONTENT = auto()  # reads the file
    NAME = auto()  # looks at its name, its size, its kind; lists a directory
    TREE_CONTENT = auto()  # reads everything below it
    TREE_NAMES = auto()  # lists everything below it


@dataclass(frozen=True, slots=True)
class Touched:
    """A path, as it was written, and what happens to it."""

    path: str
    use: Use


@dataclass(frozen=True, slots=True)
class Given:
    """A program's arguments: options with their values, and operands."""

    options: tuple[tuple[str, str], ...]
    operands: tuple[str, ...]

    def has(self, *names: str) -> bool:
        """Return whether one of the options is given."""
        return any(name in names for name, _ in self.options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What one program takes.

    `flags` are letters without a value, `letters` those with one, `long` long options without, `valued` those with one
    behind `=` or as the next word, `equals` those with one behind `=` alone.  `number` allows `-5`.  `use` is what
    becomes of operands, None if they are no files; the first `skipped` are none unless one of `instead` is given.
    `least` and `most` count operands.  `tree` are the options that make a directory stand for everything below it, `*`
    says that it always does.
    """

    flags: str = ""
    letters: str = ""
    long: tuple[str, ...] = ()
    valued: tuple[str, ...] = ()
    equals: tuple[str, ...] = ()
    number: bool = False
    use: Use | None = Use.CONTENT
    skipped: int = 0
    instead: tuple[str, ...] = ()
    least: int = 0
    most: int = 1000
    tree: tuple[str, ...] = ()
    values: dict[str, re.Pattern[str]] = field(default_factory=dict)


def given(form: Form, words: Sequence[str]) -> Given:
    """Return the arguments told apart.  Raises `NotLocalError` at the first that is not in the form."""
    options: list[tuple[str, str]] = []
    operands: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            operands += left
        elif word.startswith("--"):
            options.append(_long(form, word, left))
        elif form.number and re.fullmatch(r"-[0-9]{1,9}", word):
            options.append(("-", word[1:]))
        elif len(word) > 1 and word[0] == "-":
            options += _letters(form, word, left)
        else:
            operands.append(word)
    for name, value in options:
        if name in form.values and not form.values[name].fullmatch(value):
            raise NotLocalError(f"`{name}` with `{value}` is not run here")
    if not form.least <= len(operands) <= form.most:
        raise NotLocalError("too many or too few operands")
    return Given(tuple(options), tuple(operands))


def touched(form: Form, arguments: Given) -> tuple[Touched, ...]:
    """Return the files among the operands."""
    if form.use is None:
        return ()
    use = form.use
    if "*" in form.tree or arguments.has(*form.tree):
        use = Use.TREE_CONTENT if use is Use.CONTENT else Use.TREE_NAMES
    operands = arguments.operands if arguments.has(*form.instead) else arguments.operands[form.skipped :]
    return tuple(Touched(path, use) for path in operands if path != "-")


def _long(form: Form, word: str, left: Iterator[str]) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals and name in form.long:
        return name, ""
    if equals and name in form.valued + form.equals:
        return name, value
    if not equals and name in form.valued:
        return name, _next(name, left)
    raise NotLocalError(f"`{name}` is not run here")


def _letters(form: Form, word: str, left: Iterator[str]) -> Iterator[tuple[str, str]]:
    for place, letter in enumerate(word[1:], 1):
        if letter in form.letters:
            rest = word[place + 1 :]
            yield f"-{letter}", rest or _next(f"-{letter}", left)
            return
        if letter not in form.flags:
            raise NotLocalError(f"`-{letter}` is not run here")
        yield f"-{letter}", ""


def _next(name: str, left: Iterator[str]) -> str:
    value = next(left, None)
    if value is None:
        raise NotLocalError(f"`{name}` has no value")
    return value
