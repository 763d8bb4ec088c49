"""`${name…}`: the value of a variable, changed on the way.

Knows the operators of Bash.  What cannot be worked out is passed on as if nothing had been changed, marked as built.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate
from typing import TYPE_CHECKING, Protocol

from occasio_shell.values import Output, State, Word

if TYPE_CHECKING:
    from tree_sitter import Node

_PARAMETER = re.compile(
    r"\$\{(?P<before>[#!]?)(?P<name>\w+|[@*#?$!-])(?:\[(?P<index>[^\]]*)\])?"
    r"(?:(?P<op>:?[-=+?]|%%?|\#\#?|//?[#%]?|:|\^\^?|,,?|@)(?P<rest>.*))?\}",
    re.DOTALL,
)
_SLICE = re.compile(r"\s*(-?\d+)(?:\s*:\s*(-?\d+))?\s*")


class _Variables(Protocol):
    def variable(self, name: str) -> Output: ...

    def assign(self, name: str, values: Output) -> None: ...


def transformed(node: Node, host: _Variables, value: Callable[[Node], Output]) -> Output:
    """Return the values of the expansion at `node`; `value` expands a word within it."""
    source = (node.text or b"").decode("utf-8", "replace")
    found = _PARAMETER.fullmatch(source)
    if found is None:
        return (Word("", State.BUILT),)
    if found["before"] == "#":
        return (Word("0", State.LOCAL),)
    values = host.variable(found["name"])
    if found["index"] is not None:
        values = _element(values, found["index"])
    if found["before"] == "!":
        values = tuple(word for name in values if name.text.isidentifier() for word in host.variable(name.text))
    if found["op"] is None:
        return values
    return _changed(values, found, node, host, value)


def _element(values: Output, index: str) -> Output:
    if index.isdigit() and int(index) < len(values):
        return (values[int(index)],)
    return values


def _changed(
    values: Output, found: re.Match[str], node: Node, host: _Variables, value: Callable[[Node], Output]
) -> Output:
    operator, rest = found["op"], found["rest"]
    match operator.strip(":") if len(operator) > 1 else operator:
        case "-" | "=" | "?" | "+":
            return _or_else(values, operator, found["name"], node, host, value)
        case "%" | "%%" | "#" | "##":
            pattern = re.compile(translate(_plain(rest)))
            return tuple(word.with_text(_trimmed(word.text, pattern, operator)) for word in values)
        case ":":
            return tuple(word.with_text(_sliced(word.text, rest)) for word in values)
        case "^" | "^^":
            return tuple(word.with_text(word.text.upper()) for word in values)
        case "," | ",,":
            return tuple(word.with_text(word.text.lower()) for word in values)
        case "/" | "//" | "/#" | "/%":
            return tuple(word.with_text(_replaced(word.text, rest, everywhere=operator == "//")) for word in values)
    return values


def _or_else(
    values: Output, operator: str, name: str, node: Node, host: _Variables, value: Callable[[Node], Output]
) -> Output:
    others: Output = ()
    for child in node.named_children:
        if child.type not in {"variable_name", "subscript", "special_variable_name"}:
            others += value(child)
    if operator.endswith("+"):
        return (*others, Word(""))
    if operator.endswith("="):
        host.assign(name, others)
    known = tuple(word for word in values if word.text)
    # A variable that is set nowhere in sight may be set all the same, but usually is not.
    return known or others or values


def _trimmed(text: str, pattern: re.Pattern[str], operator: str) -> str:
    size = len(text)
    ends = range(size + 1) if operator in {"#", "%%"} else range(size, -1, -1)
    for end in ends if size < 4096 else ():
        part = text[:end] if operator[0] == "#" else text[end:]
        if pattern.match(part):
            return text[end:] if operator[0] == "#" else text[:end]
    return text


def _sliced(text: str, rest: str) -> str:
    found = _SLICE.fullmatch(rest)
    if not found:
        return text
    start = int(found[1])
    text = text[start:]
    if found[2] is None:
        return text
    return text[: int(found[2])]


def _replaced(text: str, rest: str, *, everywhere: bool) -> str:
    pattern, _, replacement = rest.lstrip("/#%").partition("/")
    try:
        compiled = re.compile(translate(_plain(pattern)).removesuffix(r"\Z"))
    except re.error:
        return text
    if not pattern or len(text) > 4096:
        return text
    return compiled.sub(lambda _: _plain(replacement), text, count=0 if everywhere else 1)


def _plain(text: str) -> str:
    return text.replace("\\", "").strip("\"'")
