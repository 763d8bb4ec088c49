"""Reading values out of a policy's tree, each with the type that its key wants.

Every function raises `PolicyError` at the place of what it cannot take.  It does not know what the keys mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from occasio_core.errors import PolicyError
from occasio_core.freeze import frozen
from occasio_core.policy.document import Listing, Node, Place, Scalar, Table
from occasio_verify import Json

_TRUE = frozenset({"true", "yes", "on"})
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")  # what is longer is too big for any use
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_MAX_INTEGER = 2**53 - 1

_NOTHING = Table(place=Place("", 1, 1))


def switch(table: Table, key: str, default: bool) -> bool:
    """Return true or false."""
    match table.members.get(key):
        case None:
            return default
        case Scalar(kind="bool") as node:
            return boolean(node)
        case node:
            raise node.place.error(
                f"{key} is true or false, not {node.described}", "write true or false, without quotes"
            )


def boolean(node: Scalar) -> bool:
    """Return whether a scalar of the kind `bool` is true."""
    return node.text.lower() in _TRUE


def whole(node: Scalar) -> int | None:
    """Return the whole number that `node` is for every reader of YAML, None if it is none."""
    return int(node.text) if _DECIMAL.fullmatch(node.text) and abs(int(node.text)) <= _MAX_INTEGER else None


def positive(table: Table, key: str) -> int | None:
    """Return a whole number above zero, None where the key is missing."""
    match table.members.get(key):
        case None:
            return None
        case Scalar(kind="int", text=text) as node if _DECIMAL.fullmatch(text):
            if not 0 < int(text) <= _MAX_INTEGER:
                raise node.place.error(f"{key} is `{text}`", "write a whole number above zero")
            return int(text)
        case node:
            raise node.place.error(f"{key} is a whole number, not {_shown(node)}", "write a whole number above zero")


def listing(table: Table, key: str) -> Listing:
    """Return a list, an empty one where the key is missing."""
    match table.members.get(key):
        case None | Scalar(kind="null"):
            return Listing(place=table.place)
        case Listing() as found:
            return found
        case node:
            raise node.place.error(f"{key} is a list, not {node.described}", "begin each entry with `- `")


def mapping(table: Table, key: str) -> Table:
    """Return a mapping, an empty one where the key is missing."""
    match table.members.get(key):
        case None | Scalar(kind="null"):
            return _NOTHING
        case Table() as found:
            return found
        case node:
            raise node.place.error(f"{key} is a mapping, not {node.described}")


def text(node: Node, what: str) -> str:
    """Return a text."""
    if not isinstance(node, Scalar):
        raise node.place.error(f"{what} is a text, not {node.described}")
    if node.kind != "str":
        raise node.place.error(
            f"{what} is a text, and YAML reads `{node.text}` as {node.described}", "put it in quotes"
        )
    return node.text


def optional_text(table: Table, key: str, what: str) -> str:
    """Return a text, an empty one where the key is missing."""
    node = table.members.get(key)
    return "" if node is None else text(node, what)


def choice(node: Node, what: str, known: Iterable[str]) -> str:
    """Return one of the `known` words."""
    word = text(node, what)
    if word not in known:
        raise unknown(node.place, word, what.split(" ", 1)[-1], known)
    return word


def check_keys(table: Table, known: Iterable[str]) -> None:
    """Make sure that the table has no key but the known ones."""
    for key, place in table.keys.items():
        if key not in known:
            raise unknown(place, key, "key", known)


def unknown(place: Place, word: str, what: str, known: Iterable[str]) -> PolicyError:
    """Return the error for a word that nothing would obey, with the nearest one that something does."""
    return place.error(f"the {what} `{word}` is not known", nearest(word, known))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint for somebody who wrote `word` and meant one of the known ones."""
    near = get_close_matches(word, list(known), n=1)
    return f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"


def settings(name: str, node: Node) -> Mapping[str, Json]:
    """Return what a plugin is told, frozen."""
    match node:
        case Scalar(kind="null"):
            return MappingProxyType({})
        case Table():
            return MappingProxyType({key: frozen(_json(member)) for key, member in node.members.items()})
        case _:
            raise node.place.error(f"the settings of {name} are a mapping, not {node.described}")


def _json(node: Node) -> Json:
    match node:
        case Table():
            return {key: _json(member) for key, member in node.members.items()}
        case Listing():
            return [_json(item) for item in node.items]
        case Scalar(kind="str", text=text):
            return text
        case Scalar(kind="null"):
            return None
        case Scalar(kind="bool", text=text):
            return text.lower() in _TRUE
        case Scalar(text=text) if _DECIMAL.fullmatch(text) and abs(int(text)) <= _MAX_INTEGER:
            return int(text)
        case Scalar(text=text) if _FRACTION.fullmatch(text):
            return float(text)
        case _:
            raise node.place.error(
                f"`{node.text}` is {node.described} that can be read in two ways", "put it in quotes"
            )


def _shown(node: Node) -> str:
    return f"`{node.text}`" if isinstance(node, Scalar) else node.described
