import base64
import hashlib
import random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from occasio_verify.errors import MalformedError, SignatureError
from occasio_verify.signature import (
    _ED25519_SPKI,
    _L,
    _N,
    _P,
    _P256_SPKI,
    _Q,
    MAX_KEY_BYTES,
    PublicKey,
    _ed25519_add,
    _ed25519_encoded,
    _ed25519_point,
    decode_base64,
    ed25519_public_key,
    load_public_key,
    pae,
)

MESSAGE = b"what the agent did"
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
P256 = ec.derive_private_key(0x0CCA510, ec.SECP256R1())
SIGNATURE = ED25519.sign(MESSAGE)
Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


def spki(private: Private | rsa.RSAPrivateKey, encoding: Encoding = Encoding.DER) -> bytes:
    return private.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


def key_of(private: Private) -> PublicKey:
    return load_public_key(spki(private))


def sign(private: Private, message: bytes) -> bytes:
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign(message)
    return private.sign(message, ec.ECDSA(hashes.SHA256()))


def peer_accepts(private: Private, signature: bytes, message: bytes) -> bool:
    """What PyPI cryptography, which is OpenSSL, makes of the signature."""
    public = private.public_key()
    try:
        if isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(signature, message)
        else:
            public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def code_of(data: bytes) -> str:
    """The code with which `data` is refused as a public key."""
    with pytest.raises(SignatureError) as caught:
        load_public_key(data)
    return caught.value.code


# RFC 8032 section 7.1: public key, message, signature
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
        "655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
        "b00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
        "c027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17a"
        "d9bef1177331a704",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_the_ed25519_signatures_of_rfc_8032_hold(public: str, message: str, signature: str) -> None:
    key = ed25519_public_key(bytes.fromhex(public))
    assert key.verify(bytes.fromhex(signature), bytes.fromhex(message))
    assert not key.verify(bytes.fromhex(signature), bytes.fromhex(message) + b"\0")


# RFC 6979 appendix A.2.5: message, r, s
RFC_6979_KEY = (
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
)
RFC_6979 = [
    (
        b"sample",
        0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,
        0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8,
    ),
    (
        b"test",
        0xF1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367,
        0x019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083,
    ),
]


def der(tag: int, content: bytes) -> bytes:
    assert len(content) < 0x80
    return bytes([tag, len(content)]) + content


def der_integer(number: int) -> bytes:
    return der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def ecdsa_signature(r: int, s: int) -> bytes:
    return der(0x30, der_integer(r) + der_integer(s))


@pytest.mark.parametrize(("message", "r", "s"), RFC_6979)
def test_the_p256_signatures_of_rfc_6979_hold(message: bytes, r: int, s: int) -> None:
    key = load_public_key(_P256_SPKI + bytes.fromhex(RFC_6979_KEY))
    assert key.verify(ecdsa_signature(r, s), message)
    assert key.verify(ecdsa_signature(r, _N - s), message)  # the twin that every ECDSA signature has
    assert not key.verify(ecdsa_signature(r, s), message + b"\0")


@pytest.mark.parametrize("number", range(30))
def test_signatures_by_random_keys_hold_for_their_message_alone(number: int) -> None:
    source = random.Random(number)
    message = source.randbytes(source.randrange(300))
    for private in (
        ed25519.Ed25519PrivateKey.from_private_bytes(source.randbytes(32)),
        ec.derive_private_key(source.randrange(1, _N), ec.SECP256R1()),
    ):
        signature = sign(private, message)
        assert key_of(private).verify(signature, message)
        assert not key_of(private).verify(signature, message + b"\0")


@pytest.mark.parametrize("private", [ED25519, P256], ids=["ed25519", "p256"])
def test_a_key_does_not_vouch_for_the_signature_of_another(private: Private) -> None:
    for other in (
        ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)),
        ec.derive_private_key(2, ec.SECP256R1()),
    ):
        assert not key_of(private).verify(sign(other, MESSAGE), MESSAGE)


