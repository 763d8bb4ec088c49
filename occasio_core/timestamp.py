"""An RFC 3161 time stamp on bytes: what is asked of an authority, and what it must have answered.

A time stamp lets somebody who trusts the authority see that a checkpoint existed then.  Whether its signature holds is
for a program that knows certificates: `openssl ts -verify -data CHECKPOINT -in FILE -CAfile AUTHORITY`.  Here it is
only checked that the answer speaks of these bytes and this question.  Knows DER, no networks and no clocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from occasio_core.errors import UpstreamProtocolError

QUERY_TYPE, REPLY_TYPE = "application/timestamp-query", "application/timestamp-reply"

_INTEGER, _BOOLEAN, _OCTETS, _SEQUENCE, _EXPLICIT_0 = 0x02, 0x01, 0x04, 0x30, 0xA0
_SHA256 = bytes.fromhex("300d06096086480165030402010500")  # AlgorithmIdentifier, RFC 5754 section 2.2
_VERSION_1 = bytes.fromhex("020101")
_CERTIFICATE_WANTED = bytes.fromhex("0101ff")
_GRANTED = (b"\x00", b"\x01")  # granted, and granted with modifications


def query(data: bytes, nonce: bytes) -> bytes:
    """Return the question (TimeStampReq, section 2.4.1) for `data`; the nonce must come back."""
    imprint = _tlv(_SEQUENCE, _SHA256 + _tlv(_OCTETS, sha256(data).digest()))
    return _tlv(_SEQUENCE, _VERSION_1 + imprint + _integer(nonce) + _CERTIFICATE_WANTED)


def check_reply(reply: bytes, data: bytes, nonce: bytes) -> None:
    """Check that `reply` (TimeStampResp, section 2.4.2) stamps `data` in answer to the question with this nonce.

    Raises `UpstreamProtocolError`.
    """
    try:
        info = _stamped(reply)
    except (IndexError, ValueError):
        raise UpstreamProtocolError("the time stamp is not in the form of RFC 3161") from None
    imprint = _SHA256 + _tlv(_OCTETS, sha256(data).digest())
    if len(info) < 5 or info[2] != (_SEQUENCE, imprint):
        raise UpstreamProtocolError("the time stamp is of something else")
    if (_INTEGER, _integer(nonce)[2:]) not in info[5:]:
        raise UpstreamProtocolError("the time stamp answers another question")


def _stamped(reply: bytes) -> Sequence[tuple[int, bytes]]:
    """Return the members of the TSTInfo (section 2.4.2) in a reply that grants one."""
    status, *token = _members(_only(reply, _SEQUENCE))
    if _members(status[1])[0] not in [(_INTEGER, granted) for granted in _GRANTED] or not token:
        raise UpstreamProtocolError("the time stamp authority refused")
    content = _members(token[0][1])[1]  # of the ContentInfo, RFC 5652 section 3
    signed = _members(_only(content[1], _SEQUENCE))
    encapsulated = _members(signed[2][1])[1]
    return _members(_only(_only(encapsulated[1], _OCTETS), _SEQUENCE))


def _members(data: bytes) -> list[tuple[int, bytes]]:
    """Return tags and contents of everything in `data`.  Raises `ValueError`, `IndexError`."""
    found, at = [], 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4:
                raise ValueError("a length that no time stamp has")
            length, at = int.from_bytes(data[at : at + count]), at + count
        if at + length > len(data):
            raise ValueError("cut off")
        found.append((tag, data[at : at + length]))
        at += length
    return found


def _only(data: bytes, tag: int) -> bytes:
    ((found, content),) = _members(data)
    if found != tag:
        raise ValueError("another type")
    return content


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 0x80 else bytes([0x81, size])
    return bytes([tag]) + length + content


def _integer(value: bytes) -> bytes:
    """Return a positive INTEGER from its bytes, with as few as DER asks for."""
    number = int.from_bytes(value)
    return _tlv(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1))
