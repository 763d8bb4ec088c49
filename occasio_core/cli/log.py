"""`occasio log`: checkpoints of the log, and proofs about it that others can check without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from occasio_core import home as places
from occasio_core.cli import signers
from occasio_core.cli.output import printed, talk
from occasio_core.errors import UsageError
from occasio_core.files import write_whole

if TYPE_CHECKING:
    from occasio_core.ledger import Ledger

_FILE = click.Path(path_type=Path, dir_okay=False)
out_option = click.option("--out", type=_FILE, help="Where to write it.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def log() -> None:
    """Checkpoints of the log, and proofs that others can check without it."""


@log.command("checkpoint")
@out_option
@json_option
def log_checkpoint(out: Path | None, as_json: bool) -> None:
    """Sign a checkpoint over all rows, keep it, and print it.

    Give it to somebody: `occasio audit verify --checkpoint FILE` says of any later log whether it extends this one.
    """
    from occasio_core.checkpoints import write_checkpoint

    with _own_log() as (place, ledger):
        noted = write_checkpoint(place, ledger, signers.key_signer(signers.registry(place), "log"))
    _give(noted.note, out, quiet=as_json)
    tree = noted.tree
    if as_json:
        printed({"origin": tree.origin, "size": tree.size, "root": tree.root.hex(), "note": noted.note.decode()})
    talk(f"checkpoint of {tree.size} rows of {tree.origin}")


@log.command("vkey")
def log_vkey() -> None:
    """Print the key that signs the log's checkpoints, as witnesses and verifiers take it (C2SP vkey)."""
    from occasio_core.checkpoints import origin
    from occasio_verify import VerifierKey, format_vkey, load_public_key

    with _own_log() as (place, ledger):
        name = origin(ledger)
        key = load_public_key(signers.key_signer(signers.registry(place), "log").sign(b"").public_key)
    click.echo(format_vkey(VerifierKey(name, key)))


@log.command("prove")
@click.argument("row")
@click.option("--row-out", type=_FILE, help="Where to write the row (default: POSITION.json).")
@click.option("--out", type=_FILE, help="Where to write the proof (default: POSITION.tlog-proof).")
@json_option
def log_prove(row: str, row_out: Path | None, out: Path | None, as_json: bool) -> None:
    """Write a proof (C2SP tlog-proof) that ROW is in the log: its position, counted from 0, or its hash.

    The row is written beside it; `python -m occasio_verify ROW.json --proof ROW.tlog-proof` needs no log.
    """
    from occasio_core.log_proofs import prove
    from occasio_verify import format_tlog_proof

    with _own_log() as (place, ledger):
        found = prove(place, ledger, row, signers.key_signer(signers.registry(place), "log"))
    seq, data = found.proof.index, format_tlog_proof(found.proof)
    path, row_path = out or Path(f"{seq}.tlog-proof"), row_out or Path(f"{seq}.json")
    write_whole(path, data)
    write_whole(row_path, found.line + b"\n")
    if as_json:
        printed({"proof": str(path), "row": str(row_path), "index": seq, "size": found.size})
    talk(f"row {seq} of {found.size}: {len(found.proof.hashes)} hashes, {len(data)} bytes")
    talk(f"check it with: python -m occasio_verify {row_path} --proof {path}")


