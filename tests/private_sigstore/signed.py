"""Bundles signed by an unmodified sigstore-python through a private instance; nothing here is made by `occasio_core`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sigstore.dsse import Statement
from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityToken
from sigstore.sign import SigningContext

from occasio_verify import manifest, predicate, statement
from tests.private_sigstore.instance import PrivateSigstore
from tests.samples import POLICY, Log, canonical, run_of, sha256, start

IDENTITY = "https://github.com/octo/agent/.github/workflows/attest.yml@refs/heads/main"

Bundle = dict[str, Any]


def unsigned(log: Log | None = None) -> Bundle:
    """Return the bundle of a run, without a signature and not shown to be in a log."""
    rows = (log or run_of()).rows
    bundle = {
        "schema": "occasio-bundle/v1",
        "run_id": rows[0]["run_id"],
        "attestation": {**predicate(rows), "signature": None},
        "chain_slice": rows,
        "policy_snapshot": {"path": "/home/ada/.occasio/policy.yml", "sha256": sha256(POLICY.encode()), "text": POLICY},
        "policy_history": [],
        "log": None,
        "key_bundle": None,
        "sigstore_bundle": None,
        "generated_at": rows[-1]["ts"],
    }
    return mended(bundle)


def ending(ts: str) -> Log:
    """Return the log of a run that says to have ended at `ts`."""
    log = Log()
    start(log)
    log.append("run_ended", exit_code=0, reason="exit", ts=ts)
    return log


def mended(bundle: Mapping[str, Any]) -> Bundle:
    """Return the bundle with the manifest that fits, as an attacker would leave it."""
    return {**bundle, "manifest": manifest(bundle)}


def payload(bundle: Mapping[str, Any]) -> bytes:
    """Return the Statement about a bundle."""
    return statement(predicate(bundle["chain_slice"]), None)


def sigstore_bundle(sigstore: PrivateSigstore, data: bytes, token: str | None = None) -> Bundle:
    """Return the Sigstore bundle that sigstore-python makes of a Statement."""
    config = ClientTrustConfig.from_json(json.dumps(sigstore.client_trust_config()))
    identity = IdentityToken(sigstore.github_token() if token is None else token)
    with SigningContext.from_trust_config(config).signer(identity) as signer:
        return json.loads(signer.sign_dsse(Statement(data)).to_json())


def signed(sigstore: PrivateSigstore, bundle: Bundle | None = None, token: str | None = None) -> Bundle:
    """Return the bundle, signed."""
    bare = bundle or unsigned()
    return mended({**bare, "sigstore_bundle": sigstore_bundle(sigstore, payload(bare), token)})


def root(sigstore: PrivateSigstore) -> bytes:
    """Return the trusted root as a file has it."""
    return json.dumps(sigstore.trusted_root()).encode()


def written(bundle: Mapping[str, Any]) -> bytes:
    """Return the file."""
    return canonical(bundle) + b"\n"
