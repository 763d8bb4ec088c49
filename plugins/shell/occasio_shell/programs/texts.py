"""Programs that make one text of another: what they print is worked out where their input is known.

Text that goes through a program which could not be followed is marked as built: nobody can tell what it names.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from occasio_core import EffectKind
from occasio_shell.programs.invocation import Arguments, Invocation, Program
from occasio_shell.values import LOCAL_OUTPUT, Output, State, Word, is_secret, lines, state_of, text_of
from occasio_shell.words import unescaped

_FORMAT = re.compile(r"%(?:[-+ #0]*\d*(?:\.\d+)?)([sbqdiuoxXcfeg%])")
_SUBSTITUTION = re.compile(r"s(?P<mark>[^\w\s\\])(?P<old>.*?)(?P=mark)(?P<new>.*?)(?P=mark)(?P<flags>[gIiepwm0-9]*)")
_SED_FILES = re.compile(r"(?:^|[;{}\n/0-9$])\s*[rRwW]\s+([^\s;}]+)|/[a-zA-Z0-9]*w\s+([^\s;}]+)")
_SED_RUNS = re.compile(r"(?:^|[;{}\n]|\d|\$|/)\s*e(?:\s+(.+))?$|(?P<mark>[/|#,])[gIi0-9]*e[gIi]*(?:;|$)", re.MULTILINE)
_AWK_RUNS = re.compile(r"""system\s*\(|\|\s*getline|print[^;}]*\|\s*["']|\|&""")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FIELD = re.compile(r"\{\s*print\s+\$(\d+)\s*\}")


def _echo(invocation: Invocation) -> Output:
    words = invocation.words
    escapes = False
    while words and re.fullmatch(r"-[neE]+", words[0].text):
        escapes = escapes or "e" in words[0].text
        words = words[1:]
    if len(words) == 1 and not escapes:
        return (words[0],)
    text = " ".join(word.text for word in words)
    if any(word.wild for word in words):
        return tuple(words)
    return _made(unescaped(text) if escapes else text, words)


def _printf(invocation: Invocation) -> Output:
    words = invocation.words
    if words[:1] and words[0].text == "-v" and len(words) > 2:
        invocation.shell.assign(words[1].text, _formatted(words[2:]))
        return ()
    if words[:1] and words[0].text == "--":
        words = words[1:]
    return _formatted(words)


def _formatted(words: list[Word]) -> Output:
    if not words:
        return ()
    pattern, values = unescaped(words[0].text), [word.text for word in words[1:]]
    parts = []
    for _ in range(64):
        before = len(values)
        parts.append(_FORMAT.sub(lambda found: _field(found[1], values), pattern))
        if not values or len(values) == before:
            break
    return _made("".join(parts), words)


def _field(kind: str, values: list[str]) -> str:
    if kind == "%":
        return "%"
    value = values.pop(0) if values else ""
    if kind in "xXo" and value.isdigit():
        return format(int(value[:18]), kind)
    return unescaped(value) if kind == "b" else value[:1] if kind == "c" else value


def _made(text: str, words: list[Word]) -> Output:
    return (Word(text, state_of(words), secret=is_secret(words)),)


def _filter(change: Callable[[str, Arguments], str | None], letters: str = "", long: tuple[str, ...] = ()) -> Program:
    """Return the function for a program that changes its input by `change`, None for a change that is not known."""

    def judge(invocation: Invocation) -> Output:
        arguments = invocation.arguments(letters, long)
        stdin = _input(invocation, arguments)
        if any(word.wild for word in stdin):
            return stdin
        return _changed(stdin, lambda text: change(text, arguments))

    return judge


def _changed(stdin: Output, change: Callable[[str], str | None]) -> Output:
    text, state, secret = text_of(stdin), state_of(stdin), is_secret(stdin)
    try:
        changed = change(text) if text else ""
    except (ValueError, re.error, IndexError, binascii.Error):
        changed = None
    if changed is None:
        return (Word("", max(state, State.BUILT), secret=secret),)
    return (Word(changed, state, secret=secret),)


def _input(invocation: Invocation, arguments: Arguments) -> Output:
    for word in arguments.operands:
        invocation.notes.read(word)
    return LOCAL_OUTPUT if arguments.operands else invocation.stdin


