"""`occasio witness`: cosigns checkpoints of other people's logs, as long as those only grow."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from occasio_core import home as places
from occasio_core.cli import signers
from occasio_core.cli.output import talk
from occasio_core.errors import UsageError

if TYPE_CHECKING:
    from occasio_core.witness.desk import Desk

state_option = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The witness's own directory, of the user that it runs as.",
)
name_option = click.option("--name", help="What it is called in cosignatures (default: a random name, kept).")


@click.group()
def witness() -> None:
    """Cosign checkpoints of logs, as long as they only grow.

    Run it as another user, or on another machine, than the logs that it watches: who can write its directory can make
    it forget.
    """


@witness.command("serve")
@state_option
@name_option
@click.option("--log", "logs", multiple=True, metavar="VKEY", help="A log to know, as `occasio log vkey` prints it.")
@click.option("--listen", default="127.0.0.1:8463", show_default=True, metavar="HOST:PORT")
def witness_serve(state: Path, name: str | None, logs: tuple[str, ...], listen: str) -> None:
    """Answer at /add-checkpoint (C2SP tlog-witness) until interrupted."""
    from occasio_core.witness.server import serve

    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"`{listen}` is no address to listen at", hint="write HOST:PORT, such as 127.0.0.1:8463")
    desk = _desk(state, name)
    for vkey in logs:
        _trust(desk.place, vkey)
    talk(f"witness {desk.vkey()}")
    asyncio.run(serve(desk, host.strip("[]"), int(port), lambda url: talk(f"listening at {url}")))


@witness.command("vkey")
@state_option
@name_option
def witness_vkey(state: Path, name: str | None) -> None:
    """Print the key that cosigns (C2SP vkey), for the trust files of those who rely on this witness."""
    click.echo(_desk(state, name).vkey())


@witness.command("trust")
@state_option
@click.argument("vkey")
def witness_trust(state: Path, vkey: str) -> None:
    """Know a log by its VKEY, as `occasio log vkey` prints it."""
    _trust(_desk(state, None).place, vkey)


def _desk(state: Path, name: str | None) -> Desk:
    from occasio_core.witness.desk import Desk, opened

    place = places.prepared(state.absolute())
    if place.resolve() == places.home().resolve():
        raise UsageError(
            "a witness in Occasio's own home watches nothing", hint="give it a directory, and best a user, of its own"
        )
    return Desk(place, opened(place, name), signers.key_signer(signers.registry(place), "witness"))


def _trust(place: Path, vkey: str) -> None:
    from occasio_core.trustfile import trust_log
    from occasio_verify import VerifyError, parse_vkey

    try:
        origin = parse_vkey(vkey).name
    except VerifyError as error:
        raise UsageError(f"`{vkey}` is not the key of a log: {error.detail}") from None
    if trust_log(place, origin, vkey):
        talk(f"knows log {origin}")
