"""The timestamp authority: signed times over a digest (RFC 3161; RFC 5652 for the signature around them)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.private_sigstore import der
from tests.private_sigstore.certificates import authority, builder, extended, instant, key_ids, key_usage, name

_SHA256 = "2.16.840.1.101.3.4.2.1"
_ECDSA_SHA256 = "1.2.840.10045.4.3.2"
_SIGNED_DATA = "1.2.840.113549.1.7.2"
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _DIGEST, _SIGNING_TIME = (f"1.2.840.113549.1.9.{number}" for number in (3, 4, 5))
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"
_POLICY = "1.3.6.1.4.1.57264.2"


class TimestampAuthority:
    """Root and leaf, and the answers to `/api/v1/timestamp`."""

    def __init__(self, clock: Callable[[str], float], start: float, rogue: frozenset[str]) -> None:
        self._clock, self._rogue = clock, rogue
        root, self._key = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP256R1())
        self.root = authority(name("tsa-root"), root, name("tsa-root"), root, start)
        leaf = builder(name("tsa"), name("tsa-root"), self._key.public_key(), instant(start), timedelta(days=3650))
        self.leaf = extended(
            leaf,
            [
                (key_usage(digital_signature=True), True),
                *key_ids(self._key.public_key(), root),
                (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),  # critical and alone: section 2.3
            ],
        ).sign(root, hashes.SHA384())

    def answer(self, request: bytes) -> bytes:
        imprint, nonce, wants_certificate = _asked(request)
        time = datetime.fromtimestamp(self._clock("tsa"), UTC)
        info = der.sequence(
            der.integer(1),
            der.oid(_POLICY),
            imprint,
            der.integer(secrets.randbits(120)),
            der.element(0x18, f"{time:%Y%m%d%H%M%SZ}".encode()),
            der.sequence(der.integer(1)),
            nonce,
        )
        certificate = self.leaf.public_bytes(Encoding.DER) if wants_certificate else b""
        signed = der.sequence(
            der.integer(3),
            der.set_of(der.sequence(der.oid(_SHA256))),
            der.sequence(der.oid(_TST_INFO), der.element(0xA0, der.octets(info))),
            der.element(0xA0, certificate) if certificate else b"",
            der.set_of(self._signer(info, time)),
        )
        token = der.sequence(der.oid(_SIGNED_DATA), der.element(0xA0, signed))
        return der.sequence(der.sequence(der.integer(0)), token)

    def _signer(self, info: bytes, time: datetime) -> bytes:
        issuer, serial = self.leaf.issuer.public_bytes(), der.integer(self.leaf.serial_number)
        attributes = sorted(
            der.sequence(der.oid(kind), der.set_of(value))
            for kind, value in (
                (_CONTENT_TYPE, der.oid(_TST_INFO)),
                (_SIGNING_TIME, der.element(0x17, f"{time:%y%m%d%H%M%SZ}".encode())),
                (_DIGEST, der.octets(hashlib.sha256(info).digest())),
                (_SIGNING_CERTIFICATE, self._certificate_id(issuer, serial)),
            )
        )
        key = ec.generate_private_key(ec.SECP256R1()) if "tsa" in self._rogue else self._key
        return der.sequence(
            der.integer(1),
            der.sequence(issuer, serial),
            der.sequence(der.oid(_SHA256)),
            der.element(0xA0, *attributes),
            der.sequence(der.oid(_ECDSA_SHA256)),
            der.octets(key.sign(der.element(0x31, *attributes), ec.ECDSA(hashes.SHA256()))),
        )

    def _certificate_id(self, issuer: bytes, serial: bytes) -> bytes:
        """Return the SigningCertificateV2 (RFC 5816) that names the leaf."""
        digest = hashlib.sha256(self.leaf.public_bytes(Encoding.DER)).digest()
        holder = der.sequence(der.sequence(der.element(0xA4, issuer)), serial)
        return der.sequence(der.sequence(der.sequence(der.octets(digest), holder)))


def _asked(request: bytes) -> tuple[bytes, bytes, bool]:
    """Return the imprint and the nonce as DER, and whether the certificate is wanted."""
    if request.startswith(b"{"):  # the dialect of JSON that sigstore-js speaks
        asked = json.loads(request)
        digest = base64.b64decode(asked["artifactHash"])
        imprint = der.sequence(der.sequence(der.oid(_SHA256)), der.octets(digest))
        return imprint, der.integer(int(asked.get("nonce") or 0)), bool(asked.get("certificates"))
    _, content, _ = der.read(request)
    _, (_, _, imprint), *others = der.elements(content)
    nonce = next((whole for tag, _, whole in others if tag == 0x02), b"")
    return imprint, nonce, any(tag == 0x01 and content != b"\0" for tag, content, _ in others)