def _base64(invocation: Invocation) -> Output:
    arguments = invocation.arguments("wiob", ("--wrap",))
    stdin = _input(invocation, arguments)
    decodes = arguments.has("-d", "-D", "--decode") or "-d" in [word.text for word in invocation.words]
    decode = base64.b32decode if "32" in invocation.name else base64.b64decode
    encode = base64.b32encode if "32" in invocation.name else base64.b64encode
    if not decodes:
        return _changed(stdin, lambda text: encode(text.encode()).decode())
    if state_of(stdin) is not State.KNOWN:
        return (Word("", max(state_of(stdin), State.BUILT), secret=is_secret(stdin)),)
    return _changed(stdin, lambda text: _text(decode("".join(text.split()) + "===")))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _hex(invocation: Invocation) -> Output:
    arguments = invocation.arguments("cglso")
    for word in arguments.operands[:1]:
        invocation.notes.read(word)
    for word in arguments.operands[1:]:
        invocation.notes.write(word)
    stdin = LOCAL_OUTPUT if arguments.operands else invocation.stdin
    if not arguments.has("-r"):
        return stdin
    if state_of(stdin) is not State.KNOWN:
        return (Word("", max(state_of(stdin), State.BUILT)),)
    return _changed(stdin, lambda text: _text(bytes.fromhex("".join(re.findall(r"[0-9a-fA-F]", text)))))


def _translate(invocation: Invocation) -> Output:
    arguments = invocation.arguments()
    sets = [_letters(unescaped(word.text)) for word in arguments.operands[:2]]
    if arguments.has("-d") and sets:
        return _changed(invocation.stdin, lambda text: text.translate({ord(letter): None for letter in sets[0]}))
    if len(sets) < 2 or not sets[1] or arguments.has("-c", "-C"):
        return invocation.stdin
    target = sets[1].ljust(len(sets[0]), sets[1][-1])
    table = dict(zip(map(ord, sets[0]), target, strict=False))
    return _changed(invocation.stdin, lambda text: text.translate(table))


_CLASSES = {"[:lower:]": "a-z", "[:upper:]": "A-Z", "[:digit:]": "0-9", "[:space:]": " \t\n", "[:alpha:]": "a-zA-Z"}


def _letters(given: str) -> str:
    for name, letters in _CLASSES.items():
        given = given.replace(name, letters)
    return re.sub(r"(.)-(.)", lambda span: "".join(map(chr, range(ord(span[1]), ord(span[2]) + 1))), given)


def _reverse(text: str, arguments: Arguments) -> str:
    return "\n".join(line[::-1] for line in text.split("\n"))


def _cut(invocation: Invocation) -> Output:
    arguments = invocation.arguments("dfbc", ("--delimiter", "--fields"))
    stdin = _input(invocation, arguments)
    mark = next((word.text for word in arguments.values("-d", "--delimiter")), "\t")
    spans = [word.text for word in arguments.values("-f", "--fields")]
    letters = [word.text for word in arguments.values("-c", "-b")]

    def change(text: str) -> str:
        if letters:
            return "\n".join("".join(_chosen(list(line), letters[0])) for line in text.split("\n"))
        return "\n".join(mark.join(_chosen(line.split(mark), spans[0] if spans else "1")) for line in text.split("\n"))

    return _changed(stdin, change)


def _chosen(parts: list[str], spans: str) -> Iterator[str]:
    for span in spans.split(","):
        first, dash, last = span.partition("-")
        start = int(first or 1)
        yield from parts[start - 1 : (int(last) if last else len(parts)) if dash else start]


def _sed(invocation: Invocation) -> Output:
    arguments = invocation.arguments("efl", ("--expression", "--file"))
    scripts, operands = arguments.values("-e", "--expression"), arguments.operands
    if not scripts and not arguments.has("-f", "--file"):
        scripts, operands = operands[:1], operands[1:]
    for word in arguments.values("-f", "--file"):
        invocation.notes.read(word)
    in_place = arguments.has("-i", "--in-place") or any(word.text.startswith("-i") for word in invocation.words)
    for word in operands:
        invocation.notes.read(word)
        if in_place:
            invocation.notes.write(word)
    script = "\n".join(word.text for word in scripts)
    _sed_side_effects(invocation, script)
    if in_place or operands:
        return LOCAL_OUTPUT
    return _edited(invocation.stdin, script)


