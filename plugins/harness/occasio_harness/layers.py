"""What bytes say under the encodings in which a program might have written them, and unpacked, in layers.

Knows encodings; no file, protocol or agent.  Base32, base64 and hexadecimal are read at every offset: they need not
begin where the text does.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from urllib.parse import unquote_to_bytes

DEPTH = 4  # encodings inside one another
MAX_BYTES = 64 << 20  # of all layers together
_MAX_UNPACKED = 8 << 20  # of one packed stream
_MAX_STREAMS = 64  # looked for in one layer

_ESCAPED = re.compile(rb"\\u00([0-9a-fA-F]{2})|\\x([0-9a-fA-F]{2})|\\([0-3][0-7]{2})|\\([\"\\/nrtbf])")
_ENTITY = re.compile(rb"&#(?:([0-9]{1,3})|[xX]([0-9a-fA-F]{1,2}));")
_SHORT = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_BASE32 = re.compile(rb"[A-Z2-7]{16,}")
_HEX = re.compile(rb"[0-9a-fA-F]{16,}")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_MAGIC = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]|BZh[1-9]|\xfd7zXZ\x00")


def layers(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield `data`, and what it says under each encoding, with the encodings' names; the same bytes come once."""
    seen: set[bytes] = set()
    level, left = [("", data)], MAX_BYTES
    for _ in range(DEPTH + 1):
        following: list[tuple[str, bytes]] = []
        for name, layer in level:
            if layer in seen or len(layer) > left:
                continue
            seen.add(layer)
            left -= len(layer)
            yield name, layer
            following += [(f"{step} {name}".strip(), below) for step, read in _STEPS for below in read(layer) if below]
        level = following


def _unescaped(data: bytes) -> Iterator[bytes]:
    if b"\\" in data:
        yield _ESCAPED.sub(_character, data)


def _character(found: re.Match[bytes]) -> bytes:
    if digits := found[1] or found[2]:
        return bytes.fromhex(digits.decode())
    return bytes([int(found[3], 8)]) if found[3] else _SHORT.get(found[4], found[4])


def _percent(data: bytes) -> Iterator[bytes]:
    if re.search(rb"%[0-9a-fA-F]{2}", data):
        yield unquote_to_bytes(data)


def _entities(data: bytes) -> Iterator[bytes]:
    if b"&#" in data:
        yield _ENTITY.sub(lambda found: bytes([int(found[2], 16) if found[2] else int(found[1]) & 0xFF]), data)


def _base64(data: bytes) -> Iterator[bytes]:
    runs = [run.translate(_URL_SAFE) for run in _BASE64.findall(data)]
    for offset in range(4):
        yield b"\n".join(_decoded(base64.b64decode, run[offset:], 4) for run in runs)


def _base32(data: bytes) -> Iterator[bytes]:
    runs = _BASE32.findall(data)
    for offset in range(8):
        yield b"\n".join(_decoded(base64.b32decode, run[offset:], 8) for run in runs)


def _hex(data: bytes) -> Iterator[bytes]:
    runs = _HEX.findall(data)
    for offset in range(2):
        yield b"\n".join(_decoded(binascii.unhexlify, run[offset:], 2) for run in runs)


def _decoded(decode: Callable[[bytes], bytes], run: bytes, size: int) -> bytes:
    """Return what a run says; a group that is not whole is filled up, as its padding may have been left away."""
    return decode(run + b"A" * (-len(run) % size))


def _unpacked(data: bytes) -> Iterator[bytes]:
    for number, found in enumerate(_MAGIC.finditer(data)):
        if number < _MAX_STREAMS:
            yield _stream(data[found.start() :])


def _stream(data: bytes) -> bytes:
    """Return what the packed stream at the beginning of `data` says, as far as it goes."""
    try:
        if data.startswith(b"BZh"):
            return bz2.BZ2Decompressor().decompress(data, _MAX_UNPACKED)
        if data.startswith(b"\xfd"):
            return lzma.LZMADecompressor().decompress(data, _MAX_UNPACKED)
        return zlib.decompressobj(wbits=47).decompress(data, _MAX_UNPACKED)
    except (OSError, lzma.LZMAError, zlib.error):  # it only looked like one
        return b""


def _joined(data: bytes) -> Iterator[bytes]:
    """Yield the data without white space: encoders break lines, and dumps put spaces between bytes."""
    yield re.sub(rb"\s+", b"", data)


# Names in front of what is below: `packed in base64`.
_STEPS: tuple[tuple[str, Callable[[bytes], Iterator[bytes]]], ...] = (
    ("", _unescaped),
    ("", _joined),
    ("in percent-encoding", _percent),
    ("in entities", _entities),
    ("in base64", _base64),
    ("in base32", _base32),
    ("in hexadecimal", _hex),
    ("packed", _unpacked),
)
