"""Signs with key files and with keys of an ssh-agent, and adds `occasio key`.

The keys are `keys/NAME.pem` below Occasio's home.  `default` signs bundles, `log` signs checkpoints, `witness`
cosigns those of others; these are made when they are first used.  Every other file there is a signer too, by its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from occasio_core import Signature, Signer, hookimpl
from occasio_sign_key.keyfile import DEFAULT, LOG, WITNESS, key_names, signing_key

if TYPE_CHECKING:
    import click


@dataclass(frozen=True, slots=True)
class KeySigner:
    """Signs with the key `name` of `home`; the file is not touched before there is something to sign."""

    name: str
    home: Path

    def sign(self, data: bytes, /) -> Signature:
        """Return a signature by the key; `default`, `log` and `witness` are made if they are not there.

        Raises `OccasioError` if the key's file or the ssh-agent cannot be used.
        """
        return signing_key(self.home, self.name).sign(data)


@hookimpl
def occasio_register_signers(home: Path) -> list[Signer]:
    """Return a signer for `default`, for `log`, for `witness`, and for every other key of `home`."""
    return [KeySigner(name, home) for name in dict.fromkeys([DEFAULT, LOG, WITNESS, *key_names(home)])]


@hookimpl
def occasio_register_commands(home: Path) -> list[click.Command]:
    """Return the group `key`."""
    from occasio_sign_key.commands import key_group  # click is slow to import, and signing does not need it

    return [key_group(home)]


__all__ = ["KeySigner", "occasio_register_commands", "occasio_register_signers"]
