"""The identity provider: tokens as GitHub Actions and e-mail providers issue them (OpenID Connect Core, section 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
AUDIENCE = "sigstore"


class Refused(Exception):
    """A request that the real service would answer with 400."""


class IdentityProvider:
    """Issues tokens, and says whether a token is one of them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def token(self, issuer: str, claims: Mapping[str, object]) -> str:
        now = int(self._clock())
        times = {"iat": now, "nbf": now - 5, "exp": now + 300}
        said = {"iss": issuer, "aud": AUDIENCE, **times, **claims}
        return jwt.encode(said, self._key, algorithm="RS256", headers={"kid": "1"})

    def github(self, repository: str, claims: Mapping[str, object]) -> str:
        """Return the token of a job of `attest.yml` on the branch `main`; `claims` differ from that."""
        ref, sha = "refs/heads/main", "a" * 40
        workflow = f"{repository}/.github/workflows/attest.yml@{ref}"
        said = {
            "sub": f"repo:{repository}:ref:{ref}",
            "repository": repository,
            "repository_id": "1001",
            "repository_owner": repository.partition("/")[0],
            "repository_owner_id": "2002",
            "repository_visibility": "public",
            "ref": ref,
            "sha": sha,
            "workflow": "attest",
            "workflow_ref": workflow,
            "workflow_sha": sha,
            "job_workflow_ref": workflow,
            "job_workflow_sha": sha,
            "event_name": "push",
            "run_id": "4242",
            "run_attempt": "1",
            "runner_environment": "github-hosted",
        }
        return self.token(GITHUB_ISSUER, said | claims)

    def checked(self, token: str, own_issuer: str) -> dict[str, Any]:
        """Return the claims of a token of this provider, within its time.  Raises `Refused`."""
        try:
            return jwt.decode(
                token,
                self._key.public_key(),
                algorithms=["RS256"],
                audience=AUDIENCE,
                issuer=[own_issuer, GITHUB_ISSUER],
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},  # its clock may be set wrong
            )
        except jwt.PyJWTError as error:
            raise Refused(f"There was an error processing the identity token: {error}") from error
