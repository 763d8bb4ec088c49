"""The command that says whether everything is ready for a governed run: doctor."""

from __future__ import annotations

import os
from pathlib import Path

import click

from occasio_core import home as places
from occasio_core.cli.gate import cwd_option
from occasio_core.cli.output import printed

_COLORS = {"error": "red", "warning": "yellow", "note": "cyan", "ok": "green"}


@click.command()
@cwd_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(cwd: Path | None, as_json: bool) -> None:
    """Say whether everything is ready for a governed run here, and how to mend what is not.

    Exit codes: 0 ready, 1 not ready, 2 wrong use.
    """
    from occasio_core.readiness import checks, is_ready

    found = list(checks(places.home(), cwd or Path.cwd(), os.environ))
    ready = is_ready(found)
    if as_json:
        told = [
            {"check": one.name, "level": one.level or "ok", "message": one.message, "hint": one.hint} for one in found
        ]
        printed({"ready": ready, "checks": told})
    for one in [] if as_json else found:
        level = str(one.level or "ok")
        click.echo(f"{click.style(level, fg=_COLORS[level])}: {one.name}: {one.message}")
        if one.hint:
            click.echo(f"  hint: {one.hint}")
    if not as_json:
        click.echo("ready" if ready else "not ready")
    click.get_current_context().exit(0 if ready else 1)
