"""Sigstore signatures, checked offline against a trusted root that is given as bytes.

The check itself is made by the library `sigstore` of the extra of that name, imported only when there is such a
signature to check: without it nothing else of this package changes.  What that library leaves to its callers is done
here: which keys were in force at the time, every timestamp, and whose certificate it is.

Knows no Statement and not whom to trust; asks no network and reads no cache.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from occasio_verify.canonical import Json, canonical
from occasio_verify.errors import SignatureError
from occasio_verify.parse import parse_json

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse
    from sigstore.models import Bundle, TrustedRoot

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
GITHUB = "https://github.com/"
MAX_ROOT_BYTES = 1 << 20
ROOT_TYPE = "application/vnd.dev.sigstore.trustedroot"

_FULCIO = (
    "1.3.6.1.4.1.57264.1."  # what follows is DER in a UTF8String from .8 on, bare text before (Fulcio, oid-info.md)
)
_PUBLIC_LOG = "https://rekor.sigstore.dev"
_INSTANCES = ("tlogs", "certificateAuthorities", "ctlogs", "timestampAuthorities")


class SigstoreUnavailable(Exception):  # noqa: N818 - it is no error of the bundle
    """Raised where the library `sigstore` is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A signature that holds: what it is over, who made it according to the certificate, and when."""

    payload_type: str
    payload: bytes = field(repr=False)
    identity: str
    issuer: str
    repository: str | None
    """`OWNER/NAME` on GitHub, where the certificate has one."""
    first: datetime
    last: datetime
    """The earliest and the latest of the times that the log and timestamp authorities signed."""
    entry: str | None
    """Where the public log shows its entry, if that is the log."""


def shipped_root() -> bytes | None:
    """Return the trusted root of the public Sigstore instance that comes with this package; None if it does not."""
    import pkgutil  # only for this: it is slow to import

    try:
        return pkgutil.get_data("occasio_verify", "trusted_root.json")
    except OSError:
        return None


def check_root(data: bytes) -> None:
    """Raise `VerifyError` unless `data` is strict JSON that says it is a trusted root."""
    value = parse_json(data, max_bytes=MAX_ROOT_BYTES)
    kind = value.get("mediaType") if isinstance(value, Mapping) else None
    if not isinstance(kind, str) or not kind.startswith(ROOT_TYPE):
        raise SignatureError("signature-invalid", "not the trusted root of a Sigstore instance")


def check_sigstore(bundle: Json, trusted_root: bytes) -> Certified:
    """Return what the signature of a Sigstore bundle with a DSSE envelope shows.

    Raises `SigstoreUnavailable`, and `SignatureError` `signature-invalid` for everything else that goes wrong.
    """
    try:
        from sigstore.verify import Verifier  # the extra `sigstore`
    except ImportError:
        raise SigstoreUnavailable from None
    try:
        return _checked(canonical(bundle), trusted_root, Verifier)
    except (KeyboardInterrupt, MemoryError):
        raise
    except SignatureError:
        raise
    except BaseException as error:  # noqa: BLE001 - also what panics in native code: whatever it is, it is no "yes"
        reason = " ".join(str(error).split())
        raise SignatureError("signature-invalid", f"Sigstore: {reason or type(error).__name__}") from None


def _checked(data: bytes, trusted_root: bytes, verifier: type) -> Certified:
    from sigstore.models import Bundle, TrustedRoot
    from sigstore_models.trustroot.v1 import TrustedRoot as Root

    bundle = Bundle.from_json(data)
    times = _times(bundle)
    given = parse_json(trusted_root, max_bytes=MAX_ROOT_BYTES)
    root = TrustedRoot(Root.from_json(canonical(_in_force(cast("Mapping[str, Json]", given), times))))
    policy = _AnyCertificate()
    payload_type, payload = verifier(trusted_root=root).verify_dsse(bundle, policy)
    _check_timestamps(bundle, root)
    identity, issuer = _identity(policy.seen)
    return Certified(
        payload_type=payload_type,
        payload=payload,
        identity=identity,
        issuer=issuer,
        repository=_repository(policy.seen),
        first=min(times),
        last=max(times),
        entry=_entry(bundle, given),
    )


class _AnyCertificate:
    """A policy that keeps the certificate that was found to be good; whose it is, is compared by the caller."""

    seen: Certificate

    def verify(self, cert: Certificate) -> None:
        self.seen = cert


def _times(bundle: Bundle) -> Sequence[datetime]:
    """Return every time that the bundle gives for its signature; each of them is shown to be signed later on."""
    times = [stamp.tst_info.gen_time for stamp in _timestamps(bundle)]
    entry = _log_entry(bundle)
    if entry.get("inclusionPromise") and entry.get("integratedTime"):  # without the promise nobody signed that time
        times.append(datetime.fromtimestamp(int(str(entry["integratedTime"])), UTC))
    if not times:
        raise SignatureError("signature-invalid", "neither a log nor a timestamp authority says when this was signed")
    return times


def _timestamps(bundle: Bundle) -> Sequence[TimeStampResponse]:
    data = bundle.verification_material.timestamp_verification_data
    return data.rfc3161_timestamps if data else ()


def _log_entry(bundle: Bundle) -> Mapping[str, Json]:
    """Return the log's entry as the library understood it, in the spelling of the protocol."""
    material = cast("Mapping[str, Mapping[str, Json]]", parse_json(bundle.to_json().encode()))["verificationMaterial"]
    (entry,) = cast("Sequence[Mapping[str, Json]]", material["tlogEntries"])
    return entry


