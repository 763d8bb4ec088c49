"""Signatures and keys, SPEC section 9.3."""

import base64
import hashlib
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from generator import curves
from generator.cases import Case, Group, Json, accepted, refused
from generator.keys import ADA, BOB, EVE, ON_P384, Key, pem, rsa_spki

# RFC 8032 section 7.1: secret-less triples of public key, message and signature
RFC_8032 = {
    "test-1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    "test-2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "test-3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
}
ED25519_PREFIX = bytes.fromhex("302a300506032b6570032100")  # RFC 8410 section 4
ORDER_ED25519 = 2**252 + 27742317777372353535851937790883648493
PRIME_ED25519 = 2**255 - 19
# found as a root of d y^4 + 2 y^2 - 1, where the double has y = 0
ORDER_8_ED25519 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
# found as a root of x^3 - 3 x + b - 25
X_OF_Y_5 = 0xD7325D7646CD60D80A92738CEB345F844CFFAF35841022CAB176F692DE8DE1D7
ORDER_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
MESSAGE = b"what was signed"
NO_KEY = "key-form"
SSH_ED25519 = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"  # RFC 8709 section 4, up to the key


def signatures() -> Group:
    """Returns the group `signature`."""
    return Group(name="signature", clause="9.3", cases=list(signature_cases()))


def keys() -> Group:
    """Returns the group `key`."""
    return Group(name="key", clause="9.3", cases=list(key_cases()))


def signature_cases() -> Iterator[Case]:
    """Yields good signatures, forged ones and malformed ones, of both algorithms."""
    yield from ed25519_cases()
    yield from ecdsa_cases()
    yield from not_keys()


def ed25519_cases() -> Iterator[Case]:
    """Yields Ed25519."""
    for name, (public, message, signature) in RFC_8032.items():
        spki = ED25519_PREFIX + bytes.fromhex(public)
        yield good(
            f"signature-ed25519-{name}", "a vector of RFC 8032", spki, bytes.fromhex(message), bytes.fromhex(signature)
        )
    true = ADA.sign(MESSAGE)
    yield good("signature-ed25519", "a message of more than one byte", ADA.spki, MESSAGE, true)
    yield good("signature-ed25519-long", "a long message", ADA.spki, MESSAGE * 1000, ADA.sign(MESSAGE * 1000))
    s = int.from_bytes(true[32:], "little")
    identity = (1).to_bytes(32, "little")
    for name, why, signature in (
        ("bit-r", "a bit of R", flipped(true, 0)),
        ("bit-s", "a bit of S", flipped(true, 40)),
        ("other-key", "signed by another key", EVE.sign(MESSAGE)),
        ("zeros", "a signature of zeros", bytes(64)),
        ("empty", "no signature", b""),
        ("63-bytes", "a byte too short", true[:-1]),
        ("65-bytes", "a byte too long", true + b"\0"),
        (
            "s-plus-l",
            "S + L verifies where S is not compared with L",
            true[:32] + (s + ORDER_ED25519).to_bytes(32, "little"),
        ),
        ("s-is-l", "S = L", true[:32] + ORDER_ED25519.to_bytes(32, "little")),
        ("s-high-bits", "the high bits of S", true[:63] + bytes([true[63] | 0xE0])),
        ("r-not-on-curve", "R with a y that no point has", (2).to_bytes(32, "little") + true[32:]),
        ("r-identity", "R is the identity", identity + true[32:]),
    ):
        yield bad(f"signature-ed25519-{name}", why, ADA.spki, MESSAGE, signature)
    yield bad("signature-ed25519-other-message", "another message", ADA.spki, MESSAGE + b".", true)
    yield bad("signature-ed25519-no-message", "no message", ADA.spki, b"", true)
    yield from points_spelled_otherwise()
    yield from weak_keys()


