"""Fulcio: certificates for whoever shows a token, each of them in a CT log (RFC 6962, Fulcio's oid-info.md).

The leaf is as the public instance issues it: an empty subject, the identity in a critical SAN, the token's claims in extensions
of Fulcio's own, and one SCT.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.private_sigstore import der
from tests.private_sigstore.tokens import GITHUB_ISSUER, Refused

FULCIO = "1.3.6.1.4.1.57264.1."
SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
MINUTES = 10

PrivateKey = ec.EllipticCurvePrivateKey
Extensions = list[tuple[x509.ExtensionType, bool]]


def spki(key: Any) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def instant(seconds: float) -> datetime:
    """Return the time in whole seconds, the same floor for all services: a certificate knows no fractions."""
    return datetime.fromtimestamp(int(seconds), UTC)


def name(common_name: str) -> x509.Name:
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "local.test")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def key_usage(**used: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{**dict.fromkeys(names, False), **used})


def key_ids(key: Any, parent: PrivateKey) -> Extensions:
    digest = x509.SubjectKeyIdentifier.from_public_key(parent.public_key()).digest
    return [
        (x509.SubjectKeyIdentifier.from_public_key(key), False),
        (x509.AuthorityKeyIdentifier(digest, None, None), False),
    ]


def builder(subject: x509.Name, issuer: x509.Name, key: Any, start: datetime, length: timedelta) -> Any:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + length)
    )


def extended(certificate: Any, extensions: Extensions) -> Any:
    for extension, critical in extensions:
        certificate = certificate.add_extension(extension, critical)
    return certificate


def authority(subject: x509.Name, key: PrivateKey, issuer: x509.Name, parent: PrivateKey, start: float) -> Any:
    """Return a CA's certificate; its own if `key` is `parent`."""
    usage: Extensions = [
        (key_usage(key_cert_sign=True, crl_sign=True), True),
        (x509.BasicConstraints(ca=True, path_length=None if key is parent else 0), True),
    ]
    made = builder(subject, issuer, key.public_key(), instant(start), timedelta(days=3650))
    return extended(made, usage + key_ids(key.public_key(), parent)).sign(parent, hashes.SHA384())


class Fulcio:
    """Root, intermediate, and the CT log that its certificates are in."""

    def __init__(self, clock: Callable[[str], float], start: float, rogue: frozenset[str]) -> None:
        self._clock, self._rogue = clock, rogue
        root, self._key = (ec.generate_private_key(ec.SECP384R1()) for _ in range(2))
        self._name = name("sigstore-intermediate")
        self.root = authority(name("sigstore"), root, name("sigstore"), root, start)
        self.intermediate = authority(self._name, self._key, name("sigstore"), root, start)
        self.ct_key = ec.generate_private_key(ec.SECP256R1())
        # sigstore-python looks at the SCT before it signs: of a rogue log it must believe the key
        self.signing_ct_key = ec.generate_private_key(ec.SECP256R1()) if "ct" in rogue else self.ct_key

    def answer(self, request: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to `/api/v2/signingCert`.  Raises `Refused`."""
        public = _proven_key(request, claims)
        identity, extensions = _identity(claims)
        start = instant(self._clock("fulcio"))
        leaf = extended(
            builder(x509.Name([]), self._name, public, start, timedelta(minutes=MINUTES)),
            [
                (key_usage(digital_signature=True), True),
                (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False),
                *key_ids(public, self._key),
                (x509.SubjectAlternativeName([identity]), True),
                *extensions,
            ],
        )
        key = ec.generate_private_key(ec.SECP384R1()) if "fulcio" in self._rogue else self._key
        # The SCT is over the certificate without it; the builder writes the same bytes again, so it is signed twice.
        bare = leaf.sign(key, hashes.SHA384()).tbs_certificate_bytes
        scts = x509.UnrecognizedExtension(SCT_LIST, der.octets(self._scts(bare)))
        chain = [leaf.add_extension(scts, critical=False).sign(key, hashes.SHA384()), self.intermediate, self.root]
        pems = [certificate.public_bytes(Encoding.PEM).decode() for certificate in chain]
        return {"signedCertificateEmbeddedSct": {"chain": {"certificates": pems}}}

    def _scts(self, certificate: bytes) -> bytes:
        """Return a list of one SCT for a precertificate (RFC 6962 sections 3.2 and 3.3)."""
        milliseconds = int(self._clock("ct") * 1000)
        signed = struct.pack("!BBQH", 0, 0, milliseconds, 1) + hashlib.sha256(spki(self._key)).digest()
        signed += len(certificate).to_bytes(3, "big") + certificate + b"\0\0"
        signature = self.signing_ct_key.sign(signed, ec.ECDSA(hashes.SHA256()))
        sct = b"\0" + hashlib.sha256(spki(self.ct_key)).digest() + struct.pack("!Q", milliseconds) + b"\0\0"
        sct += b"\x04\x03" + struct.pack("!H", len(signature)) + signature
        return struct.pack("!HH", len(sct) + 2, len(sct)) + sct


def _proven_key(request: Mapping[str, Any], claims: Mapping[str, Any]) -> ec.EllipticCurvePublicKey:
    """Return the key that whoever asks has shown to hold."""
    if "certificateSigningRequest" in request:  # as sigstore-python and sigstore-go ask
        csr = x509.load_pem_x509_csr(base64.b64decode(request["certificateSigningRequest"]))
        if not csr.is_signature_valid:
            raise Refused("The signature supplied in the request could not be verified")
        return csr.public_key()
    asked = request["publicKeyRequest"]  # as sigstore-js and cosign do
    public = load_pem_public_key(asked["publicKey"]["content"].encode())
    proof, subject = base64.b64decode(asked["proofOfPossession"]), claims.get("email", claims["sub"])
    try:
        public.verify(proof, subject.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Refused("The signature supplied in the request could not be verified") from None
    return public


def _identity(claims: Mapping[str, Any]) -> tuple[x509.GeneralName, Extensions]:
    """Return the SAN and the extensions for a token, as Fulcio has them for GitHub and for e-mail."""
    issuer = claims["iss"]
    common = {1: issuer, 8: issuer}
    if issuer != GITHUB_ISSUER:
        if not claims.get("email_verified"):
            raise Refused("email_verified claim missing")
        return x509.RFC822Name(claims["email"]), _claims(common)
    url = "https://github.com/"
    repository, workflow = claims["repository"], f"{url}{claims['job_workflow_ref']}"
    common |= {2: claims["event_name"], 3: claims["sha"], 4: claims["workflow"], 5: repository, 6: claims["ref"]}
    common |= {9: workflow, 10: claims["job_workflow_sha"], 11: claims["runner_environment"], 12: url + repository}
    common |= {13: claims["sha"], 14: claims["ref"], 15: claims["repository_id"], 16: url + claims["repository_owner"]}
    common |= {17: claims["repository_owner_id"], 18: url + claims["workflow_ref"], 19: claims["workflow_sha"]}
    run = f"{url}{repository}/actions/runs/{claims['run_id']}/attempts/{claims['run_attempt']}"
    common |= {20: claims["event_name"], 21: run, 22: claims["repository_visibility"]}
    return x509.UniformResourceIdentifier(workflow), _claims(common)


def _claims(values: Mapping[int, str]) -> Extensions:
    """Return the claims as extensions: bare text up to .7, a DER UTF8String from .8 on."""
    return [
        (
            x509.UnrecognizedExtension(
                x509.ObjectIdentifier(f"{FULCIO}{number}"), der.utf8(value) if number >= 8 else value.encode()
            ),
            False,
        )
        for number, value in sorted(values.items())
    ]
