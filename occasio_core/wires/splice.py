"""Changes values inside a JSON text and leaves every other byte alone.

Works on text that a strict parser has accepted before; does not validate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

from occasio_verify import Json

JsonPath: TypeAlias = tuple[str | int, ...]
_Tree: TypeAlias = "dict[str | int, _Tree]"

_SPACE = re.compile(r"[ \t\n\r]*")
# values are stepped over, never computed: a number may have any number of digits
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)


def spliced(text: str, edits: Mapping[JsonPath, str]) -> str:
    """Return `text` with the value at each path replaced by the JSON text given for it.

    No path may lead into another; a path that leads nowhere changes nothing.
    """
    pieces, kept = [], 0
    for path, (start, end) in spans(text, edits).items():
        pieces += [text[kept:start], edits[path]]
        kept = end
    return "".join([*pieces, text[kept:]])


def spans(text: str, paths: Collection[JsonPath]) -> dict[JsonPath, tuple[int, int]]:
    """Return, in the order of the text, where the value at each of `paths` starts and ends."""
    walk = _Walk(text)
    walk.value(_space(text, 0), _tree(paths) if paths else None, ())
    return walk.found


def without(text: str, elements: Collection[JsonPath]) -> str:
    """Return `text` without those elements of its lists; the others keep their spelling and their order."""
    lists: dict[JsonPath, set[str | int]] = {}
    for path in elements:
        lists.setdefault(path[:-1], set()).add(path[-1])
    edits = {}
    for path, (start, end) in spans(text, lists).items():
        inner = text[start:end]
        number = len(json.loads(inner, parse_int=str, parse_float=str))
        places = spans(inner, [(position,) for position in range(number)])
        kept = [inner[first:last] for (at,), (first, last) in places.items() if at not in lists[path]]
        edits[path] = f"[{','.join(kept)}]"
    return spliced(text, edits)


def written(value: Json) -> str:
    """Return `value` as compact JSON text, members in their own order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def with_members(value: Mapping[str, Json], members: Mapping[str, str]) -> str:
    """Return the object as JSON text, with `members`, themselves JSON text, put into their places or at the end."""
    texts = {name: written(member) for name, member in value.items()}
    texts.update(members)
    return "{" + ",".join(f"{written(name)}:{text}" for name, text in texts.items()) + "}"


class _Walk:
    """Goes through a text along a tree of paths; everything off the paths is stepped over by the C decoder."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.found: dict[JsonPath, tuple[int, int]] = {}

    def value(self, at: int, wanted: _Tree | None, path: JsonPath) -> int:
        """Return where the value that starts at `at` ends."""
        if wanted and self._text[at] == "{":
            return self._members(at, wanted, path)
        if wanted and self._text[at] == "[":
            return self._elements(at, wanted, path)
        end = _DECODER.raw_decode(self._text, at)[1]
        if wanted is not None and not wanted:
            self.found[path] = (at, end)
        return end

    def _members(self, at: int, wanted: _Tree, path: JsonPath) -> int:
        at = _space(self._text, at + 1)
        while self._text[at] != "}":
            name, at = _DECODER.raw_decode(self._text, at)
            at = _space(self._text, _space(self._text, at) + 1)
            at = self._next(self.value(at, wanted.get(name), (*path, name)))
        return at + 1

    def _elements(self, at: int, wanted: _Tree, path: JsonPath) -> int:
        at, position = _space(self._text, at + 1), 0
        while self._text[at] != "]":
            at = self._next(self.value(at, wanted.get(position), (*path, position)))
            position += 1
        return at + 1

    def _next(self, at: int) -> int:
        at = _space(self._text, at)
        return _space(self._text, at + 1) if self._text[at] == "," else at


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _tree(paths: Iterable[JsonPath]) -> _Tree:
    """Return the paths as nested mappings; a leaf, an empty one, is a value that is wanted itself."""
    root: _Tree = {}
    for path in paths:
        branch = root
        for step in path:
            branch = branch.setdefault(step, {})
    return root
