"""What is part of the shell itself: directories, variables, and what lists them."""

from __future__ import annotations

from occasio_core import EffectKind
from occasio_shell.programs.invocation import Invocation, Program
from occasio_shell.programs.recent import new_program
from occasio_shell.values import (
    LOCAL_OUTPUT,
    Output,
    State,
    Word,
    lines,
    names_a_secret,
    state_of,
    text_of,
)

_HISTORY = "~/.bash_history"
_WHOLE_ENVIRONMENT: Output = (Word("", State.LOCAL, secret=True),)


def _change_directory(invocation: Invocation) -> Output:
    operands = invocation.arguments().operands
    for word in operands[:1] or [Word("~")]:
        invocation.notes.enter(word)
    return ()


def _declare(invocation: Invocation) -> Output:
    """`declare`, `export`, `readonly`: alone or with `-p` they print every variable."""
    texts = [word.text for word in invocation.words]
    names = [text for text in texts if not text.startswith(("-", "+"))]
    if names and not any(text.startswith("-") and "p" in text for text in texts):
        _assign(invocation)
        return ()
    if not names and not any(text.startswith("-") and set(text) & set("fF") for text in texts):
        return _WHOLE_ENVIRONMENT
    return tuple(word for name in names if name != "=" for word in invocation.shell.variable(name))


def _assign(invocation: Invocation) -> None:
    """Set what is assigned by text that only became an assignment by expansion."""
    for word in invocation.words:
        name, equals, value = word.text.partition("=")
        if equals and name.isidentifier():
            invocation.shell.assign(name, (word.with_text(value),))


def _set(invocation: Invocation) -> Output:
    if not invocation.words:
        return _WHOLE_ENVIRONMENT
    texts = [word.text for word in invocation.words]
    if texts[:2] == ["+o", "history"]:
        invocation.notes.write(Word(_HISTORY))  # what follows is not in it
    if texts[0] == "--":
        words = tuple(invocation.words[1:])
        invocation.shell.assign("@", words)
        for place, word in enumerate(words[:9], 1):
            invocation.shell.assign(str(place), (word,))
    return ()


def _print_environment(invocation: Invocation) -> Output:
    names = [word.text for word in invocation.arguments().operands]
    if not names:
        return _WHOLE_ENVIRONMENT
    return tuple(Word("", State.LOCAL, secret=names_a_secret(name)) for name in names)


def _read(invocation: Invocation) -> Output:
    """`read`, `mapfile`: lines of the input become the values of variables."""
    arguments = invocation.arguments("adinNptu")
    names = [word.text for word in (*arguments.operands, *arguments.values("-a"))] or ["REPLY", "MAPFILE"]
    stdin = lines(invocation.stdin)
    for place, name in enumerate(names):
        fields = (_field(word, place, last=place == len(names) - 1) for word in stdin)
        invocation.shell.assign(name, tuple(fields) or LOCAL_OUTPUT)
    return ()


def _field(word: Word, place: int, *, last: bool) -> Word:
    if word.wild:
        return word
    parts = word.text.split(None, place) if last else word.text.split()
    return word.with_text(parts[place] if place < len(parts) else "")


def _evaluate(invocation: Invocation) -> Output:
    text = " ".join(word.text for word in invocation.words)
    state = state_of(invocation.words)
    if state >= State.BUILT:
        invocation.notes.unknown(EffectKind.EXECUTE, f"eval {text}")
    return invocation.shell.evaluate(text, invocation.stdin) if text.strip() else ()


def _source(invocation: Invocation) -> Output:
    for word in invocation.words[:1]:
        if content := word.stream or invocation.notes.content(word):
            return _sourced(invocation, content)
        if word.text in {"/dev/stdin", "-", "/dev/fd/0", "/proc/self/fd/0"}:
            return _sourced(invocation, invocation.stdin)
        invocation.notes.read(word)
        with new_program(invocation.shell, word) as text:
            invocation.shell.evaluate(text)
    return LOCAL_OUTPUT


def _sourced(invocation: Invocation, stream: Output) -> Output:
    if state_of(stream) >= State.BUILT:
        invocation.notes.unknown(EffectKind.EXECUTE, "source")
    return invocation.shell.evaluate(text_of(stream))


def _history(invocation: Invocation) -> Output:
    """`history`: what this shell itself was told, which for an agent's is nothing, or what is in the file."""
    if any(word.text[:2] in {"-a", "-n", "-r", "-w"} for word in invocation.words):
        invocation.notes.read(Word(_HISTORY))
    return LOCAL_OUTPUT


def _alias(invocation: Invocation) -> Output:
    """An alias is a text of commands: judged where it is made."""
    for word in invocation.words:
        _, equals, text = word.text.partition("=")
        if equals:
            invocation.shell.evaluate(text)
    return ()


def _trap(invocation: Invocation) -> Output:
    for word in invocation.arguments().operands[:1]:
        invocation.shell.evaluate(word.text)
    return ()


def _command(invocation: Invocation) -> Output:
    """`command`, `builtin`, `exec`: what follows runs; `command -v` only prints where it is."""
    arguments = invocation.arguments("a", ends=True)
    if arguments.has("-v", "-V"):
        return tuple(arguments.operands[:1])
    return invocation.shell.call(arguments.operands, invocation.stdin)


def _nothing(invocation: Invocation) -> Output:
    return ()


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(("cd", "pushd", "chdir"), _change_directory),
    **dict.fromkeys(("declare", "typeset", "export", "readonly", "local"), _declare),
    "set": _set,
    "printenv": _print_environment,
    **dict.fromkeys(("read", "mapfile", "readarray"), _read),
    "eval": _evaluate,
    **dict.fromkeys(("source", "."), _source),
    **dict.fromkeys(("history", "fc"), _history),
    "alias": _alias,
    "trap": _trap,
    **dict.fromkeys(("command", "builtin", "exec"), _command),
    **dict.fromkeys(
        ("popd", "unset", "shift", "return", "exit", "break", "continue", "ulimit", "shopt", "hash", "unalias"),
        _nothing,
    ),
}
