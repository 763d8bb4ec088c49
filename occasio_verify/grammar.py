"""Checking rows without parsing them: an accelerator, with the verdicts of `rows` and no others.

A row that passed the full check teaches its *shape*: its names, and for each value the pattern of its form.  All
shapes are merged into one linear regular expression.  A line that matches it from end to end is canonical by
construction (fixed names in canonical order, no white space, canonical values) and has the members that its kind
needs; what remains is the hash.  Whatever does not match takes the full check.  Learning is bounded: a hostile log
costs the full check and no more.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from occasio_verify.canonical import Json
from occasio_verify.errors import MalformedError
from occasio_verify.fields import FREE_OBJECT, TEXT, Integer, form_of
from occasio_verify.rows import MAX_ROW_BYTES, Row, parse_row

_Piece: TypeAlias = "tuple[str, str]"  # a literal, and the pattern of the value behind it
_Trie: TypeAlias = "dict[_Piece, _Trie]"

# Found by name in a line that matched: each must be a name exactly once, at whatever level.
_LINKS = ('"hash":', '"kind":', '"prev_hash":', '"run_id":', '"run_prev_hash":', '"run_seq":', '"seq":')

_MAX_SHAPES = 256
_MAX_SEEN = 4096
_SEEN_OFTEN = 3
_FIRST_LESSON = 300
_LAST_LESSON = 200_000
_PATIENCE = 4096
_ANY_INTEGER = Integer(negative=True)


class Links(NamedTuple):
    """What ties a row to others.

    Hashes and ids are the bytes of their text; those of a run are None outside of runs.
    """

    hash: bytes
    prev_hash: bytes
    seq: int
    kind: bytes
    run_id: bytes | None
    run_prev_hash: bytes | None
    run_seq: int | None


class Grammar:
    """Learns the shapes of rows and reads rows by them."""

    def __init__(self) -> None:
        self._seen: dict[tuple[_Piece, ...], int] = {}
        self._known: set[tuple[_Piece, ...]] = set()
        self._trie: _Trie = {}
        self._matches: Callable[[str], object] | None = None
        self._lesson = _FIRST_LESSON
        self._untaught = 0
        self._read = 0
        self._missed = 0

    def read(self, line: bytes) -> Links:
        """Return the links of the row that `line` holds.  Raises what `parse_row` raises, for the same lines."""
        self._read += 1
        if self._matches is not None and len(line) <= MAX_ROW_BYTES:
            try:
                if self._matches(line.decode("utf-8")):
                    return _links_of_match(line)
            except UnicodeDecodeError:
                pass  # the full check says so, with its code
        row = parse_row(line)
        self._miss(row)
        return links_of(row)

    def _miss(self, row: Row) -> None:
        self._missed += 1
        if self._lesson > _LAST_LESSON:
            self._give_up_if_useless()
            return
        if (shape := _shape(row.fields)) is not None and (shape in self._seen or len(self._seen) < _MAX_SEEN):
            self._seen[shape] = self._seen.get(shape, 0) + 1
        self._untaught += 1
        if self._untaught >= self._lesson:
            self._learn()

    def _learn(self) -> None:
        self._untaught = 0
        self._lesson *= 4
        often = [shape for shape, count in self._seen.items() if count >= _SEEN_OFTEN and shape not in self._known]
        for shape in sorted(often, key=self._seen.__getitem__, reverse=True)[: _MAX_SHAPES - len(self._known)]:
            self._known.add(shape)
            branch = self._trie
            for piece in shape:
                branch = branch.setdefault(piece, {})
        if self._trie:
            self._matches = re.compile(_regex(self._trie)).fullmatch

    def _give_up_if_useless(self) -> None:
        if self._missed > _PATIENCE and self._missed * 2 > self._read:
            self._matches = None


def links_of(row: Row) -> Links:
    """Return what ties `row` to others."""
    run_id, run_prev_hash = row.run_id, row.run_prev_hash
    return Links(
        row.hash.encode(),
        row.prev_hash.encode(),
        row.seq,
        row.kind.encode(),
        None if run_id is None else run_id.encode(),
        None if run_prev_hash is None else run_prev_hash.encode(),
        row.run_seq,
    )


def _links_of_match(line: bytes) -> Links:
    start = line.find(b'"hash":"')
    stated = line[start + 8 : start + 72]
    if hashlib.sha256(line[:start] + line[start + 74 :]).hexdigest().encode() != stated:
        raise MalformedError("row-hash", "`hash` is not the hash of the row")
    at = line.find(b'"kind":"', start) + 8
    kind = line[at : line.find(b'"', at)]
    at = line.find(b'"prev_hash":"', at)
    prev_hash = line[at + 13 : at + 77]
    run = line.find(b'"run_id":', at)
    if line[run + 9] == 0x6E:  # null
        return Links(stated, prev_hash, _number(line, line.find(b'"seq":', run) + 6), kind, None, None, None)
    before = line.find(b'"run_prev_hash":"', run)
    at = line.find(b'"run_seq":', before) + 10
    run_seq = _number(line, at)
    seq = _number(line, line.find(b'"seq":', at) + 6)
    return Links(stated, prev_hash, seq, kind, line[run + 10 : run + 46], line[before + 17 : before + 81], run_seq)


def _number(line: bytes, start: int) -> int:
    return int(line[start : line.find(b",", start)])


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
        """Return the pieces, or None if a link's name stands in them twice, or a name sorts by its UTF-16 code
        units."""
        self.value("")
        names = "".join(literal for literal, _ in self.pieces)
        if not names.isascii():
            return None
        return tuple(self.pieces) if all(names.count(link) == 1 for link in _LINKS) else None


def _shape(row: Mapping[str, Json]) -> tuple[_Piece, ...] | None:
    """Return what the canonical texts of rows like `row` are made of, or None if such rows must be parsed."""
    kind, shape = str(row["kind"]), _Shape()
    for position, name in enumerate(sorted(row)):
        shape.text(("," if position else "{") + _quoted(name) + ":")
        form = form_of(kind, name)
        if name in ("audit_schema", "kind"):  # these decide what the others must be
            shape.text(json.dumps(row[name]))
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


def _regex(trie: _Trie) -> str:
    branches = [
        re.escape(literal) + pattern + (_regex(rest) if rest else "") for (literal, pattern), rest in trie.items()
    ]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
