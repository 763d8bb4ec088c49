"""From the bytes of a policy to a tree in which every value knows its place.

Knows the part of YAML that a policy needs: mappings, lists and scalars.  What has a second reading is refused: anchors,
tags, duplicate keys, a second document, tabs, invisible characters.  It does not know what the keys mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from occasio_core.errors import PolicyError
from occasio_core.visible import written_out

MAX_BYTES = 1 << 20
MAX_DEPTH = 16
_LONGEST_MESSAGE = 300  # characters

# What an editor does not show as YAML reads it: controls, line ends other than `\n`, marks that turn the text around.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)
_TAB_INDENT = re.compile(r"^ *\t", re.MULTILINE)
_UNQUOTED = re.compile(r"[^#\"']*?(?:^|[\s:,\[-])([*&!][^\s,\]]*)")

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_resolver = yaml.SafeLoader("")

_TAG = "tag:yaml.org,2002:"
_KINDS = {
    "bool": "a boolean",
    "float": "a number",
    "int": "a number",
    "merge": "a merge key",
    "null": "nothing",
    "timestamp": "a date",
    "value": "a value key",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def error(self, message: str, hint: str = "") -> PolicyError:
        """Return an error that begins with this place, on one line whatever the file's own words hold."""
        return PolicyError(f"{self.file}:{self.line}:{self.column}: {_one_line(message)}", hint=_one_line(hint))


def _one_line(text: str) -> str:
    shown = text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}…"
    return written_out(shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """One word or text.  `kind` is how YAML 1.1 reads it: `str`, `int`, `bool`, `null`, `timestamp`, …"""

    place: Place
    text: str
    kind: str

    @property
    def described(self) -> str:
        """Return what YAML takes it for, for error messages."""
        return _KINDS.get(self.kind, "a text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list."""

    place: Place
    items: tuple[Node, ...] = ()

    described = "a list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A mapping; every key is a text and stands there once."""

    place: Place
    members: Mapping[str, Node] = field(default_factory=dict)
    keys: Mapping[str, Place] = field(default_factory=dict)

    described = "a mapping"


Node: TypeAlias = "Scalar | Listing | Table"


def document(data: bytes, file: str) -> Table:
    """Return what `data` says.  A file without a value says nothing, which is an empty table.

    Raises `PolicyError` with line and column for anything that is not the YAML of a policy.
    """
    text = _text(data, file)
    try:
        return _Reader(text, file).table()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
        raise place.error(f"not YAML: {error.problem or error.context}", _quoting_hint(text, place)) from None
    except yaml.YAMLError:
        raise Place(file, 1, 1).error("not YAML") from None


def _text(data: bytes, file: str) -> str:
    if len(data) > MAX_BYTES:
        raise Place(file, 1, 1).error(f"a policy has at most {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _at(data[: error.start].decode("utf-8"), file).error("not UTF-8", "save it as UTF-8") from None
    if found := _INVISIBLE.search(text):
        name = f"U+{ord(found[0]):04X}"
        raise _at(text[: found.start()], file).error(f"the character {name} cannot be seen", "take it out")
    if found := _TAB_INDENT.search(text):
        raise _at(text[: found.end() - 1], file).error("a tab at the beginning of a line", "indent with spaces")
    return text


def _at(before: str, file: str) -> Place:
    """Return the place behind the text `before`."""
    return Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _quoting_hint(text: str, place: Place) -> str:
    """Return what to do about a word that begins with a mark of YAML's own, the usual slip in a list of globs."""
    line = text.split("\n")[place.line - 1] if place.line <= text.count("\n") + 1 else ""
    found = _UNQUOTED.match(line)
    return f'put quotes around it: "{found[1]}"' if found else ""


class _Reader:
    """Builds the tree out of YAML's events, one look at each."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._events: Iterator[Event] = yaml.parse(text, Loader=_Loader)

    def table(self) -> Table:
        """Return the whole document."""
        next(self._events)  # the stream starts
        start = next(self._events)  # a document starts, or the stream ends
        if isinstance(start, yaml.StreamEndEvent):
            return Table(place=self._place(start))
        node = self._node(next(self._events), depth=1)
        self._finish()
        match node:
            case Table():
                return node
            case Scalar(kind="null"):
                return Table(place=node.place)
            case _:
                raise node.place.error(
                    f"a policy is a mapping of keys, not {node.described}", "begin with `version: 1`"
                )

    def _finish(self) -> None:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise self._place(event).error("a second document; a policy is one", "take the `---` out")
            if not isinstance(event, DocumentEndEvent | yaml.StreamEndEvent):
                raise self._misplaced(event)

    def _node(self, event: Event, depth: int) -> Node:
        self._check(event, depth)
        match event:
            case ScalarEvent():
                return self._scalar(event)
            case SequenceStartEvent():
                return Listing(place=self._place(event), items=tuple(self._items(depth)))
            case MappingStartEvent():
                return self._members(event, depth)
            case _:
                raise self._misplaced(event)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _members(self, start: MappingStartEvent, depth: int) -> Table:
        members: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key, Scalar) or key.kind != "str":
                raise key.place.error(f"a key is a text, not {key.described}", "put it in quotes")
            if first := keys.get(key.text):
                raise key.place.error(
                    f"the key `{key.text}` is there already, on line {first.line}", "keep one of them"
                )
            keys[key.text] = key.place
            members[key.text] = self._node(next(self._events), depth + 1)
        return Table(place=self._place(start), members=members, keys=keys)

    def _scalar(self, event: ScalarEvent) -> Scalar:
        tag: str = _resolver.resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
        return Scalar(place=self._place(event), text=event.value, kind=tag.removeprefix(_TAG))

    def _check(self, event: Event, depth: int) -> None:
        place = self._place(event)
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            hint = _quoting_hint(self._text, place)
            raise place.error("anchors and aliases are not part of a policy", hint or "write the value out")
        if getattr(event, "tag", None):
            hint = _quoting_hint(self._text, place)
            raise place.error("tags are not part of a policy", hint or "take it out")
        if depth > MAX_DEPTH:
            raise place.error(f"nested more than {MAX_DEPTH} deep")

    def _misplaced(self, event: Event) -> PolicyError:
        return self._place(event).error("this does not belong in a policy")

    def _place(self, event: Event) -> Place:
        mark = event.start_mark
        return Place(self._file, mark.line + 1, mark.column + 1) if mark else Place(self._file, 1, 1)
