"""Finds secrets in texts: keys of providers, private keys, passwords in URLs and assignments; encoded ones too.

Four scanners: `tokens` for what stands on a line, `private-keys` for blocks, `encoded` for both where they are spelled
in another way, and `entropy`, which a policy must ask for.
"""

from __future__ import annotations

from occasio_core import SecretScanner, hookimpl
from occasio_secrets.encoded import Encoded
from occasio_secrets.entropy import Entropy
from occasio_secrets.private_keys import PrivateKeys
from occasio_secrets.tokens import PATTERNS, Tokens


@hookimpl
def occasio_register_secret_scanners() -> list[SecretScanner]:
    """Return the scanners."""
    plain = (Tokens(), PrivateKeys())
    return [*plain, Encoded(plain), Entropy()]


__all__ = ["PATTERNS", "Encoded", "Entropy", "PrivateKeys", "Tokens", "occasio_register_secret_scanners"]
