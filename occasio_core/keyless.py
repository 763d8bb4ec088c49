"""Keyless signing as values: what a signer is asked for, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from occasio_verify import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class KeylessRequest:
    """How a Statement is to be signed: as whom, and by which instance.

    `token` is an OpenID Connect identity token, None for the one that the surroundings give (a CI job);
    `trust_config` is Sigstore's ClientTrustConfig as JSON, None for the public instance.
    """

    token: str | None = field(default=None, repr=False)
    trust_config: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeylessSignature:
    """A Sigstore bundle over the Statement, and the trusted root of the instance that made it."""

    bundle: Mapping[str, Json] = field(repr=False)
    trusted_root: bytes = field(repr=False)
