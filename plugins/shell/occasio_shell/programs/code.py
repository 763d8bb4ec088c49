"""Interpreters with their code on the command line or in their input, and editors in batch mode."""

from __future__ import annotations

import itertools
import re

from occasio_core import EffectKind
from occasio_shell.literals import Language, judged
from occasio_shell.programs.invocation import Invocation, Program
from occasio_shell.programs.recent import new_program
from occasio_shell.values import LOCAL_OUTPUT, REMOTE_OUTPUT, Output, State, Word, state_of, text_of
from occasio_shell.words import unescaped

# The letters of options with code, and of others with a value.
_CODE = {
    "python": "c",
    "node": "ep",
    "perl": "eE",
    "ruby": "e",
    "php": "rBRE",
    "lua": "e",
    "Rscript": "e",
    "osascript": "e",
}
_VALUES = {
    "python": "cWXm",
    "node": "epr",
    "perl": "eEI",
    "ruby": "eIr",
    "php": "rBREdf",
    "lua": "el",
    "Rscript": "e",
    "osascript": "el",
}
_IN_PLACE = re.compile(r"-[pnlaws0-7]*i")  # `perl -pi.bak`
_MODULES_THAT_RUN = {"pytest", "pip", "unittest", "venv", "build", "mypy", "ruff", "black", "http.server", "json.tool"}


def _interpreter(language: str) -> Program:
    def judge(invocation: Invocation) -> Output:
        long = ("--eval", "--print", "--require", "--env-file", "--import")
        arguments = invocation.arguments(_VALUES[language], long, ends=True)
        for word in arguments.values("--env-file", "--require", "-r" if language == "node" else ""):
            invocation.notes.read(word)
        texts = arguments.values(*(f"-{letter}" for letter in _CODE[language]), "--eval", "--print")
        if invocation.name == "deno" and [word.text for word in arguments.operands[:1]] == ["eval"]:
            texts, arguments.operands = arguments.operands[1:2], arguments.operands[2:]
        for text in texts:
            _code(invocation, language, text)
        if not texts:
            _script(invocation, language, arguments.operands, has_module=arguments.has("-m"))
        in_place = language in {"perl", "ruby"} and any(_IN_PLACE.match(word.text) for word in invocation.words)
        for word in arguments.operands if texts else arguments.operands[1:]:
            _argument(invocation, word, modifies=in_place)
        for module in arguments.values("-m"):
            _module(invocation, module.text, arguments.operands)
        return LOCAL_OUTPUT

    return judge


def _argument(invocation: Invocation, word: Word, *, modifies: bool) -> None:
    text = word.text.partition("=")[2] if word.text.startswith("-") else word.text
    invocation.notes.read(word.with_text(text) if text != word.text else word)
    if modifies:
        invocation.notes.write(word)


def _script(invocation: Invocation, language: str, operands: list[Word], *, has_module: bool) -> None:
    if has_module:
        return
    content = (operands[0].stream or invocation.notes.content(operands[0])) if operands else None
    if operands and operands[0].text not in {"-", "/dev/stdin"} and not content:
        invocation.notes.read(operands[0])
        with new_program(invocation.shell, operands[0]) as text:
            if text:
                _code(invocation, language, Word(text))
        return
    stream = content or invocation.stdin
    if text_of(stream) or state_of(stream) >= State.BUILT:
        _code(invocation, language, Word(text_of(stream), state_of(stream)))


def _code(invocation: Invocation, language: str, text: Word) -> None:
    if text.state >= State.BUILT:
        invocation.notes.unknown(EffectKind.EXECUTE, text.text[:200] or invocation.name)
    kind = Language.PYTHON if language == "python" else Language.OTHER
    seen = judged(text.text, kind)
    for path in seen.paths:
        named = Word(path, wild="*" in path)  # a pattern for `glob`
        invocation.notes.read(named)
        if seen.changes:
            invocation.notes.write(named)
        if seen.removes:
            invocation.notes.delete(named, "**")
        if seen.moves:
            invocation.notes.fill(named)
    for command in seen.commands:
        invocation.shell.evaluate(command)
    if seen.environment:
        invocation.notes.environment()
    if seen.hidden:
        invocation.notes.unknown(EffectKind.EXECUTE, text.text[:200])


def _module(invocation: Invocation, name: str, operands: list[Word]) -> None:
    if name.startswith("occasio_core"):
        invocation.shell.call([Word("occasio"), *operands], invocation.stdin)
    if name in {"zipfile", "tarfile"} and any(word.text in {"-e", "--extract"} for word in invocation.words):
        for word in operands[1:]:
            invocation.notes.fill(word)
    if name == "base64" or name == "zipfile" or name == "tarfile":
        for word in operands:
            invocation.notes.read(word, "**")
    if name == "http.server":
        given = invocation.arguments("dbp", ("--directory", "--bind"), ends=False).values("-d", "--directory")
        for word in given or [Word(invocation.notes.cwd)] * (not operands):
            invocation.notes.read(word, "**")


