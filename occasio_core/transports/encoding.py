"""Takes content codings (RFC 9110 section 8.4) off a request's body: gzip and deflate, br and zstd where installed.

A body that would grow beyond the limit is given up before it does.  Knows no sockets.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Protocol

from occasio_core.errors import AgentProtocolError

_STEP = 1 << 20  # bytes that are unpacked at a time


class UnknownEncodingError(AgentProtocolError):
    """Raised for a coding that nobody here can take off."""


class TooLongError(AgentProtocolError):
    """Raised for a body that is longer than the limit once it is unpacked."""


class _Unpacker(Protocol):
    """Takes one coding off, piece by piece."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return the next bytes, at most `max_length` or somewhat more."""

    @property
    def pending(self) -> bytes:
        """What of the data must be given again."""

    @property
    def eof(self) -> bool:
        """Whether the end has come."""


def decoded(data: bytes, codings: str, limit: int) -> bytes:
    """Return the body without the codings that its `Content-Encoding` lists, the last one taken off first.

    Raises `UnknownEncodingError`, `TooLongError`, and `AgentProtocolError` for what is not so encoded.
    """
    for coding in reversed([name.strip().lower() for name in codings.split(",")]):
        if coding not in ("", "identity"):
            data = _unpacked(data, coding, limit)
    return data


def _unpacked(data: bytes, coding: str, limit: int) -> bytes:
    found = _UNPACKERS.get(coding)
    if found is None:
        raise UnknownEncodingError(f"the request's encoding `{coding[:32]}` is not known")
    try:
        unpacker = found(data)
    except ImportError:
        raise UnknownEncodingError(
            f"the request is encoded with `{coding}`, which cannot be read; pip install 'occasio[encodings]'"
        ) from None
    try:
        return _whole(data, unpacker, limit)
    except AgentProtocolError:
        raise
    except Exception as error:  # each library has errors of its own, and some of them no common base
        raise AgentProtocolError(f"the request is not encoded with `{coding}`, as it says") from error


def _whole(data: bytes, unpacker: _Unpacker, limit: int) -> bytes:
    pieces, size = [], 0
    while not unpacker.eof:
        piece = unpacker.decompress(data, _STEP)
        data = unpacker.pending
        if not piece and not data and not unpacker.eof:
            raise AgentProtocolError("the request's body ends in the middle of what is encoded")
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise TooLongError(f"the request is longer than {limit} bytes")
    return b"".join(pieces)


class _Zlib:
    """gzip and deflate; some clients leave deflate's own frame away."""

    def __init__(self, bits: int) -> None:
        self._inner = zlib.decompressobj(bits)

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._inner.decompress(data, max_length)

    @property
    def pending(self) -> bytes:
        return self._inner.unconsumed_tail

    @property
    def eof(self) -> bool:
        return self._inner.eof


class _Brotli:
    pending = b""  # it keeps what it has not used

    def __init__(self) -> None:
        self._inner = import_module("brotli").Decompressor()

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        piece: bytes = self._inner.process(data, output_buffer_limit=max_length)
        return piece

    @property
    def eof(self) -> bool:
        return bool(self._inner.is_finished())


class _Zstd:
    pending = b""  # it keeps what it has not used

    def __init__(self) -> None:
        self._inner = _zstd().ZstdDecompressor()

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        piece: bytes = self._inner.decompress(data, max_length)
        return piece

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)


def _zstd() -> ModuleType:
    try:
        return import_module("compression.zstd")  # Python 3.14 has it
    except ImportError:
        return import_module("backports.zstd")


def _deflate(data: bytes) -> _Unpacker:
    has_frame = len(data) >= 2 and data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0  # RFC 1950
    return _Zlib(zlib.MAX_WBITS if has_frame else -zlib.MAX_WBITS)


_UNPACKERS: dict[str, Callable[[bytes], _Unpacker]] = {
    "gzip": lambda data: _Zlib(zlib.MAX_WBITS | 16),
    "x-gzip": lambda data: _Zlib(zlib.MAX_WBITS | 16),
    "deflate": _deflate,
    "br": lambda data: _Brotli(),
    "zstd": lambda data: _Zstd(),
}