def points_spelled_otherwise() -> Iterator[Case]:
    """Yields signatures that hold for whoever is lax about R: with R the identity, S = k times the secret will do."""
    public = ADA.spki[-32:]
    for name, why, r in (
        ("r-not-reduced", "R with y = p + 1 stands for the identity", PRIME_ED25519 + 1),
        ("r-minus-zero", "R with x = 0 and the sign of a negative x", 1 | 1 << 255),
        ("r-not-reduced-minus-zero", "both at once", PRIME_ED25519 + 1 | 1 << 255),
    ):
        encoded = r.to_bytes(32, "little")
        s = curves.challenge(encoded, public, MESSAGE) * curves.scalar(ADA) % ORDER_ED25519
        yield bad(f"signature-ed25519-{name}", why, ADA.spki, MESSAGE, encoded + s.to_bytes(32, "little"))
    twisted = curves.negated_twice(EVE.spki[-32:])
    s = (curves.scalar(EVE) + curves.challenge(twisted, public, MESSAGE) * curves.scalar(ADA)) % ORDER_ED25519
    why = "R with a part of order 2, which only the equation with the cofactor forgives"
    yield bad("signature-ed25519-cofactor", why, ADA.spki, MESSAGE, twisted + s.to_bytes(32, "little"))


def weak_keys() -> Iterator[Case]:
    """Yields public keys for which anybody can sign: with R the identity and S = 0, where k times the key is the identity."""
    identity = (1).to_bytes(32, "little")
    forged = identity + bytes(32)
    for name, why, number, order in (
        ("key-not-reduced", "y = p + 1 stands for the identity", PRIME_ED25519 + 1, 1),
        ("key-minus-zero", "x = 0 with the sign of a negative x", 1 | 1 << 255, 1),
        ("key-identity", "the identity", 1, 1),
        ("key-order-2", "a point of order 2", PRIME_ED25519 - 1, 2),
        ("key-order-4", "a point of order 4", 0, 4),
        ("key-order-4-negative", "the other point of order 4", 1 << 255, 4),
    ):
        point = number.to_bytes(32, "little")
        message = next(
            text
            for text in (b"%d" % tried for tried in range(100))
            if curves.challenge(identity, point, text) % order == 0
        )
        question = {"spki": (ED25519_PREFIX + point).hex(), "message": message.hex(), "signature": forged.hex()}
        yield refused("signature", "9.3", f"signature-ed25519-{name}", why, question, NO_KEY)


def ecdsa_cases() -> Iterator[Case]:
    """Yields ECDSA on P-256 with SHA-256."""
    # RFC 6979 appendix A.2.5, message "sample"
    published = encode_dss_signature(
        0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,
        0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8,
    )
    yield good("signature-p256-rfc-6979", "a vector of RFC 6979", BOB.spki, b"sample", published)
    true = BOB.sign(MESSAGE)
    yield good("signature-p256", "another message", BOB.spki, MESSAGE, true)
    r, s = decode_dss_signature(true)
    mirrored = encode_dss_signature(r, ORDER_P256 - s)
    yield good("signature-p256-other-s", "n - s is a signature, too", BOB.spki, MESSAGE, mirrored)
    yield from edges()
    whole = integer(r) + integer(s)
    for name, why, signature in (
        ("bit-r", "a bit of r", encode_dss_signature(r ^ 1, s)),
        ("bit-s", "a bit of s", encode_dss_signature(r, s ^ 1)),
        ("swapped", "r and s swapped", encode_dss_signature(s, r)),
        ("r-zero", "r = 0", encode_dss_signature(0, s)),
        ("s-zero", "s = 0", encode_dss_signature(r, 0)),
        ("both-zero", "r = s = 0", encode_dss_signature(0, 0)),
        ("r-plus-n", "r + n stands for r", encode_dss_signature(r + ORDER_P256, s)),
        ("s-plus-n", "s + n stands for s", encode_dss_signature(r, s + ORDER_P256)),
        ("r-is-n", "r = n", encode_dss_signature(ORDER_P256, s)),
        ("s-is-n", "s = n", encode_dss_signature(r, ORDER_P256)),
        ("r-negative", "r is negative", sequence(negative(r) + integer(s))),
        ("raw", "r and s as 64 bytes", r.to_bytes(32) + s.to_bytes(32)),
        ("empty", "no signature", b""),
        ("empty-sequence", "a sequence of nothing", sequence(b"")),
        ("one-integer", "r alone", sequence(integer(r))),
        ("three-integers", "a third integer", sequence(whole + integer(1))),
        ("trailing", "a byte behind the sequence", true + b"\0"),
        ("cut", "a byte too short", true[:-1]),
        ("ber-long-length", "a length in the long form where the short one does", b"\x30\x81" + true[1:]),
        ("ber-indefinite", "an indefinite length", b"\x30\x80" + whole + b"\0\0"),
        ("ber-leading-zero", "a leading zero in r", sequence(padded(r) + integer(s))),
        (
            "ber-integer-long-length",
            "a length in the long form in r",
            sequence(b"\x02\x81" + integer(r)[1:] + integer(s)),
        ),
        ("set", "a set for a sequence", b"\x31" + true[1:]),
        ("by-ed25519", "a signature of the other algorithm", ADA.sign(MESSAGE)),
    ):
        yield bad(f"signature-p256-{name}", why, BOB.spki, MESSAGE, signature)
    yield bad("signature-p256-other-message", "another message", BOB.spki, MESSAGE + b".", true)
    yield bad("signature-ed25519-by-p256", "a signature of the other algorithm", ADA.spki, MESSAGE, true)


