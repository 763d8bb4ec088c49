"""As much of two curves as signatures at the edges need: what no library would sign is computed here."""

import hashlib

from generator.keys import Key, secret_bytes

# Ed25519, RFC 8032 section 5.1
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
# P-256, FIPS 186
Q = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
Point = tuple[int, int] | None


def scalar(key: Key) -> int:
    """Returns the secret scalar of an Ed25519 key (RFC 8032 section 5.1.5)."""
    low = bytearray(hashlib.sha512(secret_bytes(key)).digest()[:32])
    low[0] &= 248
    low[31] = low[31] & 127 | 64
    return int.from_bytes(low, "little")


def challenge(r: bytes, public: bytes, message: bytes) -> int:
    """Returns k = SHA-512(R || A || M) mod L."""
    return int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % L


def negated_twice(encoded: bytes) -> bytes:
    """Returns the encoding of (-x, -y): the point and the one of order 2 added up."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    return (P - y | (1 - sign) << 255).to_bytes(32, "little")


def on_p256(x: int) -> Point:
    """Returns the point of P-256 with the abscissa x and an even ordinate, None if there is none."""
    square = (x**3 - 3 * x + B) % Q
    y = pow(square, (Q + 1) // 4, Q)
    if y * y % Q != square:
        return None
    return x, y if y % 2 == 0 else Q - y


def add(left: Point, right: Point) -> Point:
    """Returns the sum of two points of P-256."""
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2 and (y1 + y2) % Q == 0:
        return None
    slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, Q) if left == right else (y2 - y1) * pow(x2 - x1, -1, Q)
    x = (slope * slope - x1 - x2) % Q
    return x, (slope * (x1 - x) - y1) % Q


def multiply(factor: int, point: Point) -> Point:
    """Returns a multiple of a point of P-256."""
    total: Point = None
    for bit in f"{factor % N:b}":
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


def key_for(nonce: Point, s: int, message: bytes) -> Point:
    """Returns the public key under which r = the nonce's abscissa mod n and `s` are a signature of `message`."""
    assert nonce is not None
    digest = int.from_bytes(hashlib.sha256(message).digest())
    inverse = pow(nonce[0] % N, -1, N)
    return add(multiply(inverse * s, nonce), multiply(-inverse * digest, G))