@pytest.mark.parametrize("private", [ED25519, P256], ids=["ed25519", "p256"])
def test_every_bit_of_a_signature_is_judged_as_a_peer_judges_it(private: Private) -> None:
    signature, key = sign(private, MESSAGE), key_of(private)
    for place in range(0, 8 * len(signature), 5):
        flipped = bytearray(signature)
        flipped[place // 8] ^= 1 << place % 8
        assert key.verify(bytes(flipped), MESSAGE) is peer_accepts(private, bytes(flipped), MESSAGE) is False


@pytest.mark.parametrize("private", [ED25519, P256], ids=["ed25519", "p256"])
@pytest.mark.parametrize("length", [0, 1, 2, 7, 8, 32, 63, -1])
def test_a_cut_signature_does_not_hold(private: Private, length: int) -> None:
    assert not key_of(private).verify(sign(private, MESSAGE)[:length], MESSAGE)


@pytest.mark.parametrize("private", [ED25519, P256], ids=["ed25519", "p256"])
@settings(deadline=None, max_examples=60)
@given(signature=st.binary(max_size=80))
@example(signature=b"\x30\x06\x02\x01\x01\x02\x01\x01")
@example(signature=bytes(64))
@example(signature=b"\xff" * 64)
def test_whatever_the_bytes_they_are_not_a_signature(private: Private, signature: bytes) -> None:
    assert key_of(private).verify(signature, MESSAGE) is False


# Ed25519: what the equation alone would let pass


def test_an_ed25519_signature_has_one_s_only() -> None:
    s = int.from_bytes(SIGNATURE[32:], "little")
    for again in range(s + _L, 2**256, _L):
        assert not key_of(ED25519).verify(SIGNATURE[:32] + again.to_bytes(32, "little"), MESSAGE)


def test_an_ed25519_signature_with_bytes_behind_it_does_not_hold() -> None:
    assert not key_of(ED25519).verify(SIGNATURE + b"\0", MESSAGE)


def secret_scalar(private: ed25519.Ed25519PrivateKey) -> int:
    """RFC 8032 section 5.1.5."""
    number = int.from_bytes(hashlib.sha512(private.private_bytes_raw()).digest()[:32], "little")
    return number & (2**254 - 8) | 2**254


def forged(private: ed25519.Ed25519PrivateKey, public: bytes, r: bytes, nonce: int = 0) -> bytes:
    """The signature that has this R, and S as if `nonce` were its logarithm."""
    k = int.from_bytes(hashlib.sha512(r + public + MESSAGE).digest(), "little")
    return r + ((nonce + k * secret_scalar(private)) % _L).to_bytes(32, "little")


def test_an_r_that_is_not_canonically_encoded_does_not_hold() -> None:
    public = key_of(ED25519).spki[-32:]
    neutral, again = (1).to_bytes(32, "little"), (_P + 1).to_bytes(32, "little")
    assert key_of(ED25519).verify(forged(ED25519, public, neutral), MESSAGE)
    assert not key_of(ED25519).verify(forged(ED25519, public, again), MESSAGE)


def test_a_signature_that_holds_with_the_cofactor_only_does_not_hold() -> None:
    torsion = _ed25519_point(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"))
    honest = _ed25519_point(key_of(ED25519).spki[-32:])
    assert torsion is not None
    assert honest is not None
    public = _ed25519_encoded(_ed25519_add(honest, torsion))
    nonce = next(n for n in range(1, 100) if challenge(commitment(n), public) % 8)
    signature = forged(ED25519, public, commitment(nonce), nonce)
    assert not ed25519_public_key(public).verify(signature, MESSAGE)


def commitment(nonce: int) -> bytes:
    """The encoding of [nonce]B."""
    base = _ed25519_point(b"\x58" + b"\x66" * 31)
    assert base is not None
    point = base
    for _ in range(nonce - 1):
        point = _ed25519_add(point, base)
    return _ed25519_encoded(point)


def challenge(r: bytes, public: bytes) -> int:
    return int.from_bytes(hashlib.sha512(r + public + MESSAGE).digest(), "little") % _L


SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
NO_POINT = [
    "0100000000000000000000000000000000000000000000000000000000000080",  # x = 0 with a sign
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # y = p, for 0
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # y = p + 1, for 1
    "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # y = p + 3, for 3, which is on the curve
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0200000000000000000000000000000000000000000000000000000000000000",  # no x for this y
]


@pytest.mark.parametrize("raw", SMALL_ORDER + NO_POINT)
def test_a_point_under_which_anybody_can_sign_and_what_is_no_point_is_no_key(raw: str) -> None:
    assert code_of(_ED25519_SPKI + bytes.fromhex(raw)) == "key-form"


@pytest.mark.parametrize("raw", SMALL_ORDER)
def test_a_key_made_past_the_check_verifies_nothing(raw: str) -> None:
    key = PublicKey("ed25519", _ED25519_SPKI + bytes.fromhex(raw))
    assert not key.verify((1).to_bytes(32, "little") + bytes(32), MESSAGE)


# ECDSA: what a lenient decoder would let pass


R, S = RFC_6979[0][1:]
R_DER, S_DER = der_integer(R), der_integer(S)


@pytest.mark.parametrize(
    "signature",
    [
        ecdsa_signature(0, S),
        ecdsa_signature(R, 0),
        ecdsa_signature(0, 0),
        ecdsa_signature(_N, S),
        ecdsa_signature(R, _N),
        ecdsa_signature(R + _N, S),
        ecdsa_signature(R, S + _N),
        ecdsa_signature(1, 1),
        der(0x30, R_DER + S_DER + b"\x05\0"),
        der(0x30, R_DER + S_DER) + b"\0",
        b"\x30\x81" + bytes([len(R_DER + S_DER)]) + R_DER + S_DER,
        b"\x30\x80" + R_DER + S_DER + b"\0\0",
        der(0x30, b"\x02\x81\x21" + R_DER[2:] + S_DER),
        der(0x30, der(0x02, b"\0" + R_DER[2:]) + S_DER),
        der(0x30, R_DER + der(0x02, b"\0" + S_DER[2:])),
        der(0x30, der(0x02, R_DER[3:]) + S_DER),
        der(0x30, R_DER + der(0x02, S_DER[3:])),
        der(0x30, der(0x02, b"") + S_DER),
        der(0x30, R_DER),
        der(0x31, R_DER + S_DER),
        der(0x30, der(0x03, R_DER[2:]) + S_DER),
        der(0x30, R_DER + der(0x03, S_DER[2:])),
        der(0x30, S_DER + R_DER),
        R_DER + S_DER,
        R.to_bytes(32, "big") + S.to_bytes(32, "big"),
        ecdsa_signature(R, S)[:-1],
        b"\x30\xff" + R_DER + S_DER,
        b"\x30\x45\x02\xff" + R_DER + S_DER,
    ],
)
def test_an_ecdsa_signature_has_one_encoding_only(signature: bytes) -> None:
    key = load_public_key(_P256_SPKI + bytes.fromhex(RFC_6979_KEY))
    assert key.verify(signature, b"sample") is False


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 71), st.binary(max_size=3), st.integers(0, 3))
def test_a_changed_encoding_is_judged_as_a_peer_judges_it(place: int, inserted: bytes, removed: int) -> None:
    signature = sign(P256, MESSAGE)
    changed = signature[:place] + inserted + signature[place + removed :]
    assert key_of(P256).verify(changed, MESSAGE) == peer_accepts(P256, changed, MESSAGE)


