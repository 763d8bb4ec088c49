"""Checking rows without parsing them: an accelerator, with the verdicts of the full check and no others.

A row that passed the full check teaches its *shape*: its names, and for each value the pattern of its form.  All
shapes are merged into one linear regular expression.  A line that matches it from end to end is canonical by
construction (fixed names in canonical order, no white space, canonical values) and has the members that its kind
needs.  If its hash and its links are then the ones that must follow, it is accepted.  Whatever falls short of that in
any way takes the full check, which alone refuses.  Learning is bounded: a hostile log costs the full check, and a few
seconds more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from hashlib import sha256 as _sha256
from itertools import accumulate
from typing import TypeAlias

from occasio_verify.canonical import Json
from occasio_verify.chain import Segment, links_of
from occasio_verify.fields import FREE_OBJECT, TEXT, Integer, form_of
from occasio_verify.rows import MAX_ROW_BYTES, Row, parse_row

_Piece: TypeAlias = "tuple[str, str]"  # a literal, and the pattern of the value behind it
_Trie: TypeAlias = "dict[_Piece, _Trie]"

# What is compared with what must follow needs no pattern of its own: equal bytes have the right form.
_LINKS = {
    "hash": '"(.{64})"',
    "prev_hash": '"(.{64})"',
    "run_id": '"(.{36})"',
    "run_prev_hash": '"(.{64})"',
    "run_seq": "(0|[1-9][0-9]{0,14})",
    "seq": "(0|[1-9][0-9]{0,14})",
}
_HASH_MEMBER_BYTES = len('"hash":"",') + 64
_PARSED_KINDS = frozenset({"run_started", "run_ended"})  # these open and close a run

_MAX_SHAPES = 256
_MAX_PIECES = 64  # of a shape; the regular expression of the shapes is as deep
_MAX_LESSON_BYTES = 8192
_MAX_PIECES_IN_ALL = 4096
_MAX_SEEN = 1024
_SEEN_OFTEN = 3
_FIRST_LESSON = 300
_LAST_LESSON = 5000
_PATIENCE = 1024
_ANY_INTEGER = Integer(negative=True)


class Grammar:
    """Learns the shapes of rows, and adds rows to segments by them."""

    def __init__(self) -> None:
        self._seen: dict[tuple[_Piece, ...], int] = {}
        self._known: set[tuple[_Piece, ...]] = set()
        self._trie: _Trie = {}
        self._match: Callable[[bytes], re.Match[bytes] | None] | None = None
        self._groups: dict[int | None, tuple[int, ...]] = {}
        self._lesson = _FIRST_LESSON
        self._untaught = 0
        self._read = 0
        self._missed = 0

    def add(self, segment: Segment, line: bytes) -> None:
        """Add the row that `line` holds to `segment`.

        Raises what `parse_row` raises for the line, and what `Segment.add` raises for its links.
        """
        self._read += 1
        if self._match is not None and len(line) <= MAX_ROW_BYTES and _is_utf8(line):
            found = self._match(line)
            if found is not None:
                groups = self._groups[found.lastindex]
                at = found.start(groups[0]) - 8
                stated, prev_hash, run_id, run_prev_hash, run_seq, seq = found.group(*groups)
                run = segment.runs.get(run_id)
                if (
                    run is not None
                    and prev_hash == segment.last_hash
                    and run_prev_hash == run.last_hash
                    and int(seq) == segment.first_seq + segment.rows
                    and int(run_seq) == run.next_seq
                    and _sha256(line[:at] + line[at + _HASH_MEMBER_BYTES :]).hexdigest().encode() == stated
                ):
                    segment.rows += 1
                    segment.last_hash = run.last_hash = stated
                    run.next_seq += 1
                    return
        row = parse_row(line)
        segment.add(links_of(row))
        self._miss(row)

    def _miss(self, row: Row) -> None:
        self._missed += 1
        if self._missed > _PATIENCE and self._missed * 2 > self._read:
            self._match = None  # useless, at least until the next lesson
        if self._lesson > _LAST_LESSON:
            return
        shape = _shape(row.fields) if len(row.line) <= _MAX_LESSON_BYTES else None
        if shape is None:
            return
        if shape in self._seen or len(self._seen) < _MAX_SEEN:
            self._seen[shape] = self._seen.get(shape, 0) + 1
        self._untaught += 1
        if self._untaught >= self._lesson:
            self._learn()

    def _learn(self) -> None:
        self._read = self._missed = self._untaught = 0
        self._lesson *= 4
        if not (shapes := self._lessons()):
            return
        for shape in shapes:
            self._known.add(shape)
            branch = self._trie
            for piece in shape:
                branch = branch.setdefault(piece, {})
        regex = _Regex(self._trie)
        self._match, self._groups = re.compile(regex.text.encode(), re.DOTALL).fullmatch, regex.groups

    def _lessons(self) -> list[tuple[_Piece, ...]]:
        """Return the shapes to learn now: those seen most often, as many as may still be learned."""
        often = [shape for shape, count in self._seen.items() if count >= _SEEN_OFTEN and shape not in self._known]
        often.sort(key=self._seen.__getitem__, reverse=True)
        sizes = accumulate(map(len, often), initial=sum(map(len, self._known)))
        room = sum(1 for size in sizes if size <= _MAX_PIECES_IN_ALL) - 1
        return often[: min(room, _MAX_SHAPES - len(self._known))]


def _is_utf8(line: bytes) -> bool:
    if line.isascii():
        return True
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class _Regex:
    """The regular expression of all shapes in a trie.

    `groups` tells for the group that a match ends with, one for each shape, which groups hold the links, in the order
    of `_LINKS`.
    """

    def __init__(self, trie: _Trie) -> None:
        self.groups: dict[int | None, tuple[int, ...]] = {}
        self._count = 0
        self.text = self._branches(trie, ())

    def _branches(self, trie: _Trie, links: tuple[int, ...]) -> str:
        branches = [self._branch(piece, rest, links) for piece, rest in trie.items()]
        return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"

    def _branch(self, piece: _Piece, rest: _Trie, links: tuple[int, ...]) -> str:
        literal, pattern = piece
        if pattern in _LINKS.values():
            self._count += 1
            links += (self._count,)
        if rest:
            return re.escape(literal) + pattern + self._branches(rest, links)
        self._count += 1
        self.groups[self._count] = links
        return re.escape(literal) + pattern + "()"


class _Shape:
    """The pieces of one shape, while it is put together."""

    def __init__(self) -> None:
        self.pieces: list[_Piece] = []
        self._literal = ""

    def text(self, text: str) -> None:
        self._literal += text

    def value(self, pattern: str) -> None:
        self.pieces.append((self._literal, pattern))
        self._literal = ""

    def anything(self, value: Json) -> None:
        """Add a value that no rule speaks of: its names and the types of what stands behind them."""
        if isinstance(value, Mapping):
            self._listed("{}", [(_quoted(name) + ":", value[name]) for name in sorted(value)])
        elif isinstance(value, list):
            self._listed("[]", [("", element) for element in value])
        elif value is None or isinstance(value, bool):
            self.text(json.dumps(value))
        else:
            self.value(TEXT.pattern("") if isinstance(value, str) else _ANY_INTEGER.pattern(0))

    def _listed(self, brackets: str, items: list[tuple[str, Json]]) -> None:
        self.text(brackets[0])
        for position, (name, inner) in enumerate(items):
            self.text(("," if position else "") + name)
            self.anything(inner)
        self.text(brackets[1])

    def finished(self) -> tuple[_Piece, ...] | None:
        """Return the pieces, or None if they are too many, or a name is not ASCII: UTF-16 code units sort those."""
        self.value("")
        if len(self.pieces) > _MAX_PIECES or not all(literal.isascii() for literal, _ in self.pieces):
            return None
        return tuple(self.pieces)


def _shape(row: Mapping[str, Json]) -> tuple[_Piece, ...] | None:
    """Return what the canonical texts of rows like `row` are made of, or None if such rows must be parsed."""
    kind, shape = str(row["kind"]), _Shape()
    if kind in _PARSED_KINDS or row["run_id"] is None:
        return None
    for position, name in enumerate(sorted(row)):
        shape.text(("," if position else "{") + _quoted(name) + ":")
        form = form_of(kind, name)
        if name in ("audit_schema", "kind"):  # these decide what the others must be
            shape.text(json.dumps(row[name]))
        elif name in _LINKS:
            shape.value(_LINKS[name])
        elif form is None or form is FREE_OBJECT:
            shape.anything(row[name])
        elif (pattern := form.pattern(row[name])) is None:
            return None
        else:
            shape.value(pattern)
    shape.text("}")
    return shape.finished()


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
