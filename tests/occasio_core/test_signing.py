"""What signers return is checked before it is used, and one that fails leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from occasio_core import KeylessSignature, OccasioError, SealError
from occasio_core.seal import read_run, seal
from occasio_core.signing import signatures
from occasio_verify import SigstoreUnavailable, verify_bundle
from tests.occasio_core.test_seal import LOG_SIGNER, SIGNER, policies
from tests.private_sigstore import PrivateSigstore
from tests.private_sigstore.signed import IDENTITY, ending, payload, root, sigstore_bundle, unsigned
from tests.samples import RUN, run_of

STATEMENT = payload(unsigned())


@pytest.fixture(scope="module")
def sigstore() -> Iterator[PrivateSigstore]:
    with PrivateSigstore() as instance:
        yield instance


def keyless(sigstore: PrivateSigstore, believed: bytes | None = None):
    """Return what signs through an instance; `believed` is the trusted root that it hands on."""
    return lambda statement: KeylessSignature(
        bundle=sigstore_bundle(sigstore, statement), trusted_root=believed or root(sigstore)
    )


def test_nobody_signs_where_nobody_is_asked_to() -> None:
    made = signatures(STATEMENT, None, None)
    assert (made.key_bundle, made.sigstore_bundle, made.block, made.signed_by) == (None, None, None, ())


def test_the_block_says_who_signed_according_to_the_certificate(sigstore: PrivateSigstore) -> None:
    made = signatures(STATEMENT, None, keyless(sigstore))
    assert made.block["identity"] == IDENTITY
    assert made.block["type"] == "sigstore-cosign-keyless"
    assert made.signed_by == (IDENTITY,)


def test_a_key_and_an_identity_may_both_sign(sigstore: PrivateSigstore) -> None:
    made = signatures(STATEMENT, SIGNER, keyless(sigstore))
    assert made.key_bundle is not None
    assert made.sigstore_bundle is not None
    assert len(made.signed_by) == 2


def test_a_sealed_run_with_both_signatures_verifies(sigstore: PrivateSigstore, tmp_path) -> None:
    run_of(4).write(tmp_path / "log")
    sealed = seal(read_run(tmp_path / "log", RUN), policies, LOG_SIGNER, SIGNER, keyless(sigstore))
    assert sealed.report.verdict == "VERIFIED"
    assert json.loads(sealed.bundle)["attestation"]["signature"]["identity"] == IDENTITY
    assert verify_bundle(sealed.bundle).verdict == "INTACT"


def test_a_signature_that_does_not_hold_is_not_used(sigstore: PrivateSigstore) -> None:
    with PrivateSigstore() as other, pytest.raises(SealError, match="the Sigstore signature does not hold"):
        signatures(STATEMENT, None, keyless(sigstore, root(other)))


def test_a_signature_over_something_else_is_not_used(sigstore: PrivateSigstore, tmp_path) -> None:
    run_of(4).write(tmp_path / "log")
    elsewhere = KeylessSignature(bundle=sigstore_bundle(sigstore, STATEMENT), trusted_root=root(sigstore))
    with pytest.raises(SealError, match="statement-mismatch"):
        seal(read_run(tmp_path / "log", RUN), policies, LOG_SIGNER, None, lambda _: elsewhere)


def test_a_run_whose_clock_is_ahead_is_not_sealed(sigstore: PrivateSigstore, tmp_path) -> None:
    ending("2999-01-01T00:00:00.000Z").write(tmp_path / "log")
    with pytest.raises(SealError, match="signature-time"):
        seal(read_run(tmp_path / "log", RUN), policies, LOG_SIGNER, None, keyless(sigstore))


def test_what_cannot_be_checked_here_is_not_used(sigstore: PrivateSigstore, monkeypatch: pytest.MonkeyPatch) -> None:
    made = KeylessSignature(bundle=sigstore_bundle(sigstore, STATEMENT), trusted_root=root(sigstore))

    def unavailable(*_: object) -> None:
        raise SigstoreUnavailable

    monkeypatch.setattr("occasio_core.signing.check_sigstore", unavailable)
    with pytest.raises(SealError) as refusal:
        signatures(STATEMENT, None, lambda _: made)
    assert "occasio[sigstore]" in refusal.value.hint


def test_what_a_signer_refuses_rises(sigstore: PrivateSigstore) -> None:
    def refusing(statement: bytes) -> KeylessSignature:
        raise OccasioError("no token")

    with pytest.raises(OccasioError, match="no token"):
        signatures(STATEMENT, SIGNER, refusing)
