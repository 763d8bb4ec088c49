"""One simple command as a line of text, for rules that look for commands.

The program is named without its directories.  What is only said, searched for or written down by the program, and run
by nobody, is left out: the message of a commit, the text of an `echo`, the pattern of a `grep`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

LONGEST = 4096  # characters of a line
LEFT_OUT = "…"

_MESSAGES = frozenset({"-m", "--message", "-F", "--file", "--trailer", "--author"})
_GIT_MESSAGES = frozenset({"commit", "tag", "notes", "merge", "stash", "revert", "cherry-pick"})
_BODIES = frozenset({"-t", "--title", "-b", "--body", "-n", "--notes", "-d", "--description", "-m", "--message"})
_PATTERNS = frozenset({"-e", "--regexp"})

_Spoken = Callable[[Sequence[str]], "set[int]"]


def line_of(program: str, arguments: Sequence[str]) -> str:
    """Return the line; what is left out of it is `…`."""
    spoken = _SPOKEN.get(program, _none)(arguments)
    shown = (LEFT_OUT if place in spoken else text for place, text in enumerate(arguments))
    return " ".join((program, *shown))[:LONGEST]


def _none(arguments: Sequence[str]) -> set[int]:
    return set()


def _all(arguments: Sequence[str]) -> set[int]:
    return set(range(len(arguments)))


def _pattern(arguments: Sequence[str]) -> set[int]:
    """Return where a search has its patterns: behind `-e`, or as its first operand."""
    given = _behind(arguments, _PATTERNS)
    if given:
        return given
    operands = (place for place, text in enumerate(arguments) if not text.startswith("-") or text == "-")
    return set([*operands][:1])


def _message(arguments: Sequence[str]) -> set[int]:
    command = next((text for text in arguments if not text.startswith("-")), "")
    return _behind(arguments, _MESSAGES) if command in _GIT_MESSAGES else set()


def _body(arguments: Sequence[str]) -> set[int]:
    return _behind(arguments, _BODIES)


def _behind(arguments: Sequence[str], options: frozenset[str]) -> set[int]:
    """Return where the values of `options` are, as words of their own or behind `=`."""
    apart = {place + 1 for place, (option, _) in enumerate(pairwise(arguments)) if _ends(option) in options}
    joined = {place for place, text in enumerate(arguments) if text.partition("=")[0] in options and "=" in text}
    return apart | joined


def _ends(option: str) -> str:
    """Return the option that takes the next word: of letters in one word (`-am`) the last."""
    return f"-{option[-1]}" if len(option) > 1 and option[0] == "-" and option[1] != "-" else option


_SPOKEN: Mapping[str, _Spoken] = {
    **dict.fromkeys(("echo", "printf", "say", "notify-send", "figlet", "cowsay", "print"), _all),
    **dict.fromkeys(("grep", "egrep", "fgrep", "zgrep", "rg", "ag", "ack"), _pattern),
    **dict.fromkeys(("git", "hub"), _message),
    **dict.fromkeys(("gh", "glab"), _body),
}
