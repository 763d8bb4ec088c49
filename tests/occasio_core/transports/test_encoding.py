"""What a request says it is encoded with is taken off within limits, and what cannot be is the agent's fault."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable
from importlib import import_module

import pytest

from occasio_core.errors import AgentProtocolError
from occasio_core.transports.encoding import TooLongError, UnknownEncodingError, decoded

BODY = b'{"messages":[]}' * 100
LIMIT = 1 << 20


def brotli(data: bytes) -> bytes:
    packed: bytes = pytest.importorskip("brotli", reason="the extra `encodings` is not installed").compress(data)
    return packed


def zstd(data: bytes) -> bytes:
    name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    packed: bytes = pytest.importorskip(name, reason="the extra `encodings` is not installed").compress(data)
    return packed


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "deflate without its frame": ("deflate", bare_deflate),
    "br": ("br", brotli),
    "zstd": ("zstd", zstd),
}


@pytest.mark.parametrize("name", PACKERS)
def test_what_was_packed_is_unpacked(name: str) -> None:
    coding, pack = PACKERS[name]
    assert decoded(pack(BODY), coding.upper(), LIMIT) == BODY
    assert decoded(pack(b""), coding, LIMIT) == b""


@pytest.mark.parametrize("codings", ["", "identity", " , "])
def test_what_was_not_packed_stays(codings: str) -> None:
    assert decoded(BODY, codings, LIMIT) == BODY


def test_several_codings_are_taken_off_in_their_order() -> None:
    assert decoded(gzip.compress(zlib.compress(BODY)), "deflate, identity,  gzip", LIMIT) == BODY


@pytest.mark.parametrize("name", PACKERS)
def test_what_grows_beyond_the_limit_is_given_up(name: str) -> None:
    coding, pack = PACKERS[name]
    with pytest.raises(TooLongError, match="longer than"):
        decoded(pack(b"\0" * (8 << 20)), coding, LIMIT)


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-9], lambda data: b"", lambda data: b"\xff" * 40], ids=["half", "none", "other"]
)
def test_what_is_not_so_packed_is_the_agents_fault(name: str, spoil: Callable[[bytes], bytes]) -> None:
    coding, pack = PACKERS[name]
    with pytest.raises(AgentProtocolError) as told:
        decoded(spoil(pack(BODY)), coding, LIMIT)
    assert not isinstance(told.value, UnknownEncodingError)


def test_a_coding_that_nobody_knows_is_named() -> None:
    with pytest.raises(UnknownEncodingError, match="`snappy`"):
        decoded(BODY, "snappy", LIMIT)


@pytest.mark.parametrize("coding", ["br", "zstd"])
def test_a_coding_whose_library_is_missing_says_which_extra_brings_it(
    coding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> object:
        return import_module(f"missing.{name}")

    monkeypatch.setattr("occasio_core.transports.encoding.import_module", missing)
    with pytest.raises(UnknownEncodingError, match=r"occasio\[encodings\]"):
        decoded(BODY, coding, LIMIT)
