"""Files that tell a tool what to run, where the command writes them or they are new: that runs when the tool does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from occasio_shell.programs.invocation import Invocation
from occasio_shell.programs.recent import new_program
from occasio_shell.values import Word, text_of

_MOST = 64  # texts of one file
_MAKEFILES = ("Makefile", "makefile", "GNUmakefile")
_RUNNERS = {
    **dict.fromkeys(("npm", "yarn", "pnpm", "bun", "npx"), ("package.json",)),
    **dict.fromkeys(("make", "gmake"), _MAKEFILES),
}


def run_what_was_written(invocation: Invocation) -> None:
    """Evaluate the commands in a `package.json` or a `Makefile` that the same command line has made, or that is new."""
    names = [Word(name) for name in _RUNNERS.get(invocation.name, ())]
    if invocation.name in {"make", "gmake"}:
        names += invocation.arguments("fC", ("--file", "--makefile")).values("-f", "--file", "--makefile")
    for word in names:
        if content := invocation.notes.content(word):
            _evaluated(invocation, word, text_of(content))
            continue
        with new_program(invocation.shell, word) as text:
            _evaluated(invocation, word, text)


def _evaluated(invocation: Invocation, word: Word, text: str) -> None:
    commands = _scripts(text) if word.text.endswith(".json") else _recipes(text)
    for command, _ in zip(commands, range(_MOST), strict=False):
        invocation.shell.evaluate(command)


def _scripts(text: str) -> Iterator[str]:
    try:
        package = json.loads(text)
    except (ValueError, RecursionError):
        return
    scripts = package.get("scripts") if isinstance(package, dict) else None
    yield from (script for script in (scripts or {}).values() if isinstance(script, str))


def _recipes(text: str) -> Iterator[str]:
    """Yield the lines that `make` gives to a shell."""
    for found in re.finditer(
        r"(?m)^\t[@+-]*(.+)$|^[^\t#\n=]+:[^=\n]*;(.+)$|\$\(shell ([^)\n]+)\)", text.replace("\\\n", " ")
    ):
        yield (found[1] or found[2] or found[3]).replace("$$", "$")
