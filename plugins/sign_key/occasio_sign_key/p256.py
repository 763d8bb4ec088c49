"""ECDSA P-256 private keys, as PKCS#8 (RFC 5915, RFC 5958).

All of it is done by `cryptography`, which the extra `sign` brings: an ECDSA signature whose nonce leaks in its timing
gives the key away, so there is no signing of one's own here.  Knows bytes; it does not know where keys are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from occasio_core import OccasioError, Signature

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

ALGORITHM = "ecdsa-p256-sha256"

# PrivateKeyInfo up to the ECPrivateKey inside: version 0, id-ecPublicKey, prime256v1 (RFC 5480 section 2.1.1)
_ALGORITHM_ID = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")


class NeedsLibraryError(OccasioError):
    """Raised where `cryptography` is not installed."""

    def __init__(self) -> None:
        super().__init__("keys for ECDSA P-256 take the library `cryptography`", hint="pip install 'occasio[sign]'")


@dataclass(frozen=True, slots=True)
class P256Key:
    """An ECDSA P-256 private key; `der` is its PKCS#8."""

    der: bytes = field(repr=False)

    @property
    def algorithm(self) -> str:
        """What signatures by this key are."""
        return ALGORITHM

    @property
    def spki(self) -> bytes:
        """The public key as SubjectPublicKeyInfo, DER.  Raises `NeedsLibraryError`."""
        _check_library()
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return _loaded(self.der).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, data: bytes) -> Signature:
        """Return the signature over SHA-256 of `data`, as DER.  Raises `NeedsLibraryError`."""
        _check_library()
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
        from cryptography.hazmat.primitives.hashes import SHA256

        return Signature(sig=_loaded(self.der).sign(data, ECDSA(SHA256())), public_key=self.spki)


def generate_p256() -> P256Key:
    """Return a new key from the system's random numbers.  Raises `NeedsLibraryError`."""
    _check_library()
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    key = generate_private_key(SECP256R1())
    return P256Key(key.private_bytes(form.Encoding.DER, form.PrivateFormat.PKCS8, form.NoEncryption()))


def parse_p256(der: bytes) -> P256Key | None:
    """Return the key that the PKCS#8 `der` holds, None if that is not a P-256 key.  Raises `NeedsLibraryError`."""
    if _ALGORITHM_ID not in der[:40]:
        return None
    _check_library()
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        key = load_der_private_key(der, None)
    except (ValueError, TypeError):
        return None
    is_p256 = isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1)
    return P256Key(der) if is_p256 else None


def _loaded(der: bytes) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    key = load_der_private_key(der, None)
    assert isinstance(key, EllipticCurvePrivateKey)
    return key


def _check_library() -> None:
    try:
        import cryptography.hazmat.primitives.asymmetric.ec  # noqa: F401
    except ImportError:
        raise NeedsLibraryError from None
