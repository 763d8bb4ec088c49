"""A bundle as one JSON document: how much of it is read, and the one form that it has (SPEC sections 10 and 15).

Knows no member but the slice, and that one only because it is large.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from occasio_verify.canonical import Json, canonical
from occasio_verify.errors import MalformedError
from occasio_verify.parse import parse_json

MAX_BUNDLE_BYTES = 96 << 20
MAX_BUNDLE_COMMAS = 2_500_000
MAX_BUNDLE_BRACKETS = 1_000_000


def parse_bundle(data: bytes) -> Json:
    """Return the value of a bundle, or of a document inside of one.

    As values it may take thirty times the memory that its bytes do: so they are counted before there are any, wherever
    in the text their commas and brackets stand.  Raises MalformedError: `too-large` and what `parse_json` raises.
    """
    commas, brackets = data.count(b","), data.count(b"[") + data.count(b"{")
    if commas > MAX_BUNDLE_COMMAS or brackets > MAX_BUNDLE_BRACKETS:
        raise MalformedError("too-large", f"{commas} commas and {brackets} opening brackets are more than a bundle has")
    return parse_json(data, max_bytes=MAX_BUNDLE_BYTES)


def is_canonical(bundle: Mapping[str, Json], data: bytes) -> bool:
    """Return whether `data` is the bundle's one form, compared in pieces: none of them is as large as the whole."""
    at = 0
    for piece in _pieces(bundle):
        if not data.startswith(piece, at):
            return False
        at += len(piece)
    return at == len(data)


def _pieces(bundle: Mapping[str, Json]) -> Iterator[bytes]:
    for position, name in enumerate(sorted(bundle)):
        yield b'%c"%s":' % (b"," if position else b"{", name.encode())
        if name == "chain_slice":
            yield from slice_pieces(bundle)
        else:
            yield canonical(bundle[name])
    yield b"}\n"


def slice_pieces(bundle: Mapping[str, Json]) -> Iterator[bytes]:
    """Yield the canonical form of the bundle's `chain_slice`, row by row."""
    yield b"["
    for position, row in enumerate(cast("list[Json]", bundle["chain_slice"])):
        yield (b"," if position else b"") + canonical(row)
    yield b"]"