def test_a_sum_at_infinity_verifies_nothing() -> None:
    # with the key -[e]G and r = s = 1 the two multiples cancel out
    digest = int.from_bytes(hashlib.sha256(MESSAGE).digest(), "big") % _N
    private = ec.derive_private_key(_N - digest, ec.SECP256R1())
    assert not key_of(private).verify(ecdsa_signature(1, 1), MESSAGE)


@pytest.mark.parametrize("secret", [1, 2, _N - 1, _N - 2])
def test_a_key_beside_the_base_point_needs_no_special_case(secret: int) -> None:
    private = ec.derive_private_key(secret, ec.SECP256R1())
    assert key_of(private).verify(sign(private, MESSAGE), MESSAGE)


P256_X, P256_Y = (bytes.fromhex(RFC_6979_KEY[:64]), bytes.fromhex(RFC_6979_KEY[64:]))


@pytest.mark.parametrize(
    "point",
    [
        bytes(64),
        P256_X + P256_X,
        P256_X + P256_Y[:-1] + bytes([P256_Y[-1] ^ 1]),
        P256_X + P256_Y[:-1],
        P256_X + P256_Y + b"\0",
        b"",
        bytes(32) + _Q.to_bytes(32, "big"),
        (5 + _Q).to_bytes(32, "big") + bytes(32),
        b"\xff" * 64,
    ],
)
def test_what_is_no_point_of_p256_is_no_key(point: bytes) -> None:
    assert code_of(_P256_SPKI + point) == "key-form"
    assert not PublicKey("ecdsa-p256-sha256", _P256_SPKI + point).verify(sign(P256, MESSAGE), MESSAGE)


