"""The commands of the daemon that answers agents' hooks: daemon start, stop, status, serve."""

from __future__ import annotations

import click

from occasio_core import home as places
from occasio_core.cli.output import printed, talk


@click.group()
def daemon() -> None:
    """Answer the hooks of agents that were not started by `occasio run`."""


@daemon.command()
def start() -> None:
    """Start the daemon in the background, unless it is there already."""
    from occasio_core import daemon as daemons

    place = places.prepared(places.home())
    was_there = daemons.status(place) is not None
    found = daemons.start(place)
    talk(f"daemon {'was running already' if was_there else 'started'}: process {found.pid}")


@daemon.command()
def stop() -> None:
    """End the daemon; the runs of its agents are closed, and their hooks refuse from then on."""
    from occasio_core import daemon as daemons

    talk("daemon ended" if daemons.stop(places.home()) else "no daemon was running")


@daemon.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Say whether the daemon is running.  Exit codes: 0 it is, 1 it is not."""
    from occasio_core import daemon as daemons

    found = daemons.status(places.home())
    if as_json:
        printed({"running": found is not None, "pid": found.pid if found else None})
    else:
        click.echo(f"running: process {found.pid}" if found else "not running")
        if not found:
            talk("hint: occasio daemon start")
    click.get_current_context().exit(0 if found else 1)


@daemon.command()
def serve() -> None:
    """Be the daemon, in the foreground, until interrupted."""
    from occasio_core import daemon as daemons

    daemons.serve(places.prepared(places.home()))
