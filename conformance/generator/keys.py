"""The keys of the vectors: all of them published in RFCs, so that their signatures mean nothing anywhere else."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Key:
    """A key pair with the name of its file."""

    name: str
    private: Private

    @property
    def spki(self) -> bytes:
        """The SubjectPublicKeyInfo, DER."""
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def pem(self) -> bytes:
        """The same as PEM."""
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def hint(self) -> str:
        """H of SPEC section 9.3."""
        return base64.b64encode(hashlib.sha256(self.spki).digest()).decode()

    def sign(self, message: bytes) -> bytes:
        """Returns the signature, the same every time (RFC 8032; RFC 6979)."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(message)
        return self.private.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def secret_bytes(key: Key) -> bytes:
    """Returns the 32 secret bytes of an Ed25519 key."""
    return key.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())


def ed25519_key(name: str, secret: str) -> Key:
    """Returns an Ed25519 key from its 32 secret bytes in hex."""
    return Key(name, ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)))


ADA = ed25519_key("ada", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")  # RFC 8032 7.1 TEST 1
EVE = ed25519_key("eve", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")  # TEST 2
LOG = ed25519_key("log", "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")  # TEST 3
WITNESS = ed25519_key("witness", "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42")  # TEST SHA(abc)
# found by trying SHA-256("0"), SHA-256("1"), … for secrets: as `twin`, both have the key id e0a2a54d
TWINS = tuple(ed25519_key("twin", hashlib.sha256(number).hexdigest()) for number in (b"23013", b"95338"))
# RFC 6979 appendix A.2.5
BOB = Key(
    "bob", ec.derive_private_key(0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721, ec.SECP256R1())
)
ON_P384 = Key(
    "p384", ec.derive_private_key(0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721, ec.SECP384R1())
)


def rsa_spki() -> bytes:
    """Returns the SubjectPublicKeyInfo of an RSA key, a kind that SPEC does not know."""
    modulus = int.from_bytes(b"\xc1" + hashlib.sha512(b"modulus").digest() * 4) | 1
    return (
        rsa.RSAPublicNumbers(65537, modulus).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )


def pem(der: bytes, label: str = "PUBLIC KEY") -> bytes:
    """Returns RFC 7468 text."""
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[start : start + 64] for start in range(0, len(text), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n".encode()


def write_public_keys(folder: Path) -> None:
    """Writes the keys that sign bundles as NAME.pub."""
    folder.mkdir(exist_ok=True)
    for key in (ADA, EVE, BOB):
        (folder / f"{key.name}.pub").write_bytes(key.pem)