def test_a_coordinate_beyond_the_field_is_refused_though_it_reduces_to_a_point() -> None:
    x = next(x for x in range(1, 100) if pow(right_side(x), (_Q - 1) // 2, _Q) == 1)
    y = pow(right_side(x), (_Q + 1) // 4, _Q)
    assert load_public_key(_P256_SPKI + x.to_bytes(32, "big") + y.to_bytes(32, "big"))
    assert code_of(_P256_SPKI + (x + _Q).to_bytes(32, "big") + y.to_bytes(32, "big")) == "key-form"


def right_side(x: int) -> int:
    """x^3 - 3x + b of P-256."""
    return (x**3 - 3 * x + 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B) % _Q


# keys as files


@pytest.mark.parametrize("private", [ED25519, P256], ids=["ed25519", "p256"])
def test_a_key_is_read_from_each_of_its_forms(private: Private) -> None:
    pem = spki(private, Encoding.PEM)
    for form in (pem, pem.replace(b"\n", b"\r\n"), pem.rstrip(), b"\n  " + pem + b"\n", spki(private)):
        assert load_public_key(form).spki == spki(private)


def test_an_ssh_line_is_read_with_and_without_a_comment() -> None:
    line = ED25519.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    for form in (line, line + b"\n", line + " somebody@home, Zoë\n".encode()):
        assert load_public_key(form) == key_of(ED25519)


@pytest.mark.parametrize("private", [ED25519, P256], ids=["ed25519", "p256"])
def test_a_key_is_named_by_the_hash_of_what_a_peer_writes(private: Private) -> None:
    peer = load_der_public_key(key_of(private).spki).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert key_of(private).key_hint == base64.b64encode(hashlib.sha256(peer).digest()).decode()


def test_a_key_names_its_algorithm() -> None:
    assert [key_of(ED25519).algorithm, key_of(P256).algorithm] == ["ed25519", "ecdsa-p256-sha256"]


PEM = spki(ED25519, Encoding.PEM)
RAW = spki(ED25519)[-32:]
SSH = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + RAW)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\xff\xfe",
        RAW,
        base64.b64encode(spki(ED25519)),
        ED25519.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        ED25519.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        PEM.replace(b"PUBLIC KEY", b"CERTIFICATE"),
        PEM.replace(b"PUBLIC KEY", b"RSA PUBLIC KEY"),
        PEM + PEM,
        PEM + b"x",
        b"x" + PEM,
        PEM.replace(b"-----END PUBLIC KEY-----", b""),
        b"-----BEGIN PUBLIC KEY-----END PUBLIC KEY-----",
        b"-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----",
        PEM.replace(b"=", b""),
        PEM.replace(b"M", b"!", 1),
        PEM.replace(b"M", b"M\xe2\x80\xa8", 1),
        b"\xc2\xa0" + PEM,
        spki(ED25519) + b"\0",
        spki(ED25519)[:-1],
        spki(P256) + b"\0",
        bytes.fromhex("302c300706032b65700500032100") + RAW,
        bytes.fromhex("30812a300506032b6570032100") + RAW,
        spki(ec.derive_private_key(3, ec.SECP384R1())),
        spki(ec.derive_private_key(3, ec.SECP256K1())),
        spki(rsa.generate_private_key(65537, 1024)),
        bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
        + P256.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint),
        b"ssh-ed25519",
        b"ssh-ed25519 ",
        b"ssh-ed25519 " + base64.b64encode(RAW),
        b"ssh-ed25519 " + base64.b64encode(spki(ED25519)),
        b"ssh-ed25519 " + SSH[:-4],
        b"ssh-ed25519 " + SSH + b"\nssh-ed25519 " + SSH,
        b"ssh-rsa " + SSH,
        b"ecdsa-sha2-nistp256 " + SSH,
        PEM + b" " * MAX_KEY_BYTES,
    ],
    ids=range(37),
)
def test_what_is_not_exactly_a_public_key_file_is_refused(data: bytes) -> None:
    assert code_of(data) == "key-form"


@settings(deadline=None, max_examples=150)
@given(
    st.binary(max_size=100)
    | st.builds(
        lambda prefix, rest: prefix + rest,
        st.sampled_from([_ED25519_SPKI, _P256_SPKI, PEM[:40], b"ssh-ed25519 "]),
        st.binary(max_size=70),
    )
)
def test_whatever_the_bytes_only_a_refusal_is_raised(data: bytes) -> None:
    try:
        key = load_public_key(data)
    except SignatureError as error:
        assert error.code == "key-form"
    else:
        assert key.verify(SIGNATURE, MESSAGE) is False


# what is signed


def test_the_signed_bytes_of_dsse_are_those_of_its_own_example() -> None:
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pae("http://example.com/HelloWorld", b"hello world") == expected


def test_the_lengths_in_the_signed_bytes_count_bytes() -> None:
    assert pae("é", "\U0001f600".encode()) == b"DSSEv1 2 \xc3\xa9 4 \xf0\x9f\x98\x80"
    assert pae("", b"") == b"DSSEv1 0  0 "


@settings(deadline=None)
@given(st.binary(max_size=50))
def test_base64_is_read_back(data: bytes) -> None:
    assert decode_base64(base64.b64encode(data).decode()) == data


@pytest.mark.parametrize(
    "text",
    ["QQ", "QQ=", "QR==", "QQ===", "QQ==\n", " QQ==", "Q Q==", "QUJ=", "_-8=", "QQ==QQ==", "=", "====", "é", "Q\0=="],
)
def test_a_second_spelling_of_base64_is_refused(text: str) -> None:
    with pytest.raises(MalformedError, match=r"^base64: "):
        decode_base64(text)
