"""The grammar of Bash, loaded when the first command is to be read: most processes never see one.

Where it takes one word for two, an escape behind a quote (`'c'\\at`), the escape is written as a quote, and read again.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from occasio_shell.values import TooMuchError

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MAX_SOURCE = 1 << 17  # bytes; a longer command is mostly data
_MAX_ROUNDS = 8  # each mends every escape that is seen by then

_ESCAPE_IN_WORD = re.compile(rb"[^\s;|&<>(\\]\\")
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_lock = threading.Lock()


def parsed(source: bytes) -> Node:
    """Return the syntax tree of `source`.  Raises `TooMuchError` for more than `MAX_SOURCE` bytes."""
    root = _parsed(source)
    for _ in range(_MAX_ROUNDS):
        if not _ESCAPE_IN_WORD.search(source) or not (places := list(_torn(root, source))):
            return root
        for start, end in reversed(places):
            source = source[:start] + _ESCAPE.sub(_quoted, source[start:end]) + source[end:]
        root = _parsed(source)
    return root


def _parsed(source: bytes) -> Node:
    if len(source) > MAX_SOURCE:
        raise TooMuchError(f"a command of more than {MAX_SOURCE} bytes")
    with _lock:  # a parser keeps what it is doing in itself
        return _parser().parse(source).root_node


def _torn(root: Node, source: bytes) -> Iterator[tuple[int, int]]:
    """Yield where words begin and end that the grammar takes to begin with an escape, in the middle of a word."""
    nodes = [root]
    found: set[tuple[int, int]] = set()
    while nodes:
        node = nodes.pop()
        start = node.start_byte
        if node.type == "word" and source[start : start + 1] == b"\\" and _ESCAPE_IN_WORD.match(source, start - 1):
            found.add((start, node.end_byte))
        nodes += node.children
    yield from sorted(found)


def _quoted(escape: re.Match[bytes]) -> bytes:
    letter = escape[1]
    if letter == b"\n":
        return b""
    if letter >= b"\x80":  # the first byte of several: no escape is needed
        return letter
    return b'"\'"' if letter == b"'" else b"'" + letter + b"'"


@cache
def _parser() -> Parser:
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))
