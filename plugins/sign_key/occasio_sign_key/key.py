"""One private key in memory, and the PEM that it is kept as (RFC 8410, RFC 7468).

Knows bytes and text.  It does not know where keys are kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass, field

from occasio_core import OccasioError, Signature
from occasio_sign_key import ed25519
from occasio_sign_key.p256 import P256Key, parse_p256

# All of the DER but the key itself, which comes last and is 32 bytes.
_PKCS8 = bytes.fromhex(
    "302e020100300506032b657004220420"
)  # PrivateKeyInfo, RFC 8410 section 7, as `openssl genpkey` has it
_SPKI = bytes.fromhex("302a300506032b6570032100")  # SubjectPublicKeyInfo, RFC 8410 section 4


class KeyFileError(OccasioError):
    """Raised when a key file cannot be used as it is."""


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """An Ed25519 private key."""

    seed: bytes = field(repr=False)

    @property
    def spki(self) -> bytes:
        """The public key as SubjectPublicKeyInfo, DER."""
        return _SPKI + ed25519.public_key(self.seed)

    @property
    def algorithm(self) -> str:
        """What signatures by this key are."""
        return "ed25519"

    @property
    def public_pem(self) -> str:
        """The public key as people hand it on."""
        return public_pem(self.spki)

    @property
    def der(self) -> bytes:
        """The private key as PKCS#8."""
        return _PKCS8 + self.seed

    @property
    def private_pem(self) -> str:
        """The private key as it is kept."""
        return private_pem(self.der)

    def sign(self, data: bytes) -> Signature:
        """Return the Ed25519 signature over `data`."""
        return Signature(sig=_signed(self.seed, data), public_key=self.spki)


def public_pem(spki: bytes) -> str:
    """Return a public key as people hand it on."""
    return _pem("PUBLIC KEY", spki)


def private_pem(der: bytes) -> str:
    """Return a private key, given as PKCS#8, as it is kept."""
    return _pem("PRIVATE KEY", der)


def generate() -> PrivateKey:
    """Return a new key from the system's random numbers."""
    return PrivateKey(secrets.token_bytes(ed25519.SEED_BYTES))


def fingerprint(spki: bytes) -> str:
    """Return the name of a public key in bundles: base64 of its SHA-256 (SPEC section 9.3)."""
    return base64.b64encode(hashlib.sha256(spki).digest()).decode("ascii")


def parse_private_key(data: bytes, place: str) -> PrivateKey | P256Key:
    """Return the key in `data`, the contents of the file `place`.

    Raises `KeyFileError` for everything but one Ed25519 or P-256 key in unencrypted PKCS#8 PEM, and
    `NeedsLibraryError` for the latter where the extra `sign` is not installed.
    """
    text = data.strip()
    for label, problem, hint in _OTHERS:
        if text.startswith(f"-----BEGIN {label}".encode()):
            raise KeyFileError(f"`{place}` {problem}", hint=hint)
    der = _der(text)
    if len(der) == len(_PKCS8) + ed25519.SEED_BYTES and der.startswith(_PKCS8):
        return PrivateKey(der[len(_PKCS8) :])
    key = parse_p256(der)
    if key is None:
        raise KeyFileError(f"`{place}` is not an Ed25519 or P-256 private key in PKCS#8 PEM", hint=_MAKE)
    return key


_MAKE = "`openssl genpkey -algorithm ed25519` writes one, and so does `occasio key new`"
_OTHERS = (
    ("ENCRYPTED PRIVATE KEY", "is encrypted", "`openssl pkey -in FILE -out FILE` takes the password off"),
    ("PUBLIC KEY", "is a public key, and cannot sign", "keep it elsewhere; `occasio key trust` accepts it"),
    (
        "OPENSSH PRIVATE KEY",
        "is a key of OpenSSH's own form",
        "`ssh-add` it, then `occasio key agent NAME`",
    ),
    ("EC PRIVATE KEY", "is a key of OpenSSL's older form", "`openssl pkcs8 -topk8 -nocrypt -in FILE` gives PKCS#8"),
)


def _signed(seed: bytes, data: bytes) -> bytes:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # the extra `sign`
    except ImportError:
        return ed25519.sign(seed, data)
    return Ed25519PrivateKey.from_private_bytes(seed).sign(data)


def _pem(label: str, der: bytes) -> str:
    return f"-----BEGIN {label}-----\n{base64.b64encode(der).decode('ascii')}\n-----END {label}-----\n"


def _der(pem: bytes) -> bytes:
    """Return what is between the two lines of a `PRIVATE KEY`, or nothing where they are not there."""
    first, *middle, last = pem.split(b"\n") if pem.count(b"\n") > 1 else (b"", b"", b"")
    if first.rstrip() != b"-----BEGIN PRIVATE KEY-----" or last != b"-----END PRIVATE KEY-----":
        return b""
    try:
        return base64.b64decode(b"".join(line.strip() for line in middle), validate=True)
    except binascii.Error:
        return b""
