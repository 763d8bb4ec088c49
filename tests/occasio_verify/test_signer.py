"""Of several signatures each must hold, and one be by somebody whom the caller knows."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace

import pytest

from occasio_verify import Trust, TrustedKey, load_public_key, pae, verify_bundle
from tests.occasio_verify.test_certificate import GOOD, found, judged, named
from tests.private_sigstore import PrivateSigstore
from tests.private_sigstore.signed import Bundle, mended, payload, root, signed, sigstore_bundle, written
from tests.spec import worked_example as example


@pytest.fixture(scope="module")
def sigstore() -> Iterator[PrivateSigstore]:
    with PrivateSigstore() as instance:
        yield instance


@pytest.fixture(scope="module")
def bundle(sigstore: PrivateSigstore) -> Bundle:
    return signed(sigstore)


@pytest.fixture(scope="module")
def trust(sigstore: PrivateSigstore) -> Trust:
    return Trust(trusted_root=root(sigstore))


def with_key(bundle: Bundle, key: example.Key) -> Bundle:
    """Return the bundle, signed by a key as well."""
    data = payload(bundle)
    sig = key.private.sign(pae("application/vnd.in-toto+json", data))
    envelope = {
        "payload": base64.b64encode(data).decode(),
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [{"keyid": key.hint, "sig": base64.b64encode(sig).decode()}],
    }
    material = {"publicKey": {"hint": key.hint}, "tlogEntries": []}
    kind = "application/vnd.dev.sigstore.bundle.v0.3+json"
    return mended(
        {**bundle, "key_bundle": {"dsseEnvelope": envelope, "mediaType": kind, "verificationMaterial": material}}
    )


def test_of_two_signatures_both_must_hold_and_one_be_known(
    sigstore: PrivateSigstore, bundle: Bundle, trust: Trust
) -> None:
    key = example.Key(example.SIGNING_KEY)
    ada = (TrustedKey("ada", load_public_key(key.pem.encode())),)
    both = with_key(bundle, key)
    assert verify_bundle(written(both), replace(trust, keys=ada, named=True)).signer == "ada"
    assert judged(both, replace(trust, keys=ada, named=True)) == ("VERIFIED", GOOD, GOOD)
    assert judged(both, replace(named(trust), keys=ada))[0] == "VERIFIED"
    assert judged(both, named(trust)) == ("INTACT", ("not-checked", "signer-unknown"), GOOD)
    with PrivateSigstore() as other:
        foreign = mended({**both, "sigstore_bundle": sigstore_bundle(other, payload(both))})
    report = verify_bundle(written(foreign), replace(trust, keys=ada, named=True))
    assert (report.verdict, report.signer) == ("FAILED", None)
    assert found(report)["signature"] == ("fail", "signature-invalid")
