"""Finds every text that a model may read in a value of any shape, and puts others in their places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from occasio_core.wires.splice import JsonPath
from occasio_verify import Json

# Tells whether a member of an object is nothing that a model reads: an encoded file, an id, the name of a kind.
Skip: TypeAlias = "Callable[[Mapping[str, Json], str], bool]"


def texts(value: Json, path: JsonPath, skip: Skip) -> Iterator[tuple[JsonPath, str]]:
    """Yield every string in `value` but those that are skipped, each with its path, known shape or not."""
    match value:
        case str():
            yield path, value
        case list():
            for position, element in enumerate(value):
                yield from texts(element, (*path, position), skip)
        case dict():
            for name, member in value.items():
                if not skip(value, name):
                    yield from texts(member, (*path, name), skip)


def with_texts(value: Json, others: Iterator[str], skip: Skip) -> Json:
    """Return `value` with the next of `others` in the place of each string that `texts` yields, in its order."""
    match value:
        case str():
            return next(others)
        case list():
            return [with_texts(element, others, skip) for element in value]
        case dict():
            return {
                name: member if skip(value, name) else with_texts(member, others, skip)
                for name, member in value.items()
            }
        case _:
            return value