@log.command("consistency")
@click.argument("old", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@out_option
@json_option
def log_consistency(old: Path, out: Path | None, as_json: bool) -> None:
    """Print a proof that today's log extends the checkpoint OLD, with a new checkpoint.

    `python -m occasio_verify --consistency FILE --checkpoint OLD` checks it, without the log.
    """
    from occasio_core.checkpoints import write_checkpoint
    from occasio_core.log_proofs import extend
    from occasio_verify import VerifyError, format_extension, parse_checkpoint, parse_note

    try:
        seen = parse_checkpoint(parse_note(old.read_bytes()).text)
    except VerifyError as error:
        raise UsageError(f"{old} is no checkpoint: {error}") from None
    with _own_log() as (place, ledger):
        noted = write_checkpoint(place, ledger, signers.key_signer(signers.registry(place), "log"))
        extension = extend(ledger, seen, noted.tree, noted.note)
    _give(format_extension(extension), out, quiet=as_json)
    if as_json:
        printed({"old_size": seen.size, "size": noted.tree.size, "hashes": len(extension.hashes)})
    talk(f"the log of {noted.tree.size} rows extends the {seen.size} rows that {old} saw")


@log.command("cosign")
@click.option("--witness", "urls", multiple=True, required=True, metavar="URL", help="A witness; may be repeated.")
@click.option("--vkey", "vkeys", multiple=True, metavar="VKEY", help="A witness's key (default: the trust file's).")
@json_option
def log_cosign(urls: Sequence[str], vkeys: Sequence[str], as_json: bool) -> None:
    """Have witnesses cosign a checkpoint over all rows, and keep it for the bundles of runs that it covers."""
    from occasio_core.checkpoints import Noted, keep, kept, write_checkpoint
    from occasio_core.trustfile import read_trust
    from occasio_core.witness.client import cosigned
    from occasio_verify import parse_note, verify_cosignatures

    with _own_log() as (place, ledger):
        noted = write_checkpoint(place, ledger, signers.key_signer(signers.registry(place), "log"))
        policy = read_trust(place).witnesses
        known = tuple(vkeys) or (policy.vkeys if policy else ())
        if not known:
            raise UsageError(
                "no witness is known", hint="give its key with --vkey, as `occasio witness vkey` prints it"
            )
        last = kept(place, cosigned=True)
        note = last.note if last is not None and last.tree == noted.tree else noted.note
        for url in urls:
            note = cosigned(url, ledger, noted.tree, note, known)
        keep(place, Noted(note=note, tree=noted.tree), cosigned=True)
    names = [one.name for one in verify_cosignatures(parse_note(note), known)]
    if as_json:
        printed({"origin": noted.tree.origin, "size": noted.tree.size, "witnesses": list(names)})
    talk(f"checkpoint of {noted.tree.size} rows, cosigned by {', '.join(names)}")


@log.command("export")
@click.option(
    "--tiles",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="The directory; what is there already is not written again.",
)
@click.option("--no-entries", is_flag=True, help="Write the hashes alone, not the rows.")
@json_option
def log_export(tiles: Path, no_entries: bool, as_json: bool) -> None:
    """Write the log as static files that anybody can serve and check (C2SP tlog-tiles), under a new checkpoint."""
    from occasio_core.checkpoints import write_checkpoint
    from occasio_core.tiles import export_tiles

    with _own_log() as (place, ledger):
        noted = write_checkpoint(place, ledger, signers.key_signer(signers.registry(place), "log"))
        written = export_tiles(ledger.path, noted.tree, noted.note, tiles, entries=not no_entries)
    if as_json:
        printed({"size": noted.tree.size, "written": written, "tiles": str(tiles)})
    talk(f"{noted.tree.size} rows in {tiles}: {written} files are new")


@log.command("timestamp")
@click.option("--tsa", required=True, metavar="URL", help="A time stamp authority (RFC 3161).")
@click.option("--out", type=_FILE, help="Where to write the answer (default: `checkpoint.tsr` beside the checkpoint).")
def log_timestamp(tsa: str, out: Path | None) -> None:
    """Have an authority stamp a checkpoint over all rows with the time (RFC 3161).

    Its signature is for you to check, with its certificate: `openssl ts -verify`.
    """
    import os

    from occasio_core.asking import post
    from occasio_core.checkpoints import write_checkpoint
    from occasio_core.timestamp import QUERY_TYPE, check_reply, query

    with _own_log() as (place, ledger):
        noted = write_checkpoint(place, ledger, signers.key_signer(signers.registry(place), "log"))
    nonce = os.urandom(8)
    answer = post(tsa, query(noted.note, nonce), QUERY_TYPE)
    check_reply(answer.body, noted.note, nonce)
    checkpoint = places.checkpoint_path(place)
    path = out or checkpoint.with_suffix(".tsr")
    write_whole(path, answer.body)
    talk(f"checkpoint of {noted.tree.size} rows stamped: {path}")
    talk(f"check it with: openssl ts -verify -data {checkpoint} -in {path} -CAfile CERTIFICATES-OF-THE-AUTHORITY")


@contextmanager
def _own_log() -> Iterator[tuple[Path, Ledger]]:
    """Provide Occasio's home and its log, which must be there."""
    from occasio_core.ledger import Ledger

    place = places.prepared(places.home())
    path = places.log_path(place)
    if not path.exists():
        raise UsageError(f"no log at {path}", hint="start a run with `occasio run -- COMMAND` or `occasio claude`")
    with Ledger(path) as ledger:
        yield place, ledger


def _give(data: bytes, out: Path | None, *, quiet: bool) -> None:
    if out is not None:
        write_whole(out, data)
    elif not quiet:
        click.echo(data.decode(), nl=False)