def _in_force(root: Mapping[str, Json], times: Sequence[datetime]) -> dict[str, Json]:
    """Return the root without the services that were not in force at each of the times: the library takes them all."""
    return dict(root) | {
        name: [one for one in cast("Sequence[Mapping[str, Json]]", root.get(name, [])) if _was_valid(one, times)]
        for name in _INSTANCES
    }


def _was_valid(service: Mapping[str, Json], times: Sequence[datetime]) -> bool:
    holder = cast("Mapping[str, Json]", service.get("publicKey", service))
    window = cast("Mapping[str, str]", holder.get("validFor", {}))
    start, end = window.get("start"), window.get("end")
    return all((not start or _instant(start) <= time) and (not end or time <= _instant(end)) for time in times)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _check_timestamps(bundle: Bundle, root: TrustedRoot) -> None:
    """Refuse a timestamp that no known authority made: the library lets it pass if it has another time."""
    from rfc3161_client import VerificationError, VerifierBuilder

    chains = [authority.certificates(allow_expired=True) for authority in root.get_timestamp_authorities()]
    for stamp in _timestamps(bundle):
        for leaf, *others in chains:
            builder = VerifierBuilder().tsa_certificate(leaf).add_root_certificate((others or [leaf])[-1])
            for certificate in others[:-1]:
                builder = builder.add_intermediate_certificate(certificate)
            try:
                builder.build().verify_message(stamp, bundle.signature)
                break
            except VerificationError:
                continue
        else:
            raise SignatureError("signature-invalid", "a timestamp by an authority that the trusted root does not have")


def _identity(certificate: Certificate) -> tuple[str, str]:
    names = list(_names(certificate))
    if len(names) != 1:
        raise SignatureError("signature-invalid", f"the certificate is for {len(names)} identities, not for one")
    issuers = {issuer for issuer in (_claim(certificate, 8), _claim(certificate, 1)) if issuer is not None}
    if len(issuers) != 1:
        raise SignatureError("signature-invalid", f"the certificate names {len(issuers)} issuers, not one")
    return names[0], issuers.pop()


def _names(certificate: Certificate) -> Iterator[str]:
    from cryptography.x509 import OtherName, RFC822Name, SubjectAlternativeName, UniformResourceIdentifier

    for name in certificate.extensions.get_extension_for_class(SubjectAlternativeName).value:
        match name:
            case RFC822Name() | UniformResourceIdentifier():
                yield name.value
            case OtherName() if name.type_id.dotted_string == f"{_FULCIO}7":
                yield _utf8(name.value)
            case _:
                yield ""


def _repository(certificate: Certificate) -> str | None:
    uri, name = _claim(certificate, 12), _claim(certificate, 5)
    if uri is None:
        return name
    return uri.removeprefix(GITHUB) if uri.startswith(GITHUB) and name in {None, uri.removeprefix(GITHUB)} else None


def _claim(certificate: Certificate, number: int) -> str | None:
    from cryptography.x509 import UnrecognizedExtension

    for extension in certificate.extensions:
        if extension.oid.dotted_string == f"{_FULCIO}{number}" and isinstance(extension.value, UnrecognizedExtension):
            value = extension.value.value
            return _utf8(value) if number >= 8 else value.decode("utf-8")
    return None


def _utf8(der: bytes) -> str:
    """Return the text of a DER UTF8String, which is all of `der`."""
    length, start = (der[1], 2) if der[1] < 0x80 else (int.from_bytes(der[2 : 2 + der[1] - 0x80]), 2 + der[1] - 0x80)
    if der[0] != 0x0C or len(der) != start + length:
        raise SignatureError("signature-invalid", "a claim in the certificate is not text")
    return der[start:].decode("utf-8")


def _entry(bundle: Bundle, root: Json) -> str | None:
    """Return the address of the entry, if the log is the public one and signed for the index."""
    entry = _log_entry(bundle)
    log_id = cast("Mapping[str, str]", entry["logId"])["keyId"]
    logs = cast("Mapping[str, Sequence[Mapping[str, Json]]]", root)["tlogs"]
    public = [log for log in logs if log.get("baseUrl") == _PUBLIC_LOG]
    if not entry.get("inclusionPromise") or not any(_id(log) == base64.b64decode(log_id) for log in public):
        return None
    return f"https://search.sigstore.dev/?logIndex={entry['logIndex']}"


def _id(log: Mapping[str, Json]) -> bytes:
    return base64.b64decode(cast("Mapping[str, str]", log["logId"])["keyId"])
