"""The closed grammar of command lines that are run here: simple commands, pipes, `&&`, `||`, `;`, quotes.

Everything that a shell would expand or that would start something else ($, backquotes, wildcards, braces, `~`, globs,
parentheses, `&`, files as input or output, comments, line ends) is no part of it.  A line that is read here means to
Bash exactly the words that come back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

MAX_LINE = 8192  # characters
MAX_COMMANDS = 16

# What stands for itself outside of quotes.  `~` only behind what can be no assignment; `{` only in `@{1}`, which has no
# comma; `^`, `!` and `#` need a word around them or none.
_PLAIN = re.compile(
    r"[A-Za-z0-9_./:=@%+,^\]-]+|(?<=[A-Za-z0-9^])~|(?<=[A-Za-z0-9_./:=@%+,^-])#|(?<=@)\{-?[0-9A-Za-z]+\}"
)
_WIDE = re.compile(r"[^\x00-\x7f\s\ue000-\uf8ff]+")  # letters of other scripts stand for themselves too
_SINGLE = re.compile(r"'([^'\x00-\x08\x0b-\x1f\x7f]*)'")
_DOUBLE = re.compile(r'"((?:[^"\\$`\x00-\x08\x0b-\x1f\x7f]|\\[^\n\x00-\x08\x0b-\x1f\x7f])*)"')
_ESCAPED_IN_DOUBLE = re.compile(r'\\([$`"\\])')
_ESCAPE = re.compile(r"\\([\x21-\x7e ])")
_BLANK = re.compile(r"[ \t]+")
_ERRORS = re.compile(r"2>(?:(&1)|[ \t]*/dev/null)(?=[ \t|;&]|$)")
_OPERATOR = re.compile(r"&&|\|\||;|\|(?!&)")
_ODD = re.compile(r"[\ud800-\udfff\ue000-\uf8ff]")  # no text, or what the judgement has another use for
_BARE_BANG = re.compile(r"!(?=[ \t])")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=")


class NotLocalError(Exception):
    """The command is not run here; the message says what about it."""


class Errors(StrEnum):
    """Where a command's error messages go."""

    SHOWN = "shown"
    PIPED = "piped"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Simple:
    """One simple command."""

    words: tuple[str, ...]
    errors: Errors = Errors.SHOWN


@dataclass(frozen=True, slots=True)
class Step:
    """A pipeline, and what has to come before it: `&&` success, `||` failure, `;` anything."""

    after: str
    pipeline: tuple[Simple, ...]


def steps(text: str) -> tuple[Step, ...]:
    """Return the pipelines of the line, in order.  Raises `NotLocalError` for every other line."""
    if len(text) > MAX_LINE:
        raise NotLocalError("the command is too long")
    if _ODD.search(text):
        raise NotLocalError("it has characters that are no text")
    reader = _Reader(text.strip(" \t\n"))
    found: list[Step] = []
    after, pipeline = ";", [reader.simple()]
    while operator := reader.operator():
        if operator == ";" and reader.is_done():
            break
        if operator != "|":
            found.append(Step(after, tuple(pipeline)))
            after, pipeline = operator, []
        pipeline.append(reader.simple())
    found.append(Step(after, tuple(pipeline)))
    if sum(len(step.pipeline) for step in found) > MAX_COMMANDS:
        raise NotLocalError("too many commands in one line")
    return tuple(found)


class _Reader:
    """Reads a line from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0

    def is_done(self) -> bool:
        """Return whether nothing is left."""
        self._take(_BLANK)
        return self._place == len(self._text)

    def operator(self) -> str:
        """Return the operator that comes next, empty at the end."""
        if self.is_done():
            return ""
        found = self._take(_OPERATOR)
        if found is None:
            raise NotLocalError(f"`{self._text[self._place]}` is for a shell to understand")
        return found[0]

    def simple(self) -> Simple:
        """Return the simple command that comes next."""
        words: list[str] = []
        errors = Errors.SHOWN
        while not self.is_done() and not _OPERATOR.match(self._text, self._place):
            if redirected := self._take(_ERRORS):
                if errors is not Errors.SHOWN:
                    raise NotLocalError("its errors are redirected twice")
                errors = Errors.PIPED if redirected[1] else Errors.DROPPED
            else:
                words.append(self._word())
        if not words:
            raise NotLocalError("a command is missing")
        if _ASSIGNMENT.match(words[0]):
            raise NotLocalError("it sets a variable")
        return Simple(tuple(words), errors)

    def _word(self) -> str:
        start, pieces = self._place, []
        while (piece := self._piece(is_first=self._place == start)) is not None:
            pieces.append(piece)
        end = self._place
        if end == start or (end < len(self._text) and self._text[end] not in " \t|;&"):
            raise NotLocalError(f"`{self._text[end]}` is for a shell to understand")
        if self._text[start] == "=":  # zsh looks for a program of that name
            raise NotLocalError("`=` in front is for a shell to understand")
        return "".join(pieces)

    def _piece(self, *, is_first: bool) -> str | None:
        if found := self._take(_SINGLE):
            return found[1]
        if found := self._take(_DOUBLE):
            return _ESCAPED_IN_DOUBLE.sub(r"\1", found[1])
        if found := self._take(_ESCAPE):
            return found[1]
        if found := self._take(_PLAIN) or self._take(_WIDE):
            return found[0]
        if is_first and (found := self._take(_BARE_BANG)):
            return found[0]
        return None

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._text, self._place)
        if found:
            self._place = found.end()
        return found
