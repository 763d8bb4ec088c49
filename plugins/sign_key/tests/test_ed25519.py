"""Ed25519 from the standard library gives what RFC 8032 and other implementations give."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_sign_key import ed25519

# RFC 8032 section 7.1: secret key, public key, message, signature.
_VECTORS = {
    "TEST 1": (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    "TEST 2": (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "TEST 3": (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    "TEST SHA(abc)": (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
}

_named = pytest.mark.parametrize("vector", [pytest.param(vector, id=name) for name, vector in _VECTORS.items()])
_seeds = st.binary(min_size=32, max_size=32)


@_named
def test_public_keys_are_those_of_the_rfc(vector: tuple[str, str, str, str]) -> None:
    seed, public, _, _ = vector
    assert ed25519.public_key(bytes.fromhex(seed)).hex() == public


@_named
def test_signatures_are_those_of_the_rfc(vector: tuple[str, str, str, str]) -> None:
    seed, _, message, signature = vector
    assert ed25519.sign(bytes.fromhex(seed), bytes.fromhex(message)).hex() == signature


@settings(max_examples=50, deadline=None)
@given(_seeds, st.binary(max_size=300))
def test_signatures_are_those_of_cryptography(seed: bytes, message: bytes) -> None:
    theirs = Ed25519PrivateKey.from_private_bytes(seed)
    assert ed25519.public_key(seed) == theirs.public_key().public_bytes_raw()
    assert ed25519.sign(seed, message) == theirs.sign(message)


@settings(max_examples=50, deadline=None)
@given(_seeds, st.binary(max_size=300))
def test_cryptography_accepts_the_signatures(seed: bytes, message: bytes) -> None:
    key = Ed25519PublicKey.from_public_bytes(ed25519.public_key(seed))
    key.verify(ed25519.sign(seed, message), message)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_private_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"32 bytes, not {size}"):
        ed25519.sign(bytes(size), b"")
