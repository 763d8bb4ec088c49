"""The commands that make and check evidence: bundle, verify, audit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from occasio_core import home as places
from occasio_core.cli import signers
from occasio_core.cli.output import printed, talk
from occasio_core.cli.progress import reading
from occasio_core.cli.selecting import processors
from occasio_core.errors import SealError, UsageError
from occasio_core.files import write_whole

if TYPE_CHECKING:
    from occasio_core.seal import Run, Sealed
    from occasio_verify import Json

_GAPS = {
    "not-gated": "the agent told of it, and no door decided on it",
    "no-decision": "it has an outcome, and no decision before it",
    "no-outcome": "it was let through, and nothing came of it",
    "hook-silent": "it ran, and the hook that was set up said nothing",
    "proxy-silent": "the hook decided on it, and it never came through the proxy",
    "output-differs": "what the agent was about to send is not what the proxy got",
}

run_option = click.option("--run", "run_id", metavar="ID", help="The run (default: the last that started).")
log_option = click.option(
    "--log", type=click.Path(path_type=Path, dir_okay=False), help="The log (default: that of Occasio's home)."
)


@click.command()
@run_option
@log_option
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it (default: RUN.occasio.json)."
)
@click.option(
    "--key", metavar="NAME", help="The key that signs, made on first use (default: `default`; none if --sign)."
)
@click.option("--no-sign", is_flag=True, help="Leave the bundle unsigned: it will verify as INTACT, not as VERIFIED.")
@signers.keyless_options
@signers.vsa_option
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def bundle(
    run_id: str | None,
    log: Path | None,
    out: Path | None,
    key: str | None,
    no_sign: bool,
    sign: bool,
    oidc_token: str | None,
    trust_config: Path | None,
    vsa: bool,
    as_json: bool,
) -> None:
    """Seal a run into one file of evidence that anybody can verify offline."""
    from occasio_core import attestation, seal

    if no_sign and (sign or key or vsa):
        raise UsageError("--no-sign leaves the bundle unsigned", hint="leave out --no-sign, or --sign, --key and --vsa")
    place = places.prepared(places.home())
    found = signers.registry(place)
    named = key or (None if sign or no_sign else "default")
    signer = None if named is None else signers.bundle_signer(found, named)
    keyless = signers.keyless(found, sign, oidc_token, trust_config)
    run = read_run(run_id, log, for_bundle=True)
    sealed = seal.seal(run, _policies(place), signers.key_signer(found, "log"), signer, keyless)
    path = out or Path(f"{run.run_id}.occasio.json")
    summary = signers.summary_file(path) if vsa else None
    if summary is not None:
        write_whole(summary, attestation.signed_summary(run, sealed.statement, signer, keyless))
    write_whole(path, sealed.bundle)
    if log is None and sealed.log_vkey:
        _remember(place, sealed)
    if as_json:
        printed({"bundle": str(path), "run_id": run.run_id, "rows": len(run.rows), "signed": bool(sealed.signed_by)})
        return
    by = [f"key `{named}`"] if named else []
    by += [f"`{sealed.signed_by[-1]}`"] if keyless else []
    talk(f"run {run.run_id}: {len(run.rows)} rows, {'signed by ' + ' and '.join(by) if by else 'not signed'}")
    talk(f"check it with: python -m occasio_verify {path}")
    click.echo(str(path))


def _remember(place: Path, sealed: Sealed) -> None:
    """Keep the checkpoint of this home's own log: `audit verify` then sees if the log was cut or written anew."""
    from occasio_core.checkpoints import Noted, keep
    from occasio_verify import parse_checkpoint, parse_note

    tree = parse_checkpoint(parse_note(sealed.checkpoint).text)
    keep(place, Noted(note=sealed.checkpoint, tree=tree, vkey=sealed.log_vkey))


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify(arguments: Sequence[str]) -> None:
    """Check a bundle: the same as `python -m occasio_verify`."""
    from occasio_verify import main

    raise SystemExit(main(list(arguments)))


@click.group()
def audit() -> None:
    """Check or mend the log."""


