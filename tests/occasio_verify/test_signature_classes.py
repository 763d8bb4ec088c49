"""Signatures made to be wrong, or right at the edge, by the classes that Project Wycheproof sorts its cases into.

`test_signature.py` has the encodings of ECDSA and the points of Ed25519; here are the hashes, the malleable, the truncated,
and signatures that hold though their numbers are extreme: a key is computed for each, and a peer asked as well.
"""

from __future__ import annotations

import hashlib
from itertools import product

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from occasio_verify import load_public_key
from occasio_verify.signature import (
    _G,
    _L,
    _N,
    _P256_NEUTRAL,
    _P256_SPKI,
    _Q,
    _combination,
    _p256_add,
)

MESSAGE = b"what the agent did"
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
P256 = ec.derive_private_key(0x0CCA510, ec.SECP256R1())
E = int.from_bytes(hashlib.sha256(MESSAGE).digest(), "big")


def key(private):
    return load_public_key(private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def peer_accepts(public, signature, message=MESSAGE) -> bool:
    try:
        if isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(signature, message)
        else:
            public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


# ECDSA


@pytest.mark.parametrize("hash_", [hashes.SHA1, hashes.SHA224, hashes.SHA384, hashes.SHA512, hashes.SHA3_256])
def test_a_signature_over_another_digest_does_not_hold(hash_) -> None:
    assert not key(P256).verify(P256.sign(MESSAGE, ec.ECDSA(hash_())), MESSAGE)


def test_a_signature_over_the_digest_as_a_message_does_not_hold() -> None:
    digest = hashlib.sha256(MESSAGE).digest()
    signature = P256.sign(digest, ec.ECDSA(hashes.SHA256()))
    assert not key(P256).verify(signature, MESSAGE)
    assert key(P256).verify(P256.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256()))), MESSAGE)


@pytest.mark.parametrize("curve", [ec.SECP384R1, ec.SECP521R1, ec.SECP256K1])
def test_a_signature_on_another_curve_does_not_hold(curve) -> None:
    other = ec.derive_private_key(0x0CCA510, curve())
    assert not key(P256).verify(other.sign(MESSAGE, ec.ECDSA(hashes.SHA256())), MESSAGE)


def multiple(number: int) -> tuple[int, int]:
    x, y, z = _combination(_p256_add, _P256_NEUTRAL, number % _N, _G, 0, _G)
    inverse = pow(z, -1, _Q)
    return x * inverse % _Q, y * inverse % _Q


