"""Archives and copies of whole directories: what goes in is read with everything below, what comes out is written."""

from __future__ import annotations

import re

from occasio_shell.programs.invocation import Invocation, Program
from occasio_shell.values import LOCAL_OUTPUT, Output, Word, lines

_EVERYTHING = "**"


def _tar(invocation: Invocation) -> Output:
    words = list(invocation.words)
    if words and not words[0].text.startswith("-") and re.fullmatch(r"[a-zA-Z]+", words[0].text):
        words[0] = words[0].with_text(f"-{words[0].text}")  # `tar czf x .`
    invocation.words = _old_style(words)
    long = ("--file", "--directory", "--exclude", "--files-from", "--exclude-from", "--transform", "--to-command")
    arguments = invocation.arguments("fCTXIbLN", (*long, "--use-compress-program", "--checkpoint-action"))
    creates = arguments.has("-c", "-r", "-u", "-A", "--create", "--append", "--update")
    directory = next((word.text for word in arguments.values("-C", "--directory")), "")
    for word in arguments.values("-f", "--file"):
        (invocation.notes.write if creates else invocation.notes.read)(word)
    for word in arguments.values("-T", "--files-from"):
        invocation.notes.read(word)
        for line in lines(invocation.stdin if word.text == "-" else word.stream):
            invocation.notes.read(line, _EVERYTHING)
    for word in arguments.values("--to-command", "-I", "--use-compress-program"):
        invocation.shell.evaluate(word.text)
    for word in arguments.values("--checkpoint-action"):
        invocation.shell.evaluate(word.text.partition("exec=")[2])
    if creates and not any(word.text.startswith(".env") for word in arguments.values("--exclude")):
        for word in arguments.operands:
            invocation.notes.read(_in(directory, word), _EVERYTHING)
    elif not creates and not arguments.has("-t", "--list"):
        for word in arguments.operands:
            invocation.notes.write(_in(directory, word))
            invocation.notes.fill(_in(directory, word))
        invocation.notes.write(Word(directory or "."))
        if not arguments.operands:
            invocation.notes.fill(Word(directory))
    return LOCAL_OUTPUT


def _old_style(words: list[Word]) -> list[Word]:
    """Return `words` with the value of `-czf` and its like where `arguments` looks for it."""
    if words and re.fullmatch(r"-[a-zA-Z]*f[a-eg-zA-Z]+", words[0].text):
        letters = words[0].text.replace("f", "", 1) + "f"
        return [words[0].with_text(letters), *words[1:]]
    return words


def _in(directory: str, word: Word) -> Word:
    if not directory or word.text.startswith(("/", "~")):
        return word
    return (
        word.with_text(f"{directory.rstrip('/')}/{word.text}")
        if not word.wild
        else Word(f"{directory.rstrip('/')}/{word.text}", word.state, wild=True)
    )


def _zip(invocation: Invocation) -> Output:
    arguments = invocation.arguments("xnitbPw", ("--exclude",))
    operands = [word for word in arguments.operands if word.text != "-"]
    if invocation.name in {"7z", "7za", "7zr", "rar", "unrar"}:
        command, operands = (operands[0].text if operands else ""), operands[1:]
        if command in {"x", "e", "l", "t"}:
            for word in operands[:1]:
                invocation.notes.read(word)
            if command in {"x", "e"}:
                targets = [word.with_text(word.text[2:]) for word in invocation.words if word.text.startswith("-o")]
                targets += [word for word in operands[1:] if word.text.endswith("/")]  # as `rar` has it
                _unpacked(invocation, targets)
            return LOCAL_OUTPUT
    below = _EVERYTHING if arguments.has("-r", "-R") or invocation.name != "zip" else ""
    excluded = invocation.words if arguments.has("-x", "--exclude") else ()  # `-x` takes all words that follow
    skips = any(word.text.strip("*/").startswith(".env") for word in excluded)
    if arguments.operands[:1] and arguments.operands[0].text != "-":
        invocation.notes.write(operands[0])
        operands = operands[1:]
    if arguments.has("-@"):
        operands += lines(invocation.stdin)
    for word in operands if not skips else ():
        invocation.notes.read(word, below)
    return LOCAL_OUTPUT


def _unpacked(invocation: Invocation, targets: list[Word]) -> None:
    """Note that files come out into `targets`, or where the command runs, by names that only the archive knows."""
    for word in targets:
        invocation.notes.write(word)
    for word in targets or [Word("")]:
        invocation.notes.fill(word)


def _unzip(invocation: Invocation) -> Output:
    arguments = invocation.arguments("dxP")
    targets, members = arguments.values("-d"), arguments.operands[1:]
    for word in arguments.operands[:1]:
        invocation.notes.read(word)
    if arguments.has("-l", "-p", "-t", "-Z", "-z"):
        return LOCAL_OUTPUT
    if not members:
        _unpacked(invocation, targets)
    for folder in targets or [Word("")]:
        for word in members:
            invocation.notes.write(_in(folder.text, word))
            invocation.notes.fill(_in(folder.text, word))
    return LOCAL_OUTPUT


def _package(invocation: Invocation) -> Output:
    """`dpkg-deb -x package folder`, `unar -o folder archive`."""
    arguments = invocation.arguments("oD", ("--output-directory",))
    targets = arguments.values("-o", "--output-directory")
    if invocation.name == "dpkg-deb" and arguments.has("-x", "-X", "-R", "--extract", "--vextract", "--raw-extract"):
        targets = arguments.operands[1:2]
    for word in arguments.operands[:1]:
        invocation.notes.read(word)
    if targets or invocation.name == "unar":
        _unpacked(invocation, targets)
    return LOCAL_OUTPUT


def _cpio(invocation: Invocation) -> Output:
    arguments = invocation.arguments("OIFDEHM", ("--directory",))
    for word in arguments.values("-O", "-F"):
        invocation.notes.write(word)
    for word in arguments.values("-I"):
        invocation.notes.read(word)
    if arguments.has("-o", "-p", "--create", "--pass-through"):
        for word in lines(invocation.stdin):
            invocation.notes.read(word)
        for word in arguments.operands:
            invocation.notes.fill(word)
    if arguments.has("-i", "--extract", "-r"):
        _unpacked(invocation, arguments.values("-D", "--directory"))
    return LOCAL_OUTPUT


def _ar(invocation: Invocation) -> Output:
    for place, word in enumerate(invocation.arguments().operands[1:]):
        (invocation.notes.write if place == 0 else invocation.notes.read)(word)
    return LOCAL_OUTPUT


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(("tar", "gtar", "bsdtar"), _tar),
    **dict.fromkeys(("zip", "7z", "7za", "7zr", "rar", "unrar"), _zip),
    "unzip": _unzip,
    **dict.fromkeys(("unar", "dpkg-deb"), _package),
    **dict.fromkeys(("cpio", "pax"), _cpio),
    "ar": _ar,
}