@audit.command("coverage")
@run_option
@log_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def audit_coverage(run_id: str | None, log: Path | None, as_json: bool) -> None:
    """Say of which calls of a run the doors saw less than they should have.

    Exit codes: 0 no gaps, 1 gaps, 2 wrong use.
    """
    from occasio_verify import coverage

    run = read_run(run_id, log)
    found = coverage(row.fields for row in run.rows)
    if as_json:
        gaps: list[Json] = [{"call_id": gap.call_id, "gap": gap.kind.value, "tool": gap.tool} for gap in found.gaps]
        printed({"calls": found.calls, "gaps": gaps, "run_id": run.run_id})
    for gap in () if as_json else found.gaps:
        click.echo(f"{gap.kind.value:<15} {gap.tool or '?'}  {gap.call_id}  ({_GAPS[gap.kind.value]})")
    talk(f"run {run.run_id}: {found.calls} calls, {len({gap.call_id for gap in found.gaps})} with gaps")
    click.get_current_context().exit(1 if found.gaps else 0)


@audit.command("verify")
@click.option(
    "--log",
    "--file",
    "log",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The log (default: that of Occasio's home).",
)
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A checkpoint that the log must extend (default: the last of this home; where the trust file asks for "
    "witnesses, the last that they cosigned).",
)
@click.option(
    "--jobs", type=int, metavar="N", help="Processes that share a long log (default: one for each processor)."
)
@click.option("--integrity-only", is_flag=True, help="Exit 0 for INTACT too.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def audit_verify(
    log: Path | None, checkpoint: Path | None, jobs: int | None, integrity_only: bool, as_json: bool
) -> None:
    """Check every row of the log, and that it extends the last checkpoint.

    Exit codes: 0 VERIFIED, 1 FAILED, 2 wrong use, 3 INTACT (no checkpoint to compare with).
    """
    from occasio_core import trustfile
    from occasio_verify import main

    place = places.home()
    remembered = places.checkpoint_path(place)
    if checkpoint is None and log is None:
        cosigned = places.cosigned_path(place)
        asks = cosigned.exists() and trustfile.read_trust(place).witnesses is not None
        checkpoint = cosigned if asks else remembered if remembered.exists() else None
    arguments = ["--log", str(log or places.log_path(place)), "--jobs", str(processors() if jobs is None else jobs)]
    arguments += ["--checkpoint", str(checkpoint)] if checkpoint else []
    arguments += ["--integrity-only"] if integrity_only else []
    arguments += ["--json"] if as_json else []
    raise SystemExit(main(arguments))


@audit.command("repair")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def audit_repair(as_json: bool) -> None:
    """Seal a torn end of the log, and close runs whose process died.

    Nothing is lost: what is cut off is kept beside the log.
    """
    from occasio_core.repair import repair

    done = repair(places.prepared(places.home()))
    if as_json:
        printed({"recovered": done.recovered, "closed": list(done.closed), "live": list(done.live)})
        return
    if done.recovered:
        talk(f"sealed: {done.recovered}")
    for run_id in done.closed:
        talk(f"closed run {run_id}, whose process is gone")
    for run_id in done.live:
        talk(f"left run {run_id} open: its process is alive")
    if not (done.recovered or done.closed):
        talk("nothing to repair")


def read_run(run_id: str | None, log: Path | None, *, for_bundle: bool = False) -> Run:
    """Return a run of a log, checked: the last one, of this home's own log, unless another is named.

    For a bundle it is shown under the checkpoint that witnesses cosigned, if one is behind it.
    Raises `UsageError` if there is no log, and what `seal.read_run` raises.
    """
    from occasio_core import seal

    path = log or places.log_path(places.home())
    if not path.exists():
        raise UsageError(f"no log at {path}", hint="start a run with `occasio run -- COMMAND` or `occasio claude`")
    # a log that does not extend its last checkpoint is not sealed: that of the bundle would take its place
    remembered = _kept(places.checkpoint_path(places.home())) if log is None else None
    cosigned = _kept(places.cosigned_path(places.home())) if log is None and for_bundle else None
    with reading(path) as progress:
        return seal.read_run(path, run_id or seal.last_run(path), progress, remembered=remembered, cosigned=cosigned)


def _kept(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _policies(place: Path) -> Callable[[str], str]:
    def text(sha256: str) -> str:
        path = places.policy_copy_path(place, sha256)
        try:
            return path.read_bytes().decode("utf-8")
        except (FileNotFoundError, UnicodeDecodeError):
            raise SealError(
                f"the policy {sha256[:16]}… that was in force is not kept any more", hint=f"put it back at {path}"
            ) from None

    return text
