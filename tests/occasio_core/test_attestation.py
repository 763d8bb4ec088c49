"""Attesting a run: two files that verify together, or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sigstore.models import Bundle
from sigstore.verify import Verifier, policy
from sigstore_models.trustroot.v1 import TrustedRoot as Root

from occasio_core import KeylessSignature, SealError
from occasio_core.attestation import attest, signed_summary
from occasio_core.seal import Run, read_run
from occasio_verify import pae, verify_attestation
from tests.occasio_core.test_seal import NAMED, SIGNER
from tests.private_sigstore import PrivateSigstore
from tests.private_sigstore.signed import IDENTITY, root, sigstore_bundle
from tests.samples import RUN, run_of


@pytest.fixture(scope="module")
def sigstore() -> Iterator[PrivateSigstore]:
    with PrivateSigstore() as instance:
        yield instance


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return run_of(4).write(tmp_path / "log")


@pytest.fixture
def run(log: Path) -> Run:
    return read_run(log, RUN)


def keyless(sigstore: PrivateSigstore):
    return lambda data: KeylessSignature(bundle=sigstore_bundle(sigstore, data), trusted_root=root(sigstore))


def test_unsigned_there_is_one_file(run: Run, log: Path) -> None:
    made = attest(run)
    assert made.signed is None
    assert json.loads(made.attestation)["signature"] is None
    assert verify_attestation(made.attestation, None, log).verdict == "INTACT"


@pytest.mark.parametrize("plain", [False, True])
def test_a_key_signs_a_bundle_or_a_plain_envelope(run: Run, log: Path, plain: bool) -> None:
    made = attest(run, SIGNER, plain=plain)
    assert made.signed is not None
    assert ("payload" in json.loads(made.signed)) is plain
    assert verify_attestation(made.attestation, made.signed, log, NAMED).verdict == "VERIFIED"


def test_an_identity_signs_and_is_named_in_the_attestation(sigstore: PrivateSigstore, run: Run) -> None:
    made = attest(run, None, keyless(sigstore))
    assert json.loads(made.attestation)["signature"]["identity"] == IDENTITY == made.signed_by[0]
    assert json.loads(made.signed or b"")["verificationMaterial"]["certificate"]


def test_a_signature_that_does_not_fit_is_not_handed_out(sigstore: PrivateSigstore, run: Run) -> None:
    elsewhere = keyless(sigstore)(b'{"_type":"https://in-toto.io/Statement/v1","predicateType":"x","subject":[{"name":"x","digest":{"sha256":"x"}}]}')  # fmt: skip
    with pytest.raises(SealError, match="statement-mismatch"):
        attest(run, None, lambda _: elsewhere)


def test_sigstore_accepts_the_summary_of_a_run(sigstore: PrivateSigstore, run: Run) -> None:
    from sigstore.models import TrustedRoot

    made = signed_summary(run, attest(run).statement, SIGNER, keyless(sigstore))
    verifier = Verifier(trusted_root=TrustedRoot(Root.from_json(root(sigstore))))
    _, payload = verifier.verify_dsse(Bundle.from_json(made), policy.UnsafeNoOp())
    assert json.loads(payload)["predicate"]["verificationResult"] == "PASSED"


def test_a_key_signs_the_summary_of_a_run(run: Run) -> None:
    import base64

    made = json.loads(signed_summary(run, attest(run).statement, SIGNER, None))["dsseEnvelope"]
    payload, sig = base64.b64decode(made["payload"]), base64.b64decode(made["signatures"][0]["sig"])
    assert NAMED.keys[0].key.verify(sig, pae(made["payloadType"], payload))


def test_nobody_signs_no_summary(run: Run) -> None:
    with pytest.raises(SealError, match="nobody signs"):
        signed_summary(run, b"", None, None)
