"""`occasio receipt`: a run in sum, without a path, signed if that is wanted."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from occasio_core import home as places
from occasio_core.cli import signers
from occasio_core.cli.output import printed, talk
from occasio_core.cli.selecting import Asked, selection_options
from occasio_core.cli.status import counter_lines
from occasio_core.cli.terminal import at, lasted, line
from occasio_core.files import write_whole
from occasio_core.ledger.entry import timestamp
from occasio_core.reading import RunSummary, Selection
from occasio_core.views.receipt import PAYLOAD_TYPE, receipt_of
from occasio_verify import Json, canonical, pae

if TYPE_CHECKING:
    from occasio_core.interfaces import Signer


@click.command()
@selection_options
@click.option("--key", metavar="NAME", help="Sign with this key: the receipt in a DSSE envelope.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the JSON there.")
def receipt(asked: Asked, key: str | None, out: Path | None) -> None:
    """Print the receipt of the newest run, or of the one that is asked for: what it did and cost, in a kilobyte.

    There is no path in it.  It proves nothing by itself, and signed to those who believe the key; evidence is a bundle.
    Exit codes: 0, 1 the log is damaged (what is before the damage is shown), 2 wrong use.
    """
    signer = _signer(key)
    with asked.reader() as (reader, selection):
        found = reader.runs(selection, limit=1)
        if asked.as_json and not found:
            click.echo("null")
        for run in found:
            first = next(reader.rows(Selection(run_id=run.run_id)))
            told = receipt_of(run, first.hash, timestamp(datetime.now(UTC)))
            made = told if signer is None else _signed(told, signer)
            if out is not None:
                write_whole(out, canonical(made) + b"\n")
                talk(f"receipt of run {run.run_id}: {out}")
            elif asked.as_json or signer is not None:
                printed(made)
            else:
                click.echo("\n".join(_lines(run, first.hash)))


def _signer(key: str | None) -> Signer | None:
    if key is None:
        return None
    return signers.bundle_signer(signers.registry(places.prepared(places.home())), key)


def _signed(told: Json, signer: Signer) -> Json:
    """Return a DSSE envelope over the canonical form of the receipt; the key is named by its SHA-256."""
    payload = canonical(told)
    made = signer.sign(pae(PAYLOAD_TYPE, payload))
    named = base64.b64encode(hashlib.sha256(made.public_key).digest()).decode()
    return {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": named, "sig": base64.b64encode(made.sig).decode()}],
    }


def _lines(run: RunSummary, first_hash: str) -> Iterator[str]:
    ended = "still open" if run.is_open else f"took {lasted(run.duration)}, {run.end_reason}, code {run.exit_code}"
    yield line("receipt", f"run {run.run_id}")
    yield line("agent", run.agent or run.command)
    yield line("began", f"{at(run.started_at)}, {ended}")
    yield from counter_lines(run.counters)
    yield line("rows", f"{run.rows:,}")
    yield line("first", first_hash)
    yield line("last", run.last_hash)
