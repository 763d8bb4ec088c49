"""What agents look for: regular expressions as ripgrep takes them, said in the language of RE2.

The two are close relatives.  Where they differ: letters, digits and blanks are those of Unicode in ripgrep (only word
boundaries stay at those of ASCII here), a line is searched alone unless `multiline` is on, and a `{` that repeats
nothing is a mistake.  What RE2 cannot say is an error here and never a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from occasio_core import LinearPattern, linear_pattern

_WORD = r"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}"
_BLANK = r"\t\v\f\r\x{85}\p{Z}"
_KEPT = frozenset("AzbBafnrtvpPx") | frozenset("!\"#$%&'()*+,-./:;=?@[\\]^_`{|}~ ")
_REPEATS = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
_REPEATING = ("*", "+", "?", "{")
_PLAIN = re.compile(r"[A-Za-z0-9_ \-/\"'=<>:;,@!%&~`]+")  # what stands for itself
_CODE = re.compile(r"u\{([0-9A-Fa-f]+)\}|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})")
_NAMED = re.compile(r"\[:\^?[a-z]+:\]")
_BRACED = re.compile(r"[pPx]\{[^}]*\}")


class PatternError(ValueError):
    """A pattern that cannot be looked for here; the message is for the model."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is looked for; `crosses` says that a match may hold a line break, and `literal` is in every match."""

    compiled: LinearPattern
    crosses: bool
    literal: bytes = b""


def pattern_of(text: str, *, any_case: bool = False, multiline: bool = False) -> Pattern:
    """Return `text` compiled for whole files: `^` and `$` are the ends of lines.

    Raises `PatternError` in one line for what is wrong, and for what only ripgrep can do.
    """
    translation = _Translation(text, multiline=multiline)
    expression = translation.expression()
    try:
        compiled = linear_pattern(f"{'(?ms)' if multiline else '(?m)'}{expression}", any_case=any_case)
    except ValueError as error:
        raise PatternError(str(error)) from None
    literal = b"" if any_case else _beginning(text)
    return Pattern(compiled, multiline and translation.crosses, literal)


def _beginning(text: str) -> bytes:
    """Return the text that every match of an expression begins with, empty where that is not plain to see."""
    if "|" in text:
        return b""
    plain = _PLAIN.match(text)
    found, rest = (plain[0], text[plain.end() :]) if plain else ("", text)
    return (found[:-1] if rest.startswith(_REPEATING) else found).encode()


class _Translation:
    """One expression, read from left to right."""

    def __init__(self, text: str, *, multiline: bool) -> None:
        self._text = text
        self._at = 0
        self._end = r"\n" if multiline else ""
        self._not_end = "" if multiline else r"\n"
        self._parts: list[str] = []
        self.crosses = "\n" in text  # and what is found on the way

    def expression(self) -> str:
        if "\n" in self._text and self._not_end:
            raise PatternError("a line break is looked for only with `multiline`")
        while self._at < len(self._text):
            match self._text[self._at]:
                case "\\":
                    self._escape()
                case "[":
                    self._class()
                case "{":
                    self._repeat()
                case "." | "^" | "$" as mark:
                    self.crosses = True
                    self._take(mark)
                case mark:
                    self._take(mark)
        return "".join(self._parts)

    def _take(self, text: str, said: str | None = None) -> None:
        """Go on behind `text`, which is said as `said`."""
        self._at += len(text)
        self._parts.append(text if said is None else said)

    def _escape(self) -> None:
        blank = _BLANK + self._end
        outside = {
            "d": r"\p{Nd}",
            "D": rf"[^\p{{Nd}}{self._not_end}]",
            "w": f"[{_WORD}]",
            "W": f"[^{_WORD}{self._not_end}]",
            "s": f"[{blank}]",
            "S": rf"[^{_BLANK}\n]",
        }
        self._escaped(outside)

    def _escaped(self, classes: dict[str, str]) -> None:
        letter = self._text[self._at + 1 : self._at + 2]
        self.crosses = self.crosses or letter in "nsDWPpxAz"  # more than once too often does no harm
        if code := _CODE.match(self._text, self._at + 1):
            self._take(f"\\{code[0]}", f"\\x{{{code[1] or code[2] or code[3]}}}")
        elif braced := _BRACED.match(self._text, self._at + 1):
            self._take(f"\\{braced[0]}")
        elif letter in classes:
            self._take(f"\\{letter}", classes[letter])
        elif letter == "n" and self._not_end:
            raise PatternError("a line break is looked for only with `multiline`")
        elif letter in _KEPT and not self._text.startswith(("b{", "B{"), self._at + 1):
            self._take(f"\\{letter}")
        else:
            raise PatternError(f"`\\{letter}` cannot be looked for here")

    def _class(self) -> None:
        """Take a class in brackets; one that leaves something out leaves line breaks out too."""
        inside = {
            "d": r"\p{Nd}",
            "D": r"\P{Nd}",
            "w": _WORD,
            "W": r"\W",
            "s": _BLANK + self._end,
            "S": r"\S",
        }
        negated = self._text.startswith("[^", self._at)
        self.crosses = self.crosses or negated
        self._take("[^" if negated else "[", f"[^{self._not_end}" if negated else "[")
        if self._text.startswith("]", self._at):
            self._take("]", r"\]")
        while not self._text.startswith("]", self._at):
            if self._at >= len(self._text):
                raise PatternError("a class is not closed")
            if named := _NAMED.match(self._text, self._at):
                self._take(named[0])
            elif self._text.startswith("\\", self._at):
                self._escaped(inside)
            elif self._text.startswith(("[", "&&", "--", "~~"), self._at):
                raise PatternError("classes in classes cannot be looked for here")
            else:
                self._take(self._text[self._at])
        self._take("]")

    def _repeat(self) -> None:
        repeats = _REPEATS.match(self._text, self._at)
        if repeats is None:
            raise PatternError("a `{` that repeats nothing must be written `\\{`")
        self._take(repeats[0])