EXTREME = [1, 2, 3, (_N - 1) // 2, (_N + 1) // 2, _N - 3, _N - 2, _N - 1, 2**128, 2**255, 2**256 - 2**224 - 1]


@pytest.mark.parametrize(("nonce", "s"), list(product([1, 2, _N - 1, 2**128, (_N + 1) // 2], EXTREME)))
def test_a_signature_with_extreme_numbers_holds_for_its_key_alone(nonce: int, s: int) -> None:
    r = multiple(nonce)[0] % _N
    secret = (s * nonce - E) * pow(r, -1, _N) % _N  # the key under which (r, s) is a signature
    if secret == 0:
        pytest.skip("no key has this signature")
    x, y = multiple(secret)
    ours = load_public_key(_P256_SPKI + x.to_bytes(32, "big") + y.to_bytes(32, "big"))
    theirs = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    signature = encode_dss_signature(r, s)
    assert ours.verify(signature, MESSAGE) is peer_accepts(theirs, signature) is True
    assert not ours.verify(signature, MESSAGE + b"\0")
    for wrong in (encode_dss_signature(s, r), encode_dss_signature(r, s + _N), encode_dss_signature(r + _N, s)):
        assert ours.verify(wrong, MESSAGE) == peer_accepts(theirs, wrong)
    assert ours.verify(encode_dss_signature(r, _N - s), MESSAGE)  # the twin: SPEC 9.3 says that it holds


@pytest.mark.parametrize(
    ("r", "s"), list(product([0, 1, _N - 1, _N, _N + 1, _Q - 1, _Q, _Q + 1, 2**256 - 1, 2**256], repeat=2))
)
def test_numbers_at_the_ends_of_their_range_are_judged_as_a_peer_judges_them(r: int, s: int) -> None:
    signature = encode_dss_signature(r, s)
    assert key(P256).verify(signature, MESSAGE) is peer_accepts(P256.public_key(), signature) is False


@pytest.mark.parametrize("secret", [1, 2, 3, _N - 1, _N - 2, 2**128, 2**255])
def test_a_key_at_the_edge_signs_as_any_other(secret: int) -> None:
    private = ec.derive_private_key(secret, ec.SECP256R1())
    signature = private.sign(MESSAGE, ec.ECDSA(hashes.SHA256()))
    assert key(private).verify(signature, MESSAGE)
    x, y = (getattr(private.public_key().public_numbers(), name) for name in "xy")
    twin = load_public_key(_P256_SPKI + x.to_bytes(32, "big") + (_Q - y).to_bytes(32, "big"))
    assert not twin.verify(signature, MESSAGE)


# Ed25519


SIGNATURE = ED25519.sign(MESSAGE)
R, S = SIGNATURE[:32], int.from_bytes(SIGNATURE[32:], "little")


@pytest.mark.parametrize("times", range(1, 16))
def test_the_same_s_plus_a_multiple_of_the_order_does_not_hold(times: int) -> None:
    changed = S + times * _L
    if changed < 2**256:
        assert not key(ED25519).verify(R + changed.to_bytes(32, "little"), MESSAGE)


@pytest.mark.parametrize("s", [0, 1, _L - 1, _L, _L + 1, 2**252, 2**253, 2**255, 2**256 - 1, _L - S])
def test_another_s_does_not_hold(s: int) -> None:
    signature = R + s.to_bytes(32, "little")
    assert key(ED25519).verify(signature, MESSAGE) is peer_accepts(ED25519.public_key(), signature) is False


@pytest.mark.parametrize(
    "r",
    [bytes(32), b"\x01" + bytes(31), b"\xff" * 32, b"\xec" + b"\xff" * 30 + b"\x7f", b"\xed" + b"\xff" * 30 + b"\x7f"],
)
@pytest.mark.parametrize("s", [bytes(32), SIGNATURE[32:]])
def test_an_r_of_small_order_or_none_does_not_hold(r: bytes, s: bytes) -> None:
    assert key(ED25519).verify(r + s, MESSAGE) is peer_accepts(ED25519.public_key(), r + s) is False


@pytest.mark.parametrize("length", range(64))
def test_a_truncated_or_lengthened_signature_does_not_hold(length: int) -> None:
    assert not key(ED25519).verify(SIGNATURE[:length], MESSAGE)
    assert not key(ED25519).verify(SIGNATURE[length:], MESSAGE) or length == 0
    assert not key(ED25519).verify(SIGNATURE + bytes(length + 1), MESSAGE)
    assert not key(ED25519).verify(bytes(length + 1) + SIGNATURE, MESSAGE)


def test_the_sign_of_r_is_part_of_it() -> None:
    flipped = R[:31] + bytes([R[31] ^ 0x80])
    assert not key(ED25519).verify(flipped + SIGNATURE[32:], MESSAGE)


@pytest.mark.parametrize("message", [b"", bytes(1), MESSAGE[:-1], MESSAGE + b"\0", hashlib.sha512(MESSAGE).digest()])
def test_a_signature_is_over_one_message(message: bytes) -> None:
    assert not key(ED25519).verify(SIGNATURE, message)
    assert key(ED25519).verify(ED25519.sign(message), message)


def test_a_signature_of_one_kind_is_none_of_the_other() -> None:
    assert not key(ED25519).verify(P256.sign(MESSAGE, ec.ECDSA(hashes.SHA256())), MESSAGE)
    assert not key(P256).verify(SIGNATURE, MESSAGE)