def edges() -> Iterator[Case]:
    """Yields signatures with r and s at the edges of their range, under keys made to fit."""
    beyond = next(found for x in range(curves.N + 1, curves.Q) if (found := curves.on_p256(x)))
    small = next(found for x in range(1, 100) if (found := curves.on_p256(x)))
    for name, why, nonce, s in (
        ("x-beyond-n", "the nonce's abscissa is larger than n: r is what is left", beyond, 7),
        ("r-small", "a small r", small, 7),
        ("s-1", "s = 1", curves.G, 1),
        ("s-largest", "s = n - 1", curves.G, ORDER_P256 - 1),
        ("s-short", "s of fewer bytes", curves.G, 200),
    ):
        assert nonce is not None
        yield good(
            f"signature-p256-{name}",
            why,
            p256(curves.key_for(nonce, s, MESSAGE)),
            MESSAGE,
            encode_dss_signature(nonce[0] % ORDER_P256, s),
        )
    digest = int.from_bytes(hashlib.sha256(MESSAGE).digest())
    secret = BOB.private.private_numbers().private_value
    r = -digest * pow(secret, -1, ORDER_P256) % ORDER_P256
    why = "the sum of both points is infinity, which has no abscissa"
    yield bad("signature-p256-infinity", why, BOB.spki, MESSAGE, encode_dss_signature(r, 1))


def p256(point: curves.Point) -> bytes:
    """Returns the SubjectPublicKeyInfo of a point."""
    assert point is not None
    return BOB.spki[:-64] + point[0].to_bytes(32) + point[1].to_bytes(32)


def not_keys() -> Iterator[Case]:
    """Yields keys of kinds that SPEC does not know, and bytes that are no key."""
    point = BOB.spki[-64:]
    for name, why, spki in (
        ("empty", "no bytes", b""),
        ("raw", "32 bytes without their frame", ADA.spki[-32:]),
        ("trailing", "a byte behind the key", ADA.spki + b"\0"),
        ("cut", "a byte too short", ADA.spki[:-1]),
        ("p256-trailing", "a byte behind the key", BOB.spki + b"\0"),
        ("p256-cut", "a byte too short", BOB.spki[:-1]),
        ("rsa", "an RSA key", rsa_spki()),
        ("p384", "a key on another curve", ON_P384.spki),
        ("x25519", "a key that cannot sign", ADA.spki.replace(bytes.fromhex("2b6570"), bytes.fromhex("2b656e"))),
    ):
        yield keyless(name, why, spki, "key-form")
    off_curve = BOB.spki[:-1] + bytes([BOB.spki[-1] ^ 1])
    zero = curves.on_p256(0)
    assert zero is not None
    small = next(found for x in range(1, 100) if (found := curves.on_p256(x)))
    for name, why, spki in (
        ("off-curve", "a y that no point has", ED25519_PREFIX + (2).to_bytes(32, "little")),
        ("p256-off-curve", "a point that is not on the curve", off_curve),
        ("p256-not-reduced", "a coordinate beyond the field's prime", BOB.spki[:-64] + b"\xff" * 32 + point[32:]),
        (
            "p256-x-is-q",
            "the prime itself for an x of 0",
            BOB.spki[:-64] + curves.Q.to_bytes(32) + zero[1].to_bytes(32),
        ),
        (
            "p256-x-plus-q",
            "a small x and the prime",
            BOB.spki[:-64] + (small[0] + curves.Q).to_bytes(32) + small[1].to_bytes(32),
        ),
        ("p256-infinity", "the point at infinity", BOB.spki[:1] + bytes([BOB.spki[1] - 64]) + shortened_point(BOB)),
    ):
        yield keyless(name, why, spki, NO_KEY)


