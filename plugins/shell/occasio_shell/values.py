"""What a word of a command line stands for, as far as that can be told without running anything.

Knows no grammar, files or programs.  A `Word` is one argument after expansion, or a piece of a program's output.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TypeAlias

_SECRET_NAME = re.compile(
    r"secret|token|passw|passphrase|credential|(?:api|access|private|signing|encryption|account|auth)_?key|_key$|_pat$",
    re.IGNORECASE,
)
MAX_WORDS = 256  # of one expansion; what is left over is dropped, as its number says enough
MAX_TEXT = 1 << 16  # characters of one word


class TooMuchError(Exception):
    """A command asks for more work than it is worth; it is judged by its worst reading."""


class State(IntEnum):
    """How well a text is known; later members are worse."""

    KNOWN = 0
    LOCAL = 1  # what an ordinary program or variable of this machine says
    BUILT = 2  # put together at run time in a way that hides it
    REMOTE = 3  # sent by another machine


@dataclass(frozen=True, slots=True)
class Word:
    """A text; where `state` is not KNOWN, only its known part.

    `wild` says that the text is a pattern, `found` what it fits on the disk, as far as somebody looked.  `secret` says
    that the text holds what the environment keeps.  `stream` is what can be read from a process substitution.
    """

    text: str
    state: State = State.KNOWN
    wild: bool = False
    found: tuple[str, ...] = ()
    secret: bool = False
    stream: Output = ()

    def with_text(self, text: str) -> Word:
        """Return the word with another text, no longer a pattern."""
        return Word(text[:MAX_TEXT], self.state, secret=self.secret, stream=self.stream)


Output: TypeAlias = "tuple[Word, ...]"

LOCAL_OUTPUT: Output = (Word("", State.LOCAL),)
REMOTE_OUTPUT: Output = (Word("", State.REMOTE),)


def state_of(output: Iterable[Word]) -> State:
    """Return the worst state in `output`."""
    return max((word.state for word in output), default=State.KNOWN)


def text_of(output: Iterable[Word]) -> str:
    """Return what is known of `output`, one word a line."""
    return "\n".join(word.text for word in output)


def is_secret(output: Iterable[Word]) -> bool:
    """Return whether any of `output` holds what the environment keeps."""
    return any(word.secret for word in output)


def lines(output: Output) -> Output:
    """Return `output` with one word for each line."""
    if all("\n" not in word.text for word in output):
        return output
    split = (replace(word, text=line) for word in output for line in word.text.split("\n") if line or word.state)
    return tuple(word for word, _ in zip(split, range(MAX_WORDS), strict=False))


def names_a_secret(name: str) -> bool:
    """Return whether a variable of that name usually holds a secret."""
    return _SECRET_NAME.search(name) is not None


def listed(text: str) -> tuple[str, ...]:
    """Return the words of `text`: tables of names are easier to read as text."""
    return tuple(text.split())
