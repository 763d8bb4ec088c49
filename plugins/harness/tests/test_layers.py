"""Layers end, whatever the bytes are."""

from __future__ import annotations

import gzip
import os
import zlib

from hypothesis import given
from hypothesis import strategies as st

from occasio_harness.layers import MAX_BYTES, layers


@given(st.binary(max_size=300))
def test_the_first_layer_is_the_data_and_none_comes_twice(data: bytes) -> None:
    found = [layer for _, layer in layers(data)]
    assert found[0] == data
    assert len(set(found)) == len(found)


def test_layers_are_bounded_though_a_stream_unpacks_to_much_more() -> None:
    bomb = gzip.compress(gzip.compress(bytes(200 << 20)))
    assert sum(len(layer) for _, layer in layers(bomb)) <= MAX_BYTES


def test_a_stream_that_breaks_off_says_what_it_said_before() -> None:
    packed = zlib.compress(os.urandom(5000).hex().encode())
    assert any(name == "packed" and len(layer) > 1000 for name, layer in layers(packed[:4000]))
