"""One signature by sigstore-python: a token, a certificate, an entry in the log, a bundle.

Whatever goes wrong on the way is one error; the identity token is in none of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from occasio_core import KeylessRequest, KeylessSignature, OccasioError

if TYPE_CHECKING:
    from sigstore.models import ClientTrustConfig

_EXTRA = "pip install 'occasio[sigstore]'"
_AS_WHOM = "in GitHub Actions grant the job `id-token: write`; elsewhere give --oidc-token"


def sign(statement: bytes, request: KeylessRequest) -> KeylessSignature:
    """Return the Sigstore bundle over `statement`.  Raises `OccasioError`."""
    try:
        from sigstore.dsse import Statement
        from sigstore.oidc import IdentityToken
        from sigstore.sign import SigningContext
    except ImportError:
        raise OccasioError("signing keyless takes the extra `sigstore`", hint=_EXTRA) from None
    with _reported("the Sigstore instance cannot be used", "check --trust-config, or the network"):
        config = _config(request)
    with _reported("there is no identity token to sign with", _AS_WHOM):
        token = request.token or _ambient_token()
    with _reported(
        "the identity token cannot be used", "it is for `sigstore` as audience, and valid for minutes", token
    ):
        identity = IdentityToken(token)
    with (
        _reported("Sigstore did not sign", "nothing was written; try again, or sign with a key: --key NAME", token),
        SigningContext.from_trust_config(config).signer(identity) as signer,
    ):
        bundle = json.loads(signer.sign_dsse(Statement(statement)).to_json())
    return KeylessSignature(bundle=bundle, trusted_root=_trusted_root(config, request))


def _config(request: KeylessRequest) -> ClientTrustConfig:
    from sigstore.models import ClientTrustConfig

    if request.trust_config is None:
        return ClientTrustConfig.production()
    return ClientTrustConfig.from_json(request.trust_config.decode("utf-8"))


def _ambient_token() -> str:
    from sigstore.oidc import detect_credential

    token = detect_credential()
    if not token:
        raise LookupError("this is no CI job that Sigstore knows")
    return token


def _trusted_root(config: ClientTrustConfig, request: KeylessRequest) -> bytes:
    if request.trust_config is not None:
        return json.dumps(json.loads(request.trust_config)["trustedRoot"]).encode()
    return config.trusted_root._inner.to_json().encode()  # the library has no other way to say it


@contextmanager
def _reported(what: str, hint: str, token: str = "") -> Iterator[None]:
    """Say in one line what the library or a service refused."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the library lets through what its own libraries raise, of any type
        said = " ".join(str(error).split()) or type(error).__name__
        if token:
            said = said.replace(token, "the token")
        raise OccasioError(f"{what}: {said[:500]}", hint=hint) from None
