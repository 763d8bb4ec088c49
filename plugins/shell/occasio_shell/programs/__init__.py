"""What programs do with their arguments: a function for each that is known, and the worst for each that is not.

A function notes what would be touched and returns what would be printed, as far as that can be told.
"""

from __future__ import annotations

from occasio_core import EffectKind
from occasio_shell.lines import line_of
from occasio_shell.programs import (
    agents,
    archives,
    builtins,
    code,
    files,
    find,
    git,
    keepers,
    network,
    patches,
    shells,
    starters,
    system,
    texts,
    transfers,
)
from occasio_shell.programs.invocation import Evaluator, Invocation, Program
from occasio_shell.programs.recent import new_program
from occasio_shell.values import LOCAL_OUTPUT, Output, State, Word

_PROGRAMS: dict[str, Program] = {
    **agents.PROGRAMS,
    **files.PROGRAMS,
    **texts.PROGRAMS,
    **builtins.PROGRAMS,
    **shells.PROGRAMS,
    **starters.PROGRAMS,
    **find.PROGRAMS,
    **archives.PROGRAMS,
    **network.PROGRAMS,
    **git.PROGRAMS,
    **code.PROGRAMS,
    **keepers.PROGRAMS,
    **system.PROGRAMS,
    **patches.PROGRAMS,
    **transfers.PROGRAMS,
}
# Built into the shell, and yet what rules about commands are for: they tell what it keeps, or run what they are given.
_TELLING = frozenset(
    {".", "declare", "eval", "exec", "export", "history", "printenv", "set", "source", "trap", "typeset"}
)
_MOST_NAMES = 8  # that one word for a program may have


def run(shell: Evaluator, words: list[Word], stdin: Output) -> Output:
    """Note what the program that `words` name would touch and return what it would print."""
    first, arguments = words[0], words[1:]
    if first.state >= State.BUILT:
        shell.notes.unknown(EffectKind.EXECUTE, first.text or "a command that is put together")
    name = first.text.rpartition("/")[2]
    if first.wild:
        return _by_pattern(shell, first, arguments, stdin)
    program = known(name)
    if name not in builtins.PROGRAMS or name in _TELLING:
        shell.notes.execute(first.text, line_of(name, [word.text for word in arguments]))
    if program is None:
        if content := shell.notes.content(first):
            return _written(shell, name, arguments, content)
        if "/" in first.text:
            shell.notes.read(first)
            with new_program(shell, first) as text:
                if text:
                    _written(shell, name, arguments, (Word(text),))
        program = _other
    return program(Invocation(shell, name, arguments, stdin))


def known(name: str) -> Program | None:
    """Return the function for a program, by its name or the name without its version."""
    return _PROGRAMS.get(name) or _PROGRAMS.get(name.rstrip("0123456789.").removesuffix(".exe"))


def _by_pattern(shell: Evaluator, first: Word, arguments: list[Word], stdin: Output) -> Output:
    """Take a pattern in a program's place (`/bin/c?t`) for every program that it may be, and at least for a reader."""
    line = [word.text for word in arguments]
    shell.notes.execute(first.text, line_of(first.text, line))
    names = {path.rpartition("/")[2] for path in shell.notes.fitting(first.text)[:_MOST_NAMES]} | {"cat"}
    output: Output = ()
    for name in sorted(names):
        shell.notes.execute(first.text, line_of(name, line))
        output += (known(name) or _other)(Invocation(shell, name, arguments, stdin))
    return output


def _written(shell: Evaluator, name: str, arguments: list[Word], content: Output) -> Output:
    """Run what the command has put into a file itself, by the interpreter that its first line names."""
    first = content[0].text.partition("\n")[0]
    interpreter = next(
        (part for part in ("python", "node", "perl", "ruby") if first[:2] == "#!" and part in first), "sh"
    )
    return _PROGRAMS[interpreter](Invocation(shell, name, [Word("-"), *arguments], content))


def _other(invocation: Invocation) -> Output:
    """Take every argument of a program that is not known for a file that it reads, or changes where it says so."""
    in_place = not keepers.IN_PLACE.isdisjoint(word.text for word in invocation.words)
    for word in invocation.words:
        text = word.text
        for part in (text.partition("=")[2], text[2:] if text.startswith("-") else text.removeprefix("@")):
            if part:
                named = word if part == text else word.with_text(part)
                invocation.notes.read(named)
                if in_place:
                    invocation.notes.write(named)
    return LOCAL_OUTPUT


__all__ = ["known", "run"]
