"""Programs that start another: what they start is judged as if it stood alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from occasio_core import EffectKind
from occasio_shell.programs.invocation import Arguments, Invocation, Program
from occasio_shell.values import LOCAL_OUTPUT, Output, State, Word, lines, state_of

_WHOLE_ENVIRONMENT: Output = (Word("", State.LOCAL, secret=True),)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)


def _starter(letters: str = "", long: tuple[str, ...] = (), *, skipped: int = 0) -> Program:
    """Return the function for a program that starts what follows its options and `skipped` operands."""

    def judge(invocation: Invocation) -> Output:
        arguments = invocation.arguments(letters, long, ends=True)
        words = arguments.operands[skipped:]
        return invocation.shell.call(words, invocation.stdin) if words else ()

    return judge


def _env(invocation: Invocation) -> Output:
    arguments = invocation.arguments("uCS", ("--unset", "--chdir", "--split-string"), ends=True)
    for word in arguments.values("-C", "--chdir"):
        invocation.notes.enter(word)
    for word in arguments.values("-S", "--split-string"):
        return invocation.shell.evaluate(word.text, invocation.stdin)
    words = arguments.operands
    while words and _ASSIGNMENT.fullmatch(words[0].text):
        name, _, value = words[0].text.partition("=")
        invocation.shell.assign(name, (words[0].with_text(value),))
        words = words[1:]
    if words:
        return invocation.shell.call(words, invocation.stdin)
    return () if arguments.has("-i", "-", "--ignore-environment") else _WHOLE_ENVIRONMENT


def _sudo(invocation: Invocation) -> Output:
    arguments = invocation.arguments("ugpCTrthDRU", ("--user", "--group", "--chdir", "--prompt"), ends=True)
    words, users = arguments.operands, arguments.values("-u", "--user")
    while words and _ASSIGNMENT.fullmatch(words[0].text):
        words = words[1:]
    if arguments.has("-e", "--edit"):
        for word in words:
            invocation.notes.read(word)
            invocation.notes.write(word)
        return ()
    with invocation.notes.rights(root=not users or users[-1].text in {"root", "0", "#0"}):
        if not words and arguments.has("-i", "-s", "--login", "--shell"):
            words = [Word("sh")]
        return invocation.shell.call(words, invocation.stdin) if words else ()


def _as_user(invocation: Invocation) -> Output:
    """`su -c text user` and its like."""
    arguments = invocation.arguments("cgGs", ("--command", "--shell"))
    for word in arguments.values("-c", "--command"):
        return invocation.shell.evaluate(word.text, invocation.stdin)
    if not arguments.operands or arguments.operands[-1].text in {"-", "root"}:
        with invocation.notes.rights(root=True):
            return invocation.shell.call([Word("sh")], invocation.stdin)
    return ()


def _xargs(invocation: Invocation) -> Output:
    long = ("--max-args", "--max-procs", "--replace", "--delimiter", "--max-lines", "--arg-file")
    arguments = invocation.arguments("IdELnPsa", long, ends=True)
    for word in arguments.values("-a", "--arg-file"):
        invocation.notes.read(word)
    items = _items(invocation.stdin)
    mark = next((word.text for word in arguments.values("-I", "--replace")), "{}" if arguments.has("-i") else "")
    words = arguments.operands or [Word("echo")]
    if state_of(items) >= State.BUILT and not _only_prints(words):
        invocation.notes.unknown(EffectKind.READ, "xargs")
    if mark and any(mark in word.text for word in words):
        output: Output = ()
        for item in items or (Word("", State.LOCAL),):
            output += invocation.shell.call([_filled(word, mark, item) for word in words], ())
        return output
    return invocation.shell.call([*words, *items], ())


def _only_prints(words: list[Word]) -> bool:
    return words[0].text in {"echo", "printf"}


def _items(stdin: Output) -> Output:
    items: list[Word] = []
    for word in lines(stdin):
        if word.wild or (word.state and not word.text):
            items.append(word)
        else:
            items += [word.with_text(part.strip("\"'")) for part in word.text.split()]
    return tuple(items)


def _filled(word: Word, mark: str, item: Word) -> Word:
    if word.text == mark:
        return item
    if mark not in word.text:
        return word
    return replace(item, text=word.text.replace(mark, item.text), found=(), wild=item.wild or word.wild)


def _parallel(invocation: Invocation) -> Output:
    texts = [word.text for word in invocation.words]
    if ":::" in texts:
        place = texts.index(":::")
        command, items = invocation.words[:place], tuple(invocation.words[place + 1 :])
    else:
        command, items = invocation.words, invocation.stdin
    return _xargs(replace(invocation, words=[Word("-I"), Word("{}"), *_marked(command)], stdin=items))


def _marked(command: list[Word]) -> list[Word]:
    while command and command[0].text.startswith("-"):
        command = command[2 if command[0].text in {"-j", "--jobs", "-n"} else 1 :]
    return command if any("{}" in word.text for word in command) else [*command, Word("{}")]


def _text_starter(letters: str) -> Program:
    """Return the function for a program that hands what follows to a shell, as `watch` and `ssh` do."""

    def judge(invocation: Invocation) -> Output:
        arguments = invocation.arguments(letters, ("--interval",), ends=True)
        return invocation.shell.evaluate(" ".join(word.text for word in arguments.operands), invocation.stdin)

    return judge


def _script(invocation: Invocation) -> Output:
    """`script -c text file`: records what it shows in a file."""
    arguments = invocation.arguments("cIOBTtEmo", ("--command",))
    for word in arguments.operands:
        invocation.notes.write(word)
    for word in arguments.values("-c", "--command"):
        invocation.shell.evaluate(word.text)
    return LOCAL_OUTPUT


def _traced(invocation: Invocation) -> Output:
    arguments = invocation.arguments("oepsSauEPOI", ends=True)
    for word in arguments.values("-o"):
        invocation.notes.write(word)
    return invocation.shell.call(arguments.operands, invocation.stdin) if arguments.operands else ()


def _remote_or(inner: Callable[[Arguments], list[Word]], letters: str) -> Program:
    """Return the function for a program that runs `inner` of its arguments somewhere, with files of this machine."""

    def judge(invocation: Invocation) -> Output:
        words = inner(invocation.arguments(letters, ends=True))
        return invocation.shell.call(words, invocation.stdin) if words else LOCAL_OUTPUT

    return judge


PROGRAMS: dict[str, Program] = {
    "env": _env,
    **dict.fromkeys(("sudo", "doas", "pkexec", "gsudo", "sudoedit"), _sudo),
    **dict.fromkeys(("su", "runuser"), _as_user),
    "xargs": _xargs,
    "parallel": _parallel,
    "nohup": _starter(),
    "time": _starter("fo"),
    "nice": _starter("n", ("--adjustment",)),
    "ionice": _starter("cnp"),
    "timeout": _starter("ks", ("--signal", "--kill-after"), skipped=1),
    "stdbuf": _starter("ioe"),
    "setsid": _starter(),
    "chronic": _starter(),
    "unbuffer": _starter(),
    "caffeinate": _starter("tw"),
    "taskset": _starter(skipped=1),
    "chrt": _starter(skipped=1),
    "flock": _starter("wE", skipped=1),
    "chroot": _starter(skipped=1),
    "proot": _starter("rbw"),
    "unshare": _starter(),
    "nsenter": _starter("tS"),
    "fakeroot": _starter(),
    "firejail": _starter(),
    "coproc": _starter(),
    "noglob": _starter(),
    "dotenv": _starter("ef"),
    "direnv": _starter(skipped=2),
    "aws-vault": _starter(skipped=2),
    "setarch": _starter(skipped=1),
    "start-stop-daemon": _starter("xp"),
    "watch": _text_starter("ndgt"),
    "entr": _starter(),
    **dict.fromkeys(("strace", "ltrace", "perf", "valgrind", "gdb", "rlwrap", "time_of"), _traced),
    "script": _script,
    **dict.fromkeys(
        ("poetry", "pipenv", "uv", "rye", "pdm", "hatch", "bundle", "conda", "mamba"), lambda it: _run_of(it)
    ),
}


def _run_of(invocation: Invocation) -> Output:
    """`poetry run …`, `bundle exec …`: a tool's own commands touch what it manages; what it runs is judged."""
    texts = [word.text for word in invocation.words]
    for place, text in enumerate(texts):
        if text in {"run", "exec", "x"}:
            rest = invocation.words[place + 1 :]
            while rest and rest[0].text.startswith("-"):
                rest = rest[2 if rest[0].text in {"-n", "--with", "--python", "-p", "--env-file"} else 1 :]
            _env_files(invocation)
            return invocation.shell.call(rest, invocation.stdin) if rest else LOCAL_OUTPUT
    _env_files(invocation)
    return LOCAL_OUTPUT


def _env_files(invocation: Invocation) -> None:
    for value in invocation.arguments("", ("--env-file",)).values("--env-file"):
        invocation.notes.read(value)