def _vim(invocation: Invocation) -> Output:
    is_ex = invocation.name == "ex" or any(word.text.startswith("-e") for word in invocation.words)
    arguments = invocation.arguments("cSuUiw" if is_ex else "cSuUisw", ("--cmd",))  # `-s` of ex is for silence
    for word in (*arguments.values("-S", "-u", "-s"), *arguments.operands):
        invocation.notes.read(word)
        if not word.text.startswith("+"):
            invocation.notes.write(word)
    commands = [
        *arguments.values("-c", "--cmd"),
        *(Word(word.text[1:]) for word in invocation.words if word.text[:1] == "+"),
    ]
    for word in commands:
        _editor_command(invocation, word.text)
    for before, word in itertools.pairwise(invocation.words):
        if invocation.name == "emacs" and before.text in {"--eval", "-eval", "--execute"}:
            _code(invocation, "lua", word)
    return LOCAL_OUTPUT


def _editor_command(invocation: Invocation, text: str) -> None:
    for line in re.split(r"[\n|]", text) if "!" not in text else [text]:
        line = line.strip().lstrip(":%")
        if "!" in line[:4] or re.match(r"[rw]?\s*!", line):
            invocation.shell.evaluate(line.partition("!")[2])
        elif found := re.match(r"(r|re|read|e|edit|w|write|sav|saveas|sp|split|vs|tabe|so|source)!?\s+(\S+)", line):
            invocation.notes.read(Word(found[2]))
            if found[1] in {"w", "write", "sav", "saveas"}:
                invocation.notes.write(Word(found[2]))
        elif re.search(r"system\(|py3?\s|lua\s|perl\s|readfile", line):
            for path in judged(line, Language.OTHER).paths:
                invocation.notes.read(Word(path))
            for command in judged(line, Language.OTHER).commands:
                invocation.shell.evaluate(command)


def _ed(invocation: Invocation) -> Output:
    for word in invocation.arguments("p").operands:
        invocation.notes.read(word)
        invocation.notes.write(word)
    for line in text_of(invocation.stdin).split("\n"):
        _editor_command(invocation, line)
    return LOCAL_OUTPUT


def _shell_out(invocation: Invocation) -> Output:
    """`sqlite3`, `psql`, `mysql`, `gdb`: commands in texts may reach files and shells."""
    for word in (*invocation.words, *invocation.stdin):
        for found in re.finditer(r"(?:\.shell|\.system|\\!|!|shell)\s+(.+)", word.text):
            invocation.shell.evaluate(found[1])
        for found in re.finditer(r"(?i)\bprogram\s+'((?:[^']|'')+)'", word.text):  # `COPY … TO PROGRAM`
            invocation.shell.evaluate(found[1].replace("''", "'"))
        for found in re.finditer(
            r"(?i)(?:readfile|pg_read_file|load_file|\.import|\.read|from|infile|\bto)[\s(]*['\"]?([\w~./-]+)",
            word.text,
        ):
            invocation.notes.read(Word(found[1]))
        if not word.text.startswith("-") and not re.search(r"\s", word.text):
            invocation.notes.read(word)
    return LOCAL_OUTPUT


def _debugger(invocation: Invocation) -> Output:
    """`gdb`, `lldb`: may call functions within another process, and read all that it keeps."""
    for word in (*invocation.words, *invocation.stdin):
        for found in re.finditer(r"\b(?:system|popen|exec\w+)\s*\(\s*\"((?:[^\"\\\\]|\\\\.)*)\"", word.text):
            invocation.shell.evaluate(unescaped(found[1]))
        if re.search(r"\b(?:gcore|generate-core-file|dump\s+(?:binary\s+)?memory|process save-core)\b", word.text):
            invocation.notes.environment()
    return _shell_out(invocation)


def _openssl(invocation: Invocation) -> Output:
    arguments = invocation.words
    decodes = False
    answered = LOCAL_OUTPUT
    for before, word in itertools.pairwise(arguments):
        decodes = decodes or word.text in {"-d", "-base64"}
        if before.text in {"-in", "-inkey", "-key", "-CAfile", "-CA", "-cert", "-kfile", "-config"}:
            invocation.notes.read(word)
        elif before.text in {"-out", "-keyout", "-writerand"}:
            invocation.notes.write(word)
        elif before.text == "-connect":
            invocation.notes.connect_url(word)
            answered = REMOTE_OUTPUT
    if arguments[:1] and arguments[0].text in {"dgst", "sha256", "md5"}:
        for word in arguments[1:]:
            if not word.text.startswith("-"):
                invocation.notes.read(word)
    return (Word("", State.BUILT),) if decodes and invocation.stdin else answered


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(("python", "python2", "python3", "pypy", "pypy3", "ipython", "py"), _interpreter("python")),
    **dict.fromkeys(("node", "nodejs", "bun", "deno", "tsx", "qjs", "jjs", "electron"), _interpreter("node")),
    "perl": _interpreter("perl"),
    "ruby": _interpreter("ruby"),
    "irb": _interpreter("ruby"),
    "php": _interpreter("php"),
    **dict.fromkeys(
        ("lua", "luajit", "tclsh", "wish", "expect", "guile", "julia", "elixir", "sbcl"), _interpreter("lua")
    ),
    "Rscript": _interpreter("Rscript"),
    "osascript": _interpreter("osascript"),
    **dict.fromkeys(
        ("vim", "vi", "nvim", "ex", "view", "vimdiff", "rvim", "emacs", "nano", "pico", "micro", "code"), _vim
    ),
    **dict.fromkeys(("ed", "red"), _ed),
    **dict.fromkeys(("sqlite3", "psql", "mysql", "mariadb", "duckdb", "mongosh", "redis-cli"), _shell_out),
    **dict.fromkeys(("gdb", "lldb"), _debugger),
    "openssl": _openssl,
}
