"""Ed25519 key generation and signing in the standard library (RFC 8032 sections 5.1.5 and 5.1.6).

It is not constant time: how long it takes depends on the private key.  It runs only on one's own machine, where nobody
else asks for signatures; with the extra `sign`, which brings `cryptography`, that library signs instead.

Knows keys and messages as bytes.  It knows no files and no encodings, and checks no signatures: verifiers do.
"""

from __future__ import annotations

import hashlib
from typing import TypeAlias

SEED_BYTES = 32

_Point: TypeAlias = tuple[int, int, int, int]
"""Extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, x * y = T/Z (section 5.1.4)."""

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_ORDER = 2**252 + 27742317777372353535851937790883648493
_NEUTRAL: _Point = (0, 1, 1, 0)


def public_key(seed: bytes) -> bytes:
    """Return the 32 bytes of the public key of the private key `seed`, any 32 bytes (section 5.1.5)."""
    scalar, _ = _expanded(seed)
    return _encoded(_multiple(scalar, _BASE))


def sign(seed: bytes, message: bytes) -> bytes:
    """Return the 64 bytes of the signature over `message`, always the same ones (section 5.1.6)."""
    scalar, prefix = _expanded(seed)
    nonce = _number(prefix, message)
    commitment = _encoded(_multiple(nonce, _BASE))
    challenge = _number(commitment, public_key(seed), message)
    return commitment + ((nonce + challenge * scalar) % _ORDER).to_bytes(32, "little")


def _expanded(seed: bytes) -> tuple[int, bytes]:
    """Return the secret scalar and the prefix that nonces are made with."""
    if len(seed) != SEED_BYTES:
        raise ValueError(f"a private key has {SEED_BYTES} bytes, not {len(seed)}")
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little")
    scalar &= (1 << 254) - 8  # clears the three lowest bits and all from bit 254 on
    return scalar | 1 << 254, digest[32:]


def _number(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % _ORDER


def _multiple(scalar: int, point: _Point) -> _Point:
    """Return [scalar]point, for a scalar of at most 255 bits, with the same steps for all of these.

    The steps are the same; the time that Python's integers take for them is not.
    """
    total, other = _NEUTRAL, point
    for bit in reversed(range(255)):
        # Montgomery's ladder: the difference of the two is always `point`.
        if scalar >> bit & 1:
            total, other = _sum(total, other), _sum(other, other)
        else:
            total, other = _sum(total, total), _sum(total, other)
    return total


def _sum(p: _Point, q: _Point) -> _Point:
    """Return p + q; the formulas of section 5.1.4 hold for every pair of points."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % _P
    b = (p[1] + p[0]) * (q[1] + q[0]) % _P
    c = 2 * _D * p[3] * q[3] % _P
    d = 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _encoded(point: _Point) -> bytes:
    """Return y, little-endian, with the lowest bit of x as its highest (section 5.1.2)."""
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _base_point() -> _Point:
    """Return B: y = 4/5, and the even one of the two x (section 5.1)."""
    y = 4 * pow(5, -1, _P) % _P
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    x = min(x, _P - x, key=lambda root: root & 1)
    return x, y, 1, x * y % _P


_BASE = _base_point()
