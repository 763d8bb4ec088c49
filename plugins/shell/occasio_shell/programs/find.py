"""`find` and its like: which files they come to, and what is done to these."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from occasio_core import EffectKind
from occasio_shell.programs.invocation import Invocation, Program
from occasio_shell.values import Output, Word, listed

_NAMES = frozenset({"-name", "-iname", "-path", "-ipath", "-wholename", "-regex", "-iregex", "-lname"})
_WRITES = frozenset({"-fprint", "-fprint0", "-fls", "-fprintf"})
_RUNS = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_WITH_VALUE = frozenset(
    listed(
        """
    -type -maxdepth -mindepth -mtime -mmin -atime -amin -ctime -cmin -newer -size -perm -user -group -uid -gid
    -printf -inum -links -samefile -xtype -fstype -regextype -D -O
    """
    )
)


def _find(invocation: Invocation) -> Output:
    roots, tests = _split(invocation.words)
    for root in roots:
        invocation.notes.read(root)  # its names are listed, as `ls` lists them
    shown = tuple(found for root in roots or [Word(".")] for found in _found(root, tests, invocation))
    for test, value in zip(tests, [*tests[1:], Word("")], strict=False):
        if test.text in _WRITES:
            invocation.notes.write(value)
        elif test.text in {"-files0-from", "-newer"}:
            invocation.notes.read(value)
    texts = {word.text for word in tests}
    if "-delete" in texts and "-empty" not in texts:
        _delete(shown, invocation)
    output: Output = ()
    for command in _commands(tests):
        if command and command[0].text == "ls" and _are_files(tests):
            command.append(Word("-d"))  # of files, `ls` shows what `find` shows
        output += _run(command, shown, invocation)
    return output or shown


def _split(words: list[Word]) -> tuple[list[Word], list[Word]]:
    for place, word in enumerate(words):
        if (word.text.startswith("-") and word.text not in {"-H", "-L", "-P"}) or word.text in {"(", "!"}:
            return [root for root in words[:place] if root.text not in {"-H", "-L", "-P"}], words[place:]
    return words, []


def _found(root: Word, tests: list[Word], invocation: Invocation) -> Output:
    """Return what the tests let through below `root`: a pattern for each name, as any of several may do."""
    names = []
    negated = False
    for test, value in zip(tests, [*tests[1:], Word("")], strict=False):
        if test.text in _NAMES and not negated:
            wanted = value.text.lower() if test.text.startswith("-i") else value.text
            names.append(_glob(test.text, wanted))
        negated = test.text in {"!", "-not"}
    base = root.text.rstrip("/") or ("/" if root.text else ".")
    ends = [f"/{name}" for name in dict.fromkeys(names)] or [""]
    return tuple(_pattern(f"{base}/**{end}", root, invocation) for end in ends)


def _glob(test: str, value: str) -> str:
    if "regex" in test:
        literal = re.split(r"[*+?()|\[\]]", value.replace("\\.", ".").replace(".*", "*"))
        value = f"*{max(literal, key=len).rpartition('/')[2]}*"
    name = value.rstrip("/")
    name = name.rpartition("/")[2] if not name.endswith("/*") else name[:-2].rpartition("/")[2] + "/**"
    return name or "*"


def _pattern(pattern: str, root: Word, invocation: Invocation) -> Word:
    pattern = pattern.replace("//", "/")
    return Word(pattern, root.state, wild=True, found=invocation.notes.fitting(pattern))


def _delete(shown: Output, invocation: Invocation) -> None:
    for word in shown:
        invocation.notes.delete(word)


def _are_files(tests: list[Word]) -> bool:
    """Return whether only files come through the tests: directories have no size worth a look."""
    pairs = pairwise(tests)
    return any((test.text, value.text) == ("-type", "f") or test.text == "-size" for test, value in pairs)


def _commands(tests: list[Word]) -> Iterator[list[Word]]:
    place = 0
    while place < len(tests):
        if tests[place].text in _RUNS:
            end = next((at for at in range(place, len(tests)) if tests[at].text in {";", "+"}), len(tests))
            yield tests[place + 1 : end]
            place = end
        place += 1


def _run(command: list[Word], shown: Output, invocation: Invocation) -> Output:
    if not command:
        return ()
    output: Output = ()
    for found in shown:
        words = [found if word.text == "{}" else _inside(word, found) for word in command]
        output += invocation.shell.call(words, ())
    return output


def _inside(word: Word, found: Word) -> Word:
    if "{}" not in word.text:
        return word
    return replace(word, text=word.text.replace("{}", found.text), wild=word.wild or found.wild)


def _fd(invocation: Invocation) -> Output:
    """`fd pattern [folder] -x command`."""
    texts = [word.text for word in invocation.words]
    place = next((at for at, text in enumerate(texts) if text in {"-x", "-X", "--exec", "--exec-batch"}), len(texts))
    before, command = invocation.words[:place], invocation.words[place + 1 :]
    invocation.words = before
    arguments = invocation.arguments("edtEcS", ("--extension", "--type", "--exclude"))
    operands, endings = arguments.operands, arguments.values("-e", "--extension")
    hidden = any(text in {"-H", "-u", "-HI", "--hidden", "-uu"} for text in texts)
    name = f"*{operands[0].text.strip('^$').replace(chr(92), '')}*" if operands and operands[0].text != "." else "*"
    if endings:
        name = f"{name.rstrip('*')}*.{endings[0].text}"
    elif not hidden:
        name = f"[!.]{name}"
    shown = tuple(_pattern(f"{root.text}/**/{name}", root, invocation) for root in operands[1:] or [Word(".")])
    if not command:
        return shown
    return _run(command if any("{}" in word.text for word in command) else [*command, Word("{}")], shown, invocation)


def _locate(invocation: Invocation) -> Output:
    return tuple(Word(f"/**/*{word.text}*", wild=True) for word in invocation.arguments("ln").operands)


PROGRAMS: dict[str, Program] = {"find": _find, "gfind": _find, "fd": _fd, "fdfind": _fd, "locate": _locate}

__all__ = ["PROGRAMS", "EffectKind"]
