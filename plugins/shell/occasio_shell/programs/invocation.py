"""One program with its arguments, as the functions for programs get it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from occasio_shell.notes import Notes
from occasio_shell.values import Output, State, Word

if TYPE_CHECKING:
    from tree_sitter import Node


class Evaluator(Protocol):
    """What a program that starts others needs of the shell."""

    @property
    def notes(self) -> Notes:
        """What was seen to be touched."""

    def evaluate(self, text: str, stdin: Output = (), arguments: Output = ()) -> Output:
        """Evaluate a text of commands."""

    def call(self, words: list[Word], stdin: Output) -> Output:
        """Evaluate one program with its arguments."""

    def apart(self) -> AbstractContextManager[None]:
        """Have what runs within change variables and directories for itself alone."""

    def variable(self, name: str) -> Output:
        """Return every value of a variable."""

    def assigned(self, name: str) -> Output:
        """Return every value that the commands themselves have put into a variable."""

    def assign(self, name: str, values: Output) -> None:
        """Set a variable."""

    def substituted(self, node: Node) -> Output:
        """Return what a substitution prints."""


@dataclass(slots=True)
class Arguments:
    """Arguments told apart: options with their values, and operands."""

    options: list[tuple[str, Word | None]] = field(default_factory=list)
    operands: list[Word] = field(default_factory=list)

    def has(self, *names: str) -> bool:
        """Return whether one of the options is given."""
        return any(name in names for name, _ in self.options)

    def values(self, *names: str) -> list[Word]:
        """Return the values of these options, in order."""
        return [value for name, value in self.options if name in names and value is not None]


@dataclass(slots=True)
class Invocation:
    """A program that would run: its name without directories, its arguments, and what it would read."""

    shell: Evaluator
    name: str
    words: list[Word]
    stdin: Output

    @property
    def notes(self) -> Notes:
        """What was seen to be touched."""
        return self.shell.notes

    def arguments(self, values: str = "", long_values: Sequence[str] = (), *, ends: bool = False) -> Arguments:
        """Tell options from operands.

        `values` are the letters of options that take one, `long_values` the long ones that take it as the next word.
        With `ends` the first operand ends the options.
        """
        parsed = Arguments()
        words = iter(self.words)
        for word in words:
            text = word.text
            if text == "--":
                parsed.operands += words
            elif text.startswith("--"):
                name, equals, value = text.partition("=")
                given = word.with_text(value) if equals else next(words, None) if name in long_values else None
                parsed.options.append((name, given))
            elif len(text) > 1 and text[0] == "-":
                _letters(parsed, word, values, long_values, lambda: next(words, None))
            else:
                parsed.operands.append(word)
                if ends:
                    parsed.operands += words
        return parsed


def _letters(
    parsed: Arguments, word: Word, values: str, long_values: Sequence[str], following: Callable[[], Word | None]
) -> None:
    """Take `-abc value`, `-avalue` or the `-name value` of some programs apart."""
    if word.text in long_values:
        parsed.options.append((word.text, following()))
        return
    letters = word.text[1:]
    for place, letter in enumerate(letters):
        if letter not in values:
            parsed.options.append((f"-{letter}", None))
            continue
        rest = letters[place + 1 :]
        value = word.with_text(rest) if rest else following()
        parsed.options.append((f"-{letter}", value))
        if value is not None and not rest and word.state is not State.KNOWN:
            parsed.operands.append(value)  # of `-c$x file` the value may be what `$x` stands for
        return


Program: TypeAlias = Callable[[Invocation], Output]
Programs: TypeAlias = Mapping[str, Program]
