"""Verification of Ed25519 and ECDSA P-256 signatures with nothing but integers, and the public keys it is done with.

Keys, messages and signatures are public here, so nothing needs constant time, and none of this may touch a private key.
Both curves are added on by formulas that hold for every pair of points: there is no special case to forget.

Knows the encodings of keys and signatures and the DSSE bytes that are signed.  Knows no bundle, and not whom to trust.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from occasio_verify.errors import MalformedError, SignatureError

Algorithm = Literal["ed25519", "ecdsa-p256-sha256"]

MAX_KEY_BYTES = 2**20
"""The largest key file that is read (SPEC section 15)."""

# SubjectPublicKeyInfo up to the key itself: RFC 8410 section 4, RFC 5480 section 2 (prime256v1, uncompressed point).
_ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
_P256_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
_SSH_ED25519 = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"  # RFC 8709 section 4, likewise

_PEM_BEGIN = "-----BEGIN PUBLIC KEY-----"
_PEM_END = "-----END PUBLIC KEY-----"

_Point: TypeAlias = tuple[int, ...]  # extended coordinates (X, Y, Z, T) on edwards25519, projective (X, Y, Z) on P-256
_Addition: TypeAlias = Callable[[_Point, _Point], _Point]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key to check signatures with; `load_public_key` makes one, and finds it sound first."""

    algorithm: Algorithm
    spki: bytes
    """SubjectPublicKeyInfo, DER."""

    @property
    def key_hint(self) -> str:
        """The name of this key in a Sigstore bundle and a DSSE envelope: base64 of SHA-256 of `spki`."""
        return base64.b64encode(hashlib.sha256(self.spki).digest()).decode("ascii")

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` was made by this key over `message`; whatever the bytes, nothing is raised.

        Ed25519 is RFC 8032 section 5.1.7 without the cofactor: S below the order, and [S]B - [k]A encoded as R is.
        ECDSA is FIPS 186-5 section 6.4.2 over SHA-256, with DER; (r, n - s) holds wherever (r, s) does, so a signature
        is not a name for what it signs.
        """
        if self.algorithm == "ed25519":
            return _ed25519_holds(self.spki[len(_ED25519_SPKI) :], signature, message)
        return _p256_holds(self.spki[len(_P256_SPKI) :], signature, message)


def load_public_key(data: bytes) -> PublicKey:
    """The key in `data`: SubjectPublicKeyInfo in PEM or DER, or one line `ssh-ed25519 BASE64 comment`.

    Raises SignatureError `key-form` for everything else: other algorithms, other encodings of these (a compressed point
    among them), points that are not on the curve, and the Ed25519 points of small order, for which anybody can sign.
    """
    spki = _spki(data)
    if spki.startswith(_ED25519_SPKI):
        return ed25519_public_key(spki[len(_ED25519_SPKI) :])
    if spki.startswith(_P256_SPKI) and _p256_point(spki[len(_P256_SPKI) :]) is not None:
        return PublicKey("ecdsa-p256-sha256", spki)
    raise SignatureError("key-form", "neither an Ed25519 nor an uncompressed P-256 public key")


def is_pem(data: bytes) -> bool:
    """Whether `data` looks like PEM, the only one of these forms that a trust file may hold."""
    return data.strip().startswith(_PEM_BEGIN.encode())


def ed25519_public_key(raw: bytes) -> PublicKey:
    """The Ed25519 key that RFC 8032 encodes as `raw`.  Raises SignatureError `key-form`, as `load_public_key` does."""
    if _ed25519_key(raw) is None:
        raise SignatureError("key-form", "not the 32 bytes of an Ed25519 public key of large order")
    return PublicKey("ed25519", _ED25519_SPKI + raw)


def pae(payload_type: str, payload: bytes) -> bytes:
    """The bytes that a DSSE v1 signature is over: the pre-authentication encoding.  Its lengths count bytes."""
    encoded_type = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(encoded_type), encoded_type, len(payload), payload)


def decode_base64(text: str) -> bytes:
    """The bytes of which `text` is the base64 (RFC 4648 section 4, with padding).

    Raises MalformedError `base64` also for a second spelling of the same bytes, which a mere decoder takes: `QR==`.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b""
    if base64.b64encode(data).decode("ascii") != text:
        raise MalformedError("base64", "not canonical base64 with padding")
    return data


def _spki(data: bytes) -> bytes:
    if len(data) > MAX_KEY_BYTES:
        raise SignatureError("key-form", f"a key file of more than {MAX_KEY_BYTES} bytes")
    if data.startswith((_ED25519_SPKI, _P256_SPKI)):
        return data
    try:
        return _spki_of_text(data.strip().decode("utf-8"))
    except (UnicodeDecodeError, MalformedError):
        raise SignatureError("key-form", "neither PEM nor DER nor an `ssh-ed25519` line") from None


def _spki_of_text(text: str) -> bytes:
    if text.startswith("ssh-ed25519 ") and len(text.splitlines()) == 1:
        blob = decode_base64(text.removeprefix("ssh-ed25519 ").partition(" ")[0])
        if not blob.startswith(_SSH_ED25519):
            raise SignatureError("key-form", "not the blob of an `ssh-ed25519` key")
        return _ED25519_SPKI + blob[len(_SSH_ED25519) :]
    lines = text.removeprefix(_PEM_BEGIN).removesuffix(_PEM_END)
    if len(lines) != len(text) - len(_PEM_BEGIN) - len(_PEM_END):
        raise SignatureError("key-form", "not a PEM file of type `PUBLIC KEY`")
    return decode_base64(b"".join(lines.encode().split()).decode())  # as bytes: white space is that of ASCII


def _combination(add: _Addition, neutral: _Point, a: int, p: _Point, b: int, q: _Point) -> _Point:
    """[a]P + [b]Q, bit by bit of both at once (Shamir's trick)."""
    addends = (neutral, p, q, add(p, q))
    total = neutral
    for bit in reversed(range(max(a.bit_length(), b.bit_length()))):
        total = add(total, total)
        which = (a >> bit & 1) | (b >> bit & 1) << 1
        if which:
            total = add(total, addends[which])
    return total


# edwards25519: -x^2 + y^2 = 1 + d x^2 y^2 over GF(p), RFC 8032 section 5.1

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_L = 2**252 + 27742317777372353535851937790883648493
_BX = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BY = 46316835694926478169428394003475163141307993866256225615783033603165251855960
_B: _Point = (_BX, _BY, 1, _BX * _BY % _P)
_ED25519_NEUTRAL: _Point = (0, 1, 1, 0)


def _ed25519_holds(public_key: bytes, signature: bytes, message: bytes) -> bool:
    a = _ed25519_key(public_key)
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if a is None or len(signature) != 64 or s >= _L:
        return False
    k = int.from_bytes(hashlib.sha512(r + public_key + message).digest(), "little") % _L
    x, y, z, t = a
    # compared as bytes, so an R that is not canonically encoded never holds
    return _ed25519_encoded(_combination(_ed25519_add, _ED25519_NEUTRAL, s, _B, k, (-x, y, z, -t))) == r


def _ed25519_key(encoded: bytes) -> _Point | None:
    point = _ed25519_point(encoded)
    if point is None:
        return None
    multiple = point
    for _ in range(3):
        multiple = _ed25519_add(multiple, multiple)
    return None if multiple[0] == 0 else point  # x = 0 after [8]A: of small order


def _ed25519_point(encoded: bytes) -> _Point | None:
    """Decoding as in section 5.1.3; None if `encoded` is not of a point.

    What it does not refuse is a sign of x = 0: such a point is of small order, and no key.
    """
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if len(encoded) != 32 or y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P:
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _ed25519_encoded(point: _Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, _P)
    return (y * inverse % _P | (x * inverse % _P & 1) << 255).to_bytes(32, "little")


def _ed25519_add(p: _Point, q: _Point) -> _Point:
    """Section 5.1.4; complete, because d is not a square."""
    x1, y1, z1, t1 = p
    x2, y2, z2, t2 = q
    a = (y1 - x1) * (y2 - x2) % _P
    b = (y1 + x1) * (y2 + x2) % _P
    c = 2 * _D * t1 * t2 % _P
    d = 2 * z1 * z2 % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


# P-256: y^2 = x^3 - 3 x + b over GF(q), of prime order n, SP 800-186 section 3.2.1.3

_Q = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_G: _Point = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    1,
)
_P256_NEUTRAL: _Point = (0, 1, 0)


def _p256_holds(public_key: bytes, signature: bytes, message: bytes) -> bool:
    point, numbers = _p256_point(public_key), _ecdsa_numbers(signature)
    if point is None or numbers is None:
        return False
    r, s = numbers
    inverse = pow(s, -1, _N)
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    x, _, z = _combination(_p256_add, _P256_NEUTRAL, digest * inverse % _N, _G, r * inverse % _N, point)
    return z != 0 and x * pow(z, -1, _Q) % _Q % _N == r


def _p256_point(raw: bytes) -> _Point | None:
    """The point with the coordinates `raw`, X and Y of 32 bytes each; None if it is not on the curve."""
    x, y = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    if len(raw) != 64 or x >= _Q or y >= _Q or (y * y - x * x * x + 3 * x - _P256_B) % _Q:
        return None
    return x, y, 1


def _ecdsa_numbers(der: bytes) -> tuple[int, int] | None:
    """r and s, each in [1, n); None if `der` is not the DER of an ECDSA-Sig-Value of such.

    Reads as if the encoding were right, then compares with the right encoding: nothing but DER survives that.
    """
    if len(der) < 8:
        return None
    middle = 4 + der[3]
    r, s = int.from_bytes(der[4:middle], "big"), int.from_bytes(der[middle + 2 :], "big")
    if not (1 <= r < _N and 1 <= s < _N):
        return None
    encoded = _der_integer(r) + _der_integer(s)
    return (r, s) if der == bytes([0x30, len(encoded)]) + encoded else None


def _der_integer(number: int) -> bytes:
    content = number.to_bytes(number.bit_length() // 8 + 1, "big")  # with room for a sign bit of 0
    return bytes([0x02, len(content)]) + content


def _p256_add(p: _Point, q: _Point) -> _Point:
    """Renes, Costello, Batina, "Complete addition formulas for prime order elliptic curves" (2016), for a = -3."""
    x1, y1, z1 = p
    x2, y2, z2 = q
    xx, yy, zz = x1 * x2 % _Q, y1 * y2 % _Q, z1 * z2 % _Q
    xy, yz, xz = x1 * y2 + x2 * y1, y1 * z2 + y2 * z1, x1 * z2 + x2 * z1
    t = 3 * (_P256_B * zz - xz) % _Q
    u = 3 * (_P256_B * xz - xx - 3 * zz) % _Q
    w = 3 * (xx - zz)
    return (
        (xy * (yy - t) - yz * u) % _Q,
        (w * u + (yy + t) * (yy - t)) % _Q,
        (yz * (yy + t) + xy * w) % _Q,
    )