def keyless(name: str, why: str, spki: bytes, code: str | list[str]) -> Case:
    """Returns the case of a key that is none, with a signature that somebody might think holds."""
    question = {"spki": spki.hex(), "message": MESSAGE.hex(), "signature": ADA.sign(MESSAGE).hex()}
    return refused("signature", "9.3", f"signature-key-{name}", why, question, code)


def shortened_point(key: Key) -> bytes:
    """Returns what follows the outer length in a SubjectPublicKeyInfo whose point is the one byte 0."""
    frame = key.spki[2:-68]
    return frame + bytes.fromhex("03020000")


def key_cases() -> Iterator[Case]:
    """Yields key files."""
    for key in (ADA, BOB):
        yield accepted("key", "9.3", f"key-{key.name}", "the hint of a key", {"file": key.pem.hex()}, hint=key.hint)
    text = ADA.pem.decode()
    lax = text.replace("MC", " MC").replace("=", "=\n\n") if "=" in text else text.replace("MC", " M\nC")
    for name, why, file in (
        ("der", "DER", ADA.spki),
        ("lax", "white space where RFC 7468 forgives it", lax.encode()),
        ("crlf", "line ends of two bytes", text.replace("\n", "\r\n").encode()),
    ):
        yield accepted("key", "9.3", f"key-file-{name}", why, {"file": file.hex()}, hint=ADA.hint)
    for name, why, file in (
        ("empty", "an empty file", b""),
        ("two", "two keys in one file", ADA.pem + BOB.pem),
        ("not-pem", "no PEM", b"ssh-ed25519 AAAA ada\n"),
        (
            "private",
            "a private key",
            pem(bytes.fromhex("302e020100300506032b657004220420") + bytes(range(32)), "PRIVATE KEY"),
        ),
        ("certificate", "another label", pem(ADA.spki, "CERTIFICATE")),
        ("end-missing", "no end line", text.split("-----END")[0].encode()),
        ("not-base64", "no base64", text.replace("MC", "M!", 1).encode()),
        ("rsa", "an RSA key", pem(rsa_spki())),
        ("p384", "a key on another curve", ON_P384.pem),
        ("trailing-der", "a byte behind the key", pem(ADA.spki + b"\0")),
        ("too-large", "larger than a key file may be", ADA.pem + b"\n" * 2**20),
        ("byte-more", "a byte larger than a key file may be", ADA.pem.ljust(2**20 + 1, b"\n")),
        ("ssh-other-kind", "a line of another kind of key", ssh_line(SSH_ED25519.replace(b"19", b"18"))),
    ):
        request = {"file": shortened(file)}
        clause = "15" if name in ("too-large", "byte-more") else "9.3"
        yield refused("key", clause, f"key-{name}", why, request, "key-form")
    largest = {"file": shortened(ADA.pem.ljust(2**20, b"\n"))}
    yield accepted("key", "15", "key-file-largest", "as large as a key file may be", largest, hint=ADA.hint)
    yield from unsound_keys()


