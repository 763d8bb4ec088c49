"""`occasio attest`: what a run did, in sum, as a file with its signature beside it; and checking such a pair."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from occasio_core import home as places
from occasio_core.cli import signers
from occasio_core.cli.evidence import log_option, read_run, run_option
from occasio_core.cli.output import talk
from occasio_core.errors import UsageError
from occasio_core.files import write_whole

if TYPE_CHECKING:
    from occasio_core.attestation import Attested
    from occasio_core.interfaces import Signer
    from occasio_core.signing import Keyless


@click.group(invoke_without_command=True)
@run_option
@click.option("--run-id", "run_id_long", metavar="ID", hidden=True)
@log_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it (default: stdout).")
@click.option("--key", metavar="NAME", help="Sign with this key; `default` is made on first use.")
@click.option("--dsse", is_flag=True, help="With --key: write a plain DSSE envelope, not a Sigstore bundle.")
@signers.keyless_options
@signers.vsa_option
@click.pass_context
def attest(
    context: click.Context,
    run_id: str | None,
    run_id_long: str | None,
    log: Path | None,
    out: Path | None,
    key: str | None,
    dsse: bool,
    sign: bool,
    oidc_token: str | None,
    trust_config: Path | None,
    vsa: bool,
) -> None:
    """Write the attestation of a run: what its rows say, in sum.  Unsigned, unless --key or --sign is given.

    The signature is a file beside it, OUT with .sigstore.json (or .dsse.json) for .json.
    """
    if context.invoked_subcommand is not None:
        return
    _check_use(out, key, sign=sign, dsse=dsse, vsa=vsa)
    signer, keyless = _signers(key, sign, oidc_token, trust_config)
    run = read_run(run_id or run_id_long, log)
    from occasio_core import attestation

    attested = attestation.attest(run, signer, keyless, plain=dsse)
    if out is None:
        sys.stdout.buffer.write(attested.attestation)
        return
    if vsa:
        write_whole(signers.summary_file(out), attestation.signed_summary(run, attested.statement, signer, keyless))
    _write(out, attested, ".dsse.json" if dsse else ".sigstore.json")
    by = f", signed by {attested.signed_by[0]}" if attested.signed_by else ""
    talk(f"attestation of run {run.run_id}{by}: {out}")


def _check_use(out: Path | None, key: str | None, *, sign: bool, dsse: bool, vsa: bool) -> None:
    if key and sign:
        raise UsageError("beside an attestation there is one signature", hint="give --key or --sign")
    if dsse and not key:
        raise UsageError("--dsse goes with --key", hint="a keyless signature is nothing without its bundle")
    if vsa and not (key or sign):
        raise UsageError("--vsa is signed by the same signer", hint="give --key or --sign")
    if out is None and (key or sign):
        raise UsageError("a signed attestation is two files", hint="--out FILE says where they go")


def _signers(
    key: str | None, sign: bool, token: str | None, trust_config: Path | None
) -> tuple[Signer | None, Keyless | None]:
    if key is None and not sign:
        signers.check_no_keyless(trust_config)
        return None, None
    found = signers.registry(places.prepared(places.home()))
    signer = None if key is None else signers.bundle_signer(found, key)
    return signer, signers.keyless(found, sign, token, trust_config)


def _write(out: Path, attested: Attested, suffix: str) -> None:
    """Write the signature first: an attestation that says that it is signed never stands alone."""
    if attested.signed is not None:
        write_whole(out.with_name(out.name.removesuffix(".json") + suffix), attested.signed)
    write_whole(out, attested.attestation)


@attest.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify(file: Path, arguments: Sequence[str]) -> None:
    """Check an attestation, its signature, and with --chain FILE the log that it speaks of.

    --bundle FILE names the signature; --key, --identity and all else is as in `occasio verify`.
    """
    from occasio_verify import main

    raise SystemExit(main(["--attestation", str(file), *arguments]))
