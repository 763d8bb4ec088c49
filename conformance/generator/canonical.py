"""A canonicaliser for what the vectors are made of: ASCII names, no fractions (SPEC section 3.2)."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from generator.cases import Json

ZEROS = "0" * 64


def canonical(value: Json) -> bytes:
    """Returns JCS(value); raises AssertionError where sorting by code points would not do."""
    assert plain(value), value
    return ordered(value, sort=True)


def ordered(value: Json, *, sort: bool = False) -> bytes:
    """Returns the text without white space, members in the order of the value (SPEC sections 5.1, 10, 17)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort, allow_nan=False).encode()


def plain(value: Json) -> bool:
    """Says whether `json.dumps` writes the canonical form of the value."""
    match value:
        case str():
            return True
        case Mapping():
            return all(name.isascii() and plain(member) for name, member in value.items())
        case Sequence():
            return all(plain(item) for item in value)
        case _:
            return value is None or isinstance(value, int)


def sha256(data: bytes) -> str:
    """Returns the digest as hex64."""
    return hashlib.sha256(data).hexdigest()
