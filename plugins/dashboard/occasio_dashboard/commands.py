"""`occasio dashboard`: prints the link that opens a page, and serves it until interrupted."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from occasio_core import Approvals, OccasioError, open_with_progress
from occasio_dashboard.hiding import hide_memory

if TYPE_CHECKING:
    from occasio_core import Reader

PORT = 3001


def dashboard_command(home: Path) -> click.Command:
    """Return the command `dashboard`."""

    @click.command("dashboard")
    @click.option(
        "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, metavar="PORT", help="0: a free one."
    )
    @click.option("--json", "as_json", is_flag=True, help="Print each link as JSON, one a line.")
    def dashboard(port: int, as_json: bool) -> None:
        """Show what agents do, live, in a browser on this machine.

        Every link opens one page and is used up by that; the next one is printed then. What waits for a person can be
        answered on the page, but by no agent. Ctrl-C ends it.
        """
        if run := Approvals(home).agent_here():
            raise OccasioError(f"this is a process of the agent of run {run}, for which the dashboard is not")
        hide_memory()
        with open_with_progress(home) as reader:
            asyncio.run(_served(home, reader, port, _printer(as_json)))

    return dashboard


def _printer(as_json: bool) -> Callable[[str], None]:
    def told(url: str) -> None:
        click.echo(json.dumps({"url": url}) if as_json else url)
        sys.stdout.flush()

    return told


async def _served(home: Path, reader: Reader, port: int, told: Callable[[str], None]) -> None:
    from occasio_dashboard.desk import LogDesk
    from occasio_dashboard.evidence import Evidence
    from occasio_dashboard.hub import Hub
    from occasio_dashboard.log_view import LogView
    from occasio_dashboard.server import Server

    approvals = Approvals(home)
    desk = LogDesk(LogView(home, reader, lambda: time.time_ns() // 1_000_000), approvals, Evidence(home))
    hub = Hub(desk.look)
    server = Server(desk, hub, approvals, told)
    await server.start(port)
    looking = asyncio.create_task(hub.serve())
    try:
        told(server.url)
        await _ended(looking)
    finally:
        looking.cancel()
        await server.stop()
        desk.close()


async def _ended(looking: asyncio.Task[None]) -> None:
    """Return when the person has had enough.  Raises what ended the look for news."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM"):
        if sys.platform != "win32":
            loop.add_signal_handler(getattr(signal, name), asked.set)
    waiting = asyncio.create_task(asked.wait())
    await asyncio.wait({waiting, looking}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if looking.done():
        looking.result()
