"""Signs Statements keyless, by Sigstore, and adds `occasio identity`.

The library `sigstore` comes with the extra of that name, and is imported when there is something to sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from occasio_core import KeylessRequest, KeylessSignature, KeylessSigner, hookimpl

if TYPE_CHECKING:
    import click


@dataclass(frozen=True, slots=True)
class SigstoreSigner:
    """Signs as a CI job or as a token says, by the public instance or another."""

    name: str = "sigstore"

    def sign_statement(self, statement: bytes, request: KeylessRequest, /) -> KeylessSignature:
        """Return the Sigstore bundle over `statement`.

        Raises `OccasioError` if nobody is there to sign as, a service refuses, or the extra is not installed.
        """
        from occasio_sign_sigstore.signing import sign  # slow to import: it brings the library

        return sign(statement, request)


@hookimpl
def occasio_register_keyless_signers() -> list[KeylessSigner]:
    """Return the one signer of this plugin."""
    return [SigstoreSigner()]


@hookimpl
def occasio_register_commands(home: Path) -> list[click.Command]:
    """Return the group `identity`."""
    from occasio_sign_sigstore.commands import identity_group  # click is slow to import, and signing does not need it

    return [identity_group(home)]


__all__ = ["SigstoreSigner", "occasio_register_commands", "occasio_register_keyless_signers"]
