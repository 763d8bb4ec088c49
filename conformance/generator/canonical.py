"""A canonicaliser for what the vectors are made of: no fractions (SPEC section 3.2)."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from generator.cases import Json

ZEROS = "0" * 64


def canonical(value: Json) -> bytes:
    """Returns JCS(value); raises AssertionError for fractions, whose form is not that of Python."""
    return ordered(in_order(value))


def ordered(value: Json) -> bytes:
    """Returns the text without white space, members in the order of the value (SPEC sections 5.1, 10, 17)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def in_order(value: Json) -> Json:
    """Returns the value with the members of every object sorted by the UTF-16 code units of their names."""
    match value:
        case str():
            return value
        case Mapping():
            return {name: in_order(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))}
        case Sequence():
            return [in_order(item) for item in value]
    assert value is None or isinstance(value, int), value
    return value


def sha256(data: bytes) -> str:
    """Returns the digest as hex64."""
    return hashlib.sha256(data).hexdigest()
