"""Expanding words as Bash does: quotes, variables, substitutions, fields, braces, wildcards.

While a word is put together, characters that are quoted and would mean something otherwise stand as private ones
(`protected`), so that braces and wildcards are found by what is left.  A word may have several readings, one for each
value that a variable can have by then.  Knows the syntax tree of words and the values of variables; commands in words
are run by the shell that it is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Protocol

from occasio_shell.parameters import transformed
from occasio_shell.values import MAX_TEXT, MAX_WORDS, Output, State, Word, state_of

if TYPE_CHECKING:
    from tree_sitter import Node

_SPECIAL = "*?[]{},~"
_PRIVATE = {ord(mark): 0xE000 + ord(mark) for mark in _SPECIAL}
_PUBLIC = {private: mark for mark, private in _PRIVATE.items()}
_BREAK = "\ue100"  # between fields
_EMPTY = "\ue101"  # quotes around nothing make an argument all the same
_SPACE = re.compile(r"[ \t\n]+")
_BLANK = re.compile(r"\s+(?=[$`])")
_ESCAPED = re.compile(r"\\(\n|.)", re.DOTALL)
_ESCAPED_IN_QUOTES = re.compile(r'\\([$`"\\\n])')
_ANSI = re.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|c(.)|(.))", re.DOTALL
)
_ANSI_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "v": "\v"}
_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(-?\d{1,6}|[a-zA-Z])\.\.(-?\d{1,6}|[a-zA-Z])(?:\.\.-?\d+)?")
_WILD = re.compile(r"[*?]|\[[^\]]+\]")
_PLAIN = re.compile(rb"[\w./:=@%+,^-]+")
_PLAIN_QUOTED = re.compile(rb"'[\x20-\x26\x28-\x7e]+'")
_TILDE = re.compile(r"(?:^|(?<=[:=]))~")
_MAX_READINGS = 64


class Host(Protocol):
    """What expanding needs of a shell."""

    def variable(self, name: str) -> Output:
        """Return every value that the variable can have."""

    def substituted(self, node: Node) -> Output:
        """Return what the commands in a substitution print."""

    def assign(self, name: str, values: Output) -> None:
        """Set a variable."""


@dataclass(slots=True)
class _Part:
    """A reading of a word that is not finished."""

    text: str
    state: State = State.KNOWN
    secret: bool = False
    stream: Output = ()
    wild: Word | None = None  # a pattern that came whole, out of a variable or a command


def expanded(node: Node, host: Host) -> Iterable[Word]:
    """Return the arguments that the word at `node` becomes."""
    text = node.text or b""
    if _PLAIN.fullmatch(text):  # most words mean themselves
        return (Word(text.decode()),)
    if _PLAIN_QUOTED.fullmatch(text):
        return (Word(text[1:-1].decode()),)
    return _expanded(node, host)


def _expanded(node: Node, host: Host) -> Iterator[Word]:
    for part in _readings(node, host, quoted=False):
        if part.wild is not None:
            yield part.wild
            continue
        for field in part.text.split(_BREAK):
            if field:
                yield from _fields(field, part)
        if (part.state or part.stream) and not part.text:
            yield Word("", part.state, secret=part.secret, stream=part.stream)


def value_of(node: Node, host: Host) -> Output:
    """Return what the word at `node` stands for where it is one field: in an assignment, a redirection, a pattern."""
    return tuple(
        part.wild
        if part.wild is not None
        else Word(_plain(part.text).replace(_BREAK, " "), part.state, secret=part.secret, stream=part.stream)
        for part in _readings(node, host, quoted=True)
    )


def unescaped(text: str) -> str:
    """Return what `$'text'` stands for."""
    return _ANSI.sub(_ansi, text)


def _fields(field: str, part: _Part) -> Iterator[Word]:
    for text in _braces(_TILDE.sub("~", field)):
        wild = _WILD.search(text) is not None
        yield Word(_plain(text)[:MAX_TEXT], part.state, wild, secret=part.secret, stream=part.stream)


def _plain(text: str) -> str:
    return text.translate(_PUBLIC).replace(_EMPTY, "")


def _protected(text: str) -> str:
    return text.translate(_PRIVATE)


def _readings(node: Node, host: Host, *, quoted: bool) -> list[_Part]:
    reader = _READERS.get(node.type)
    if reader is not None:
        return reader(node, host, quoted)
    if node.child_count == 0:
        text = _source(node)
        return [_Part(_protected(text) if quoted else text)]
    return _joined([_readings(child, host, quoted=quoted) for child in node.children])


def _joined(pieces: list[list[_Part]]) -> list[_Part]:
    if all(len(piece) == 1 for piece in pieces):
        return [_one([piece[0] for piece in pieces])]
    readings = product(*pieces)
    return [_one(list(parts)) for parts, _ in zip(readings, range(_MAX_READINGS), strict=False)]


def _one(parts: list[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    return _Part(
        "".join(part.text for part in parts)[:MAX_TEXT],
        max((part.state for part in parts), default=State.KNOWN),
        any(part.secret for part in parts),
        tuple(word for part in parts for word in part.stream),
    )


def _word(node: Node, host: Host, quoted: bool) -> list[_Part]:
    text = _source(node)
    if "\\" in text:
        text = _ESCAPED.sub(lambda found: "" if found[1] == "\n" else _protected(found[1]), text)
    return [_Part(text)]


def _raw_string(node: Node, host: Host, quoted: bool) -> list[_Part]:
    return [_Part(_protected(_source(node)[1:-1]) or _EMPTY)]


def _ansi_string(node: Node, host: Host, quoted: bool) -> list[_Part]:
    return [_Part(_protected(unescaped(_source(node)[2:-1])) or _EMPTY)]


def _string(node: Node, host: Host, quoted: bool) -> list[_Part]:
    if node.named_child_count == 0:
        return [_Part(_quoted_text(_source(node)[1:-1]) or _EMPTY)]
    return _with_gaps(node, host, node.start_byte + 1, node.end_byte - 1)


def _document(node: Node, host: Host, quoted: bool) -> list[_Part]:
    return _with_gaps(node, host, node.start_byte, node.end_byte)


def _with_gaps(node: Node, host: Host, end: int, last: int) -> list[_Part]:
    """Return the readings of quoted text.  What lies between expansions need not have a node of its own."""
    pieces = []
    for child in node.named_children:
        if child.start_byte > end:
            pieces.append([_Part(_quoted_text(_between(node, end, child.start_byte)))])
        if blank := _BLANK.match(_source(child)):  # the grammar gives a variable the white space in front of it
            pieces.append([_Part(blank[0])])
        pieces.append(_readings(child, host, quoted=True))
        end = child.end_byte
    if last > end:
        pieces.append([_Part(_quoted_text(_between(node, end, last)))])
    return _joined(pieces)


def _string_content(node: Node, host: Host, quoted: bool) -> list[_Part]:
    return [_Part(_quoted_text(_source(node)))]


def _quoted_text(text: str) -> str:
    if "\\" in text:
        text = _ESCAPED_IN_QUOTES.sub(lambda found: "" if found[1] == "\n" else found[1], text)
    return _protected(text)


def _variable(node: Node, host: Host, quoted: bool) -> list[_Part]:
    return _values(host.variable(_source(node).lstrip()[1:]), quoted)


def _expansion(node: Node, host: Host, quoted: bool) -> list[_Part]:
    def default(child: Node) -> Output:
        return tuple(expanded(child, host)) if not quoted else value_of(child, host)

    return _values(transformed(node, host, default), quoted)


def _substitution(node: Node, host: Host, quoted: bool) -> list[_Part]:
    output = host.substituted(node)
    if not quoted or len(output) <= 1:
        return _values(output, quoted)
    known = "\n".join(word.text for word in output)
    return [_Part(_protected(known), state_of(output), any(word.secret for word in output))]


def _process(node: Node, host: Host, quoted: bool) -> list[_Part]:
    output = host.substituted(node)
    return [_Part("", state_of(output), any(word.secret for word in output), stream=output or (Word(""),))]


def _values(values: Output, quoted: bool) -> list[_Part]:
    parts = []
    for word in values[:_MAX_READINGS]:
        text = word.text.rstrip("\n")
        text = _protected(text) if quoted else _SPACE.sub(_BREAK, text)
        parts.append(_Part(text, word.state, word.secret, word.stream, word if word.wild or word.found else None))
    return parts or [_Part("")]


def _number(node: Node, host: Host, quoted: bool) -> list[_Part]:
    return [_Part("0", State.LOCAL)] if node.type == "arithmetic_expansion" else [_Part(_source(node))]


_READERS: dict[str, Callable[[Node, Host, bool], list[_Part]]] = {
    "word": _word,
    "extglob_pattern": _word,
    "regex": _word,
    "variable_name": _word,
    "number": _number,
    "arithmetic_expansion": _number,
    "raw_string": _raw_string,
    "ansi_c_string": _ansi_string,
    "string": _string,
    "string_content": _string_content,
    "heredoc_content": _string_content,
    "heredoc_body": _document,
    "simple_expansion": _variable,
    "expansion": _expansion,
    "command_substitution": _substitution,
    "process_substitution": _process,
}


def _braces(text: str) -> list[str]:
    """Return what braces in `text` spread out to, `MAX_WORDS` at most."""
    done: list[str] = []
    left = [text]
    while left and len(done) + len(left) < MAX_WORDS:
        text = left.pop()
        found = next((braces for braces in _BRACES.finditer(text) if _choices(braces[1])), None)
        if found is None:
            done.append(text)
        else:
            left += [text[: found.start()] + choice + text[found.end() :] for choice in _choices(found[1])]
    return [*done, *left]


def _choices(inside: str) -> list[str]:
    if "," in inside:
        return inside.split(",")
    if numbers := _RANGE.fullmatch(inside):
        first, last = numbers[1], numbers[2]
        if first.lstrip("-").isdigit() and last.lstrip("-").isdigit():
            low, high = sorted((int(first), int(last)))
            return [str(number) for number in range(low, min(high, low + MAX_WORDS) + 1)]
        low, high = sorted((ord(first[-1]), ord(last[-1])))
        return [chr(letter) for letter in range(low, high + 1)]
    return []


def _ansi(found: re.Match[str]) -> str:
    for digits, base in ((found[1], 16), (found[2], 16), (found[3], 16), (found[4], 8)):
        if digits:
            number = int(digits, base)
            return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "?"
    if found[5]:
        return chr(ord(found[5]) & 0x1F)
    return _ANSI_LETTERS.get(found[6], found[6])


def _source(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _between(node: Node, start: int, end: int) -> str:
    text = node.text or b""
    return text[start - node.start_byte : end - node.start_byte].decode("utf-8", "replace")
