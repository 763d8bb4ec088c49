"""A private Sigstore instance on loopback: identity provider, Fulcio with a CT log, Rekor 1 and 2, a timestamp authority.

It speaks the public protocols, so an unmodified sigstore-python signs with it, and every verifier that is given its trusted root
accepts the result.  Every signature is real, and what the real services check of a request is checked; all keys live
in memory.  Bad evidence comes from services that misbehave: `rogue` names those that sign with a key that is in nobody's
root, `skew` sets the clocks of some of them forward or back by seconds.

    with PrivateSigstore() as sigstore:
        config = sigstore.client_trust_config()
        token = sigstore.github_token("octo/agent")
"""

from tests.private_sigstore.instance import PrivateSigstore
from tests.private_sigstore.tokens import GITHUB_ISSUER

__all__ = ["GITHUB_ISSUER", "PrivateSigstore"]
