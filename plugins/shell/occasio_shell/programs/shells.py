"""Shells in shells: the text that they are given is read like any other."""

from __future__ import annotations

from occasio_core import EffectKind
from occasio_shell.programs.invocation import Invocation, Program
from occasio_shell.programs.recent import new_program
from occasio_shell.values import Output, State, Word, state_of, text_of

# Nobody is there to type into it, and what is typed later would be seen by no rule: `sudo`, `sudo find . -exec sh \\;`.
ROOT_SHELL = "a shell of root"


def _shell(invocation: Invocation) -> Output:
    arguments = invocation.arguments("cOo", ("--rcfile", "--init-file"), ends=True)
    for word in arguments.values("--rcfile", "--init-file"):
        invocation.notes.read(word)
    if texts := arguments.values("-c"):
        return _text(invocation, texts[0], tuple(arguments.operands))
    for word in arguments.operands[:1]:
        if content := word.stream or invocation.notes.content(word):
            return _stream(invocation, content)
        if not arguments.has("-s") and word.text not in {"-", "/dev/stdin", "/dev/fd/0"}:
            return _script(invocation, word, tuple(arguments.operands[1:]))
    if invocation.notes.is_root and not invocation.stdin and not arguments.has("--version", "--help"):
        invocation.notes.execute(ROOT_SHELL, ROOT_SHELL)
    return _stream(invocation, invocation.stdin)


def _text(invocation: Invocation, text: Word, operands: Output) -> Output:
    if text.state >= State.BUILT:
        invocation.notes.unknown(EffectKind.EXECUTE, text.text or f"{invocation.name} -c")
    if operands:
        invocation.shell.assign("0", operands[:1])
    return invocation.shell.evaluate(text.text, invocation.stdin, operands[1:])


def _stream(invocation: Invocation, stream: Output) -> Output:
    if state_of(stream) >= State.BUILT:
        invocation.notes.unknown(EffectKind.EXECUTE, invocation.name)
    text = text_of(stream)
    return invocation.shell.evaluate(text) if text.strip() else ()


def _script(invocation: Invocation, script: Word, arguments: Output) -> Output:
    """A script is read; what it does is looked at only if it is new, but it may do it to its arguments."""
    invocation.notes.read(script)
    with new_program(invocation.shell, script) as text:
        invocation.shell.evaluate(text)
    for word in arguments:
        invocation.notes.read(word)
    return (Word("", State.LOCAL),)


def _busybox(invocation: Invocation) -> Output:
    return invocation.shell.call(invocation.words, invocation.stdin)


def _powershell(invocation: Invocation) -> Output:
    """Another language: every word may be a path, and an encoded command is anything."""
    for word in invocation.words:
        if word.text.lower() in {"-e", "-ec", "-enc", "-encodedcommand"} or "frombase64" in word.text.lower():
            invocation.notes.unknown(EffectKind.EXECUTE, invocation.name)
        for part in word.text.replace("'", " ").replace('"', " ").replace("(", " ").replace(")", " ").split():
            if not part.startswith("-"):
                invocation.notes.read(Word(part))
                invocation.notes.write(Word(part))
    return (Word("", State.LOCAL),)


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(
        ("sh", "bash", "zsh", "dash", "ksh", "mksh", "ash", "rbash", "fish", "tcsh", "csh", "yash"), _shell
    ),
    **dict.fromkeys(("busybox", "toybox"), _busybox),
    **dict.fromkeys(("pwsh", "powershell"), _powershell),
}
