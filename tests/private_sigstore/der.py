"""The little of DER (X.690) that timestamps and certificates' own extensions take."""

from __future__ import annotations

from collections.abc import Iterator


def element(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts: bytes) -> bytes:
    return element(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    return element(0x31, *sorted(parts))


def octets(content: bytes) -> bytes:
    return element(0x04, content)


def integer(number: int) -> bytes:
    return element(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def utf8(text: str) -> bytes:
    return element(0x0C, text.encode())


def oid(dotted: str) -> bytes:
    first, second, *others = map(int, dotted.split("."))
    return element(0x06, b"".join(_base128(number) for number in (40 * first + second, *others)))


def _base128(number: int) -> bytes:
    encoded = bytes([number & 0x7F])
    while number := number >> 7:
        encoded = bytes([0x80 | number & 0x7F]) + encoded
    return encoded


def read(data: bytes, at: int = 0) -> tuple[int, bytes, int]:
    """Return the tag and the content of the element at `at`, and where it ends."""
    tag, size, start = data[at], data[at + 1], at + 2
    if size & 0x80:
        digits = size & 0x7F
        size, start = int.from_bytes(data[start : start + digits], "big"), start + digits
    return tag, data[start : start + size], start + size


def elements(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the tag, the content and the whole of each element in `data`."""
    at = 0
    while at < len(data):
        tag, content, end = read(data, at)
        yield tag, content, data[at:end]
        at = end
