"""Making parsed JSON immutable, all the way down.  Knows values only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import overload

from occasio_verify import Json


@overload
def frozen(value: Mapping[str, Json]) -> Mapping[str, Json]: ...
@overload
def frozen(value: Json) -> Json: ...
def frozen(value: Json) -> Json:
    """Return a copy of `value` in which every object is a read-only mapping and every array a tuple."""
    match value:
        case Mapping():
            return MappingProxyType({name: frozen(member) for name, member in value.items()})
        case list() | tuple():
            return tuple(frozen(item) for item in value)
        case _:
            return value
