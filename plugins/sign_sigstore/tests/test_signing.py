"""Keyless signing through a private Sigstore instance: as whom, by which log, and how it fails."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import occasio_sign_sigstore
from occasio_core import KeylessRequest, KeylessSignature, KeylessSigner, OccasioError
from occasio_sign_sigstore import SigstoreSigner, occasio_register_keyless_signers
from occasio_verify import check_sigstore
from tests.private_sigstore import GITHUB_ISSUER, PrivateSigstore
from tests.private_sigstore.signed import IDENTITY, payload, unsigned

STATEMENT = payload(unsigned())


@pytest.fixture(scope="module", params=[1, 2], ids=["rekor 1", "rekor 2"])
def sigstore(request: pytest.FixtureRequest) -> Iterator[PrivateSigstore]:
    with PrivateSigstore(rekor=request.param) as instance:
        yield instance


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"):
        monkeypatch.delenv(name, raising=False)


def config(sigstore: PrivateSigstore) -> bytes:
    return json.dumps(sigstore.client_trust_config()).encode()


def signed(sigstore: PrivateSigstore, token: str | None) -> KeylessSignature:
    return SigstoreSigner().sign_statement(STATEMENT, KeylessRequest(token=token, trust_config=config(sigstore)))


def test_as_a_job_of_github_nothing_need_be_given(sigstore: PrivateSigstore, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sigstore.github_environment().items():
        monkeypatch.setenv(name, value)
    made = signed(sigstore, None)
    certified = check_sigstore(made.bundle, made.trusted_root)
    assert (certified.identity, certified.issuer, certified.repository) == (IDENTITY, GITHUB_ISSUER, "octo/agent")
    assert certified.payload == STATEMENT


def test_a_token_says_as_whom(sigstore: PrivateSigstore) -> None:
    made = signed(sigstore, sigstore.email_token("ada@local.test"))
    assert check_sigstore(made.bundle, made.trusted_root).identity == "ada@local.test"


def test_without_a_job_and_a_token_nobody_signs(sigstore: PrivateSigstore) -> None:
    before = list(sigstore.requests)
    with pytest.raises(OccasioError, match="no identity token") as refusal:
        signed(sigstore, None)
    assert "id-token: write" in refusal.value.hint
    assert sigstore.requests == before


def test_a_job_without_the_permission_is_told_which_one(
    sigstore: PrivateSigstore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    with pytest.raises(OccasioError, match="no identity token") as refusal:
        signed(sigstore, None)
    assert "id-token: write" in refusal.value.hint


def one_line(error: OccasioError, token: str) -> None:
    assert "\n" not in str(error)
    assert token not in str(error)
    assert error.hint


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_refused_before_anybody_is_asked(sigstore: PrivateSigstore, token: str) -> None:
    before = list(sigstore.requests)
    with pytest.raises(OccasioError) as refusal:
        signed(sigstore, token)
    one_line(refusal.value, token or "no token at all")
    assert sigstore.requests == before


def test_a_token_of_somebody_elses_provider_is_refused_by_the_service(sigstore: PrivateSigstore) -> None:
    with PrivateSigstore() as other:
        token = other.github_token()
    with pytest.raises(OccasioError, match="Sigstore did not sign") as refusal:
        signed(sigstore, token)
    one_line(refusal.value, token)


@pytest.mark.parametrize("claims", [{"aud": "other"}, {"exp": 1}, {"iat": 4102444800, "nbf": 4102444800}])
def test_a_token_for_another_purpose_or_time_is_refused(sigstore: PrivateSigstore, claims: dict[str, Any]) -> None:
    token = sigstore.github_token(**claims)
    with pytest.raises(OccasioError, match="the identity token cannot be used") as refusal:
        signed(sigstore, token)
    one_line(refusal.value, token)


def test_an_instance_that_is_gone_fails_the_signature() -> None:
    with PrivateSigstore() as gone:
        given, token = config(gone), gone.github_token()
    with pytest.raises(OccasioError, match="Sigstore did not sign") as refusal:
        SigstoreSigner().sign_statement(STATEMENT, KeylessRequest(token=token, trust_config=given))
    one_line(refusal.value, token)


@pytest.mark.parametrize("given", [b"", b"{", b"{}", b"[]", b"\xff", b'{"trustedRoot":1}'])
def test_what_is_no_configuration_is_refused(given: bytes) -> None:
    with pytest.raises(OccasioError, match="the Sigstore instance cannot be used") as refusal:
        SigstoreSigner().sign_statement(STATEMENT, KeylessRequest(token="x", trust_config=given))
    one_line(refusal.value, "no token at all")


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sigstore.sign", None)
    with pytest.raises(OccasioError, match="takes the extra `sigstore`") as refusal:
        SigstoreSigner().sign_statement(STATEMENT, KeylessRequest())
    assert refusal.value.hint == "pip install 'occasio[sigstore]'"


def test_there_is_one_signer() -> None:
    (signer,) = occasio_register_keyless_signers()
    assert isinstance(signer, KeylessSigner)
    assert signer.name == "sigstore"


def test_the_front_page_is_cheap_to_import() -> None:
    program = f"import sys, {occasio_sign_sigstore.__name__}; print({{'sigstore', 'cryptography'}} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "set()"