def ssh_line(frame: bytes) -> bytes:
    """Returns a line as OpenSSH keeps public keys."""
    return b"ssh-ed25519 %s ada\n" % base64.b64encode(frame + ADA.spki[-32:])


def unsound_keys() -> Iterator[Case]:
    """Yields well-framed keys that are no points, or points in a second spelling, or points for which anybody can sign."""
    for name, why, y in (
        ("off-curve", "a y that no point has", 2),
        ("y-plus-p", "y = p + 3 stands for y = 3", PRIME_ED25519 + 3),
        ("y-is-p", "y = p stands for y = 0", PRIME_ED25519),
        ("identity", "the identity", 1),
        ("minus-zero", "x = 0 with the sign of a negative x", 1 | 1 << 255),
        ("order-2", "a point of order 2", PRIME_ED25519 - 1),
        ("order-4", "a point of order 4", 0),
        ("order-8", "a point of order 8", ORDER_8_ED25519),
    ):
        yield unsound(f"ed25519-{name}", why, ED25519_PREFIX + y.to_bytes(32, "little"))
    frame, x, y_bob = BOB.spki[:-64], BOB.spki[-64:-32], BOB.spki[-32:]
    zero, small = curves.on_p256(0), next(found for x in range(1, 100) if (found := curves.on_p256(x)))
    assert zero is not None
    for name, why, point in (
        ("off-curve", "a point that is not on the curve", x + (int.from_bytes(y_bob) ^ 1).to_bytes(32)),
        ("x-is-q", "the prime itself for an x of 0", curves.Q.to_bytes(32) + zero[1].to_bytes(32)),
        ("x-plus-q", "a small x and the prime", (small[0] + curves.Q).to_bytes(32) + small[1].to_bytes(32)),
        ("y-plus-q", "a small y and the prime", X_OF_Y_5.to_bytes(32) + (5 + curves.Q).to_bytes(32)),
        ("long-y", "a zero before y", x + b"\0" + y_bob),
    ):
        yield unsound(f"p256-{name}", why, frame + point)


def unsound(name: str, why: str, spki: bytes) -> Case:
    """Returns the case of a key that is refused when it is read, as PEM."""
    return refused("key", "9.3", f"key-{name}", why, {"file": pem(spki).hex()}, "key-form")


def shortened(file: bytes) -> Json:
    """Returns the file in hex, its newlines at the end counted if they are many."""
    body = file.rstrip(b"\n")
    if len(file) - len(body) < 100:
        return file.hex()
    return {"repeat": [[body.hex(), 1], ["0a", len(file) - len(body)]]}


def integer(value: int) -> bytes:
    """Returns a DER INTEGER."""
    data = value.to_bytes(value.bit_length() // 8 + 1)
    return b"\x02" + bytes([len(data)]) + data


def padded(value: int) -> bytes:
    """Returns the same with a zero byte that DER forbids."""
    data = b"\0" + value.to_bytes(value.bit_length() // 8 + 1)
    return b"\x02" + bytes([len(data)]) + data


def negative(value: int) -> bytes:
    """Returns a DER INTEGER that is negative: `value` with its highest bit taken for a sign."""
    data = (value | 1 << 255).to_bytes(32)
    return b"\x02" + bytes([len(data)]) + data


def sequence(content: bytes) -> bytes:
    """Returns a DER SEQUENCE."""
    return b"\x30" + bytes([len(content)]) + content


def flipped(data: bytes, at: int) -> bytes:
    """Returns the bytes with a bit flipped."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def good(name: str, why: str, spki: bytes, message: bytes, signature: bytes) -> Case:
    """Returns the case of a signature that holds."""
    question = {"spki": spki.hex(), "message": message.hex(), "signature": signature.hex()}
    return accepted("signature", "9.3", name, why, question)


def bad(name: str, why: str, spki: bytes, message: bytes, signature: bytes) -> Case:
    """Returns the case of a signature that does not hold."""
    question = {"spki": spki.hex(), "message": message.hex(), "signature": signature.hex()}
    return refused("signature", "9.3", name, why, question, "signature-invalid")
