"""What kind of output a shell command makes, as far as its words tell.

Nothing is decided by this but how many lines stay: a wrong guess shortens too much or too little, and says so.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

from occasio_core import Json
from occasio_distill.lines import Kind

_NAMES = ("command", "cmd", "commands")  # of Claude Code and most, of Codex, of Cline
_SEARCHES = frozenset({"grep", "egrep", "fgrep", "rg", "ag", "ack", "findstr", "select-string"})
_LISTINGS = frozenset({"find", "fd", "fdfind", "ls", "ll", "dir", "tree", "exa", "eza", "get-childitem", "gci"})
_TESTERS = frozenset({"jest", "vitest", "pytest", "py.test", "tox", "nox", "rspec", "phpunit", "ctest", "mocha"})
_RUNNERS = frozenset({"npx", "bunx", "uvx", "time", "env", "sudo", "command", "nice", "stdbuf"})
_OF_PACKAGES = frozenset({"npm", "yarn", "pnpm", "bun"})
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
_ENDS = frozenset({";", "&&", "||", "&", "\n", "(", ")"})


def command_in(given: Mapping[str, Json]) -> str:
    """Return the command that a shell tool was given, whatever its agent calls it; empty if there is none.

    A list is the words of one command, of which a shell's own come first, or several commands.
    """
    found = next((given[name] for name in _NAMES if name in given), "")
    if isinstance(found, str):
        return found
    words = [word for word in found if isinstance(word, str)] if isinstance(found, list | tuple) else []
    if "commands" in given:
        return "\n".join(words)
    return words[-1] if len(words) > 2 and words[1].startswith("-") else shlex.join(words)


def kind_of(command: str) -> Kind | None:
    """Return what kind of output `command` makes: that of its last list element, by the first of its pipeline."""
    words = _last(_words(command))
    while words and (_ASSIGNMENT.fullmatch(words[0]) or words[0] in _RUNNERS):
        words = words[1:]
    return _kind(words) if words else None


def _words(command: str) -> list[str]:
    """Return the words and operators of `command`; none where they cannot be told apart."""
    lexer = shlex.shlex(command.replace("\n", " ; "), posix=True, punctuation_chars=";&|()<>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError:  # a quote that is not closed
        return []


def _last(words: Sequence[str]) -> list[str]:
    elements: list[list[str]] = [[]]
    for word in words:
        if word in _ENDS:
            elements.append([])
        else:
            elements[-1].append(word)
    found = next((element for element in reversed(elements) if element), [])
    return found[: found.index("|")] if "|" in found else found


def _kind(words: Sequence[str]) -> Kind | None:
    program, rest = words[0].rsplit("/", 1)[-1].lower(), [word for word in words[1:] if not word.startswith("-")]
    first = rest[0] if rest else ""
    if program in _SEARCHES or (program == "git" and first == "grep"):
        return Kind.MATCHES
    if program in _LISTINGS or (program == "git" and first in {"log", "ls-files"}):
        return Kind.LISTING
    return Kind.TESTS if _tests(program, first, rest) else None


def _tests(program: str, first: str, rest: Sequence[str]) -> bool:
    if program in _TESTERS:
        return True
    if program in _OF_PACKAGES:
        script = rest[1] if first in {"run", "exec", "dlx"} and len(rest) > 1 else first
        return script in {"t", "test"} or script in _TESTERS or script.startswith("test:")
    if program.startswith("python"):
        return first in {"pytest", "unittest"}  # behind `-m`, which is left out as an option
    return program in {"cargo", "go", "make", "mvn", "gradle", "dotnet", "swift", "mix"} and first in {"test", "check"}
