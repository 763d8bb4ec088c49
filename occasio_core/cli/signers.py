"""Who signs, as the command line says it: the options, and the signers that they name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from occasio_core.errors import UsageError

if TYPE_CHECKING:
    from occasio_core.interfaces import KeylessSigner, Signer
    from occasio_core.plugins import Registry
    from occasio_core.signing import Keyless

OF_THE_LOG = ("log", "sign_key.log", "witness", "sign_key.witness")
TOKEN_VARIABLE = "OCCASIO_OIDC_TOKEN"  # noqa: S105 - a name
MAX_CONFIG_BYTES = 1 << 20

_MAX_TOKEN_CHARACTERS = 1 << 16
_Command = TypeVar("_Command", bound=Callable[..., object])


def keyless_options(command: _Command) -> _Command:
    """Add `--sign` and what goes with it to a command."""
    options = (
        click.option(
            "--sign", is_flag=True, help="Sign keyless, by Sigstore: as this CI job, or as --oidc-token says."
        ),
        click.option(
            "--oidc-token",
            envvar=TOKEN_VARIABLE,
            metavar="TOKEN",
            help=f"The identity token to sign as; `-` reads it from stdin.  [env: {TOKEN_VARIABLE}]",
        ),
        click.option(
            "--trust-config",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="A Sigstore instance of your own (ClientTrustConfig), instead of the public one.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


vsa_option = click.option(
    "--vsa", is_flag=True, help="Also write a SLSA Verification Summary of the run, signed by the same signer."
)


def summary_file(path: Path) -> Path:
    """Return where the Verification Summary goes that belongs to the file `path`."""
    return path.with_name(f"{path.name.removesuffix('.json')}.vsa.sigstore.json")


def registry(place: Path) -> Registry:
    """Return what the plugins of Occasio add."""
    from occasio_core import plugins

    return plugins.collect(plugins.load([]), {}, place)


def key_signer(found: Registry, name: str) -> Signer:
    """Return the signer with the key `name`.  Raises `UsageError` if there is none."""
    full = name if "." in name else f"sign_key.{name}"
    if full not in found.signers:
        names = sorted(signer.removeprefix("sign_key.") for signer in found.signers if signer not in OF_THE_LOG)
        hint = f"make it with `occasio key new {name}`; there are: {', '.join(names)}"
        raise UsageError(f"no key `{name}`", hint=hint)
    return found.signers[full]


def bundle_signer(found: Registry, name: str) -> Signer:
    """Return the signer with the key `name`, which signs bundles.  Raises `UsageError`."""
    if name in OF_THE_LOG:
        raise UsageError(f"the key `{name}` signs checkpoints and nothing else", hint="leave --key out")
    return key_signer(found, name)


def keyless(found: Registry, sign: bool, token: str | None, trust_config: Path | None) -> Keyless | None:
    """Return what signs keyless as the options say, None without `--sign`.  Raises `UsageError`."""
    from occasio_core.keyless import KeylessRequest

    if not sign:
        check_no_keyless(trust_config)
        return None
    signer = _keyless_signer(found)
    config = None if trust_config is None else _bytes(trust_config)
    request = KeylessRequest(token=_token(token), trust_config=config)
    return lambda statement: signer.sign_statement(statement, request)


def check_no_keyless(trust_config: Path | None) -> None:
    """Raise `UsageError` if something is said about how to sign keyless all the same."""
    if trust_config is not None:
        raise UsageError("--trust-config goes with --sign", hint="say --sign too")


def _keyless_signer(found: Registry) -> KeylessSigner:
    for signer in found.keyless_signers.values():
        return signer
    raise UsageError("no plugin signs keyless", hint="`occasio plugins` lists what is loaded")


def _token(given: str | None) -> str | None:
    if given is None:
        return None
    token = (sys.stdin.read(_MAX_TOKEN_CHARACTERS) if given == "-" else given).strip()
    if not token:
        raise UsageError("the identity token is empty", hint="leave --oidc-token out to sign as this CI job")
    return token


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_CONFIG_BYTES + 1)
    except OSError as error:
        raise UsageError(f"`{path}` cannot be read: {error.strerror}") from error
    if len(data) > MAX_CONFIG_BYTES:
        raise UsageError(f"`{path}` is too large to be a ClientTrustConfig")
    return data