def _edited(stdin: Output, script: str) -> Output:
    found = _SUBSTITUTION.fullmatch(script)
    if any(word.wild for word in stdin) or (found is None and not script.startswith("s")):
        return stdin
    if found is None:
        return _changed(stdin, lambda text: None)
    old = re.sub(r"\\([(){}|+?])", r"\1", found["old"])
    new = re.sub(r"(?<!\\)&", r"\\g<0>", found["new"])
    return _changed(stdin, lambda text: re.sub(old, new, text, count=0 if "g" in found["flags"] else 1))


def _sed_side_effects(invocation: Invocation, script: str) -> None:
    for found in _SED_FILES.finditer(script):
        word = Word(found[1] or found[2])
        invocation.notes.read(word)
        invocation.notes.write(word)
    for found in _SED_RUNS.finditer(_SUBSTITUTION.sub(_without_texts, script)):
        if found[1]:
            invocation.shell.evaluate(found[1])
        else:
            invocation.shell.evaluate(text_of(invocation.stdin))


def _without_texts(found: re.Match[str]) -> str:
    return f"{found['mark']}{found['flags']}"


def _awk(invocation: Invocation) -> Output:
    arguments = invocation.arguments("Fvfi", ("--assign", "--file", "--field-separator", "--include"))
    in_place = any(word.text.startswith("inplace") for word in arguments.values("-i", "--include"))
    programs, operands = [], arguments.operands
    if not arguments.has("-f", "--file"):
        programs, operands = operands[:1], operands[1:]
    for word in (*arguments.values("-f", "--file"), *operands):
        if "=" not in word.text:
            invocation.notes.read(word)
            if in_place:
                invocation.notes.write(word)
    text = programs[0].text if programs else ""
    for literal in _STRING.finditer(text):
        word = Word(unescaped(literal[1]))
        if re.search(r"getline\s*<|>>?|close|readfile", text):
            invocation.notes.read(word)
            invocation.notes.write(word)
        if _AWK_RUNS.search(text) and word.text:
            invocation.shell.evaluate(word.text)
    if "ENVIRON" in text:
        invocation.notes.environment()
    if re.search(r"system\s*\(\s*[^\s\")]|sprintf\s*\(\s*\"%c", text) and _AWK_RUNS.search(text):
        _run_built(invocation, text)
    if "/inet/" in text and re.search(r"\|&?\s*getline", text):
        invocation.notes.unknown(EffectKind.EXECUTE, "awk over a connection")
    if operands:
        return LOCAL_OUTPUT
    if field := _FIELD.fullmatch(text.strip()):
        number = int(field[1][:4])
        return tuple(_nth(word, number) for word in lines(invocation.stdin))
    return tuple(replace(word, text=word.text) for word in invocation.stdin)


def _run_built(invocation: Invocation, text: str) -> None:
    if state_of(invocation.stdin) is State.KNOWN and invocation.stdin and "$0" in text:
        invocation.shell.evaluate(text_of(invocation.stdin))
    else:
        invocation.notes.unknown(EffectKind.EXECUTE, text)


def _nth(word: Word, number: int) -> Word:
    if word.wild or number == 0:
        return word
    parts = word.text.split()
    return word.with_text(parts[number - 1] if number <= len(parts) else "")


def _base_name(invocation: Invocation) -> Output:
    return tuple(word.with_text(word.text.rstrip("/").rpartition("/")[2]) for word in invocation.words[:1])


def _directory_name(invocation: Invocation) -> Output:
    return tuple(word.with_text(word.text.rpartition("/")[0] or ".") for word in invocation.words[:1])


def _path(invocation: Invocation) -> Output:
    return tuple(word for word in invocation.words if not word.text.startswith("-"))[:1] or LOCAL_OUTPUT


def _secret_free(invocation: Invocation) -> Output:
    for word in invocation.arguments().operands:
        invocation.notes.read(word, "")
    return LOCAL_OUTPUT


PROGRAMS: dict[str, Program] = {
    "echo": _echo,
    "printf": _printf,
    "print": _echo,
    "rev": _filter(_reverse),
    "tr": _translate,
    "cut": _cut,
    **dict.fromkeys(("base64", "base32", "gbase64"), _base64),
    "xxd": _hex,
    **dict.fromkeys(("sed", "gsed"), _sed),
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), _awk),
    "basename": _base_name,
    "dirname": _directory_name,
    **dict.fromkeys(("realpath", "readlink", "which"), _path),
    **dict.fromkeys(("wc", "cksum", "md5sum", "sha1sum", "sha256sum", "sha512sum", "shasum", "md5"), _secret_free),
}
