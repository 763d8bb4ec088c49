"""The command that says whether everything is ready for a governed run: doctor."""

from __future__ import annotations

import os
from pathlib import Path

import click

from occasio_core import home as places
from occasio_core.cli.gate import cwd_option
from occasio_core.cli.output import printed
from occasio_core.errors import UsageError

_COLORS = {"error": "red", "warning": "yellow", "note": "cyan", "ok": "green"}


@click.command(context_settings={"allow_interspersed_args": False})
@cwd_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--paranoid", "is_paranoid", is_flag=True, help="Watch what a run connects to, from outside of it.")
@click.option("--run", "run", default="", metavar="PREFIX", help="With --paranoid: which run of those under way.")
@click.option(
    "--watch",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="With --paranoid: for how long (default 10).",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def doctor(
    cwd: Path | None, as_json: bool, is_paranoid: bool, run: str, seconds: float | None, command: tuple[str, ...]
) -> None:
    """Say whether everything is ready for a governed run here, and how to mend what is not.

    Exit codes: 0 ready, 1 not ready, 2 wrong use.

    With --paranoid, say what the processes of a run are connected to: of one that is under way, or of COMMAND (such as
    `-- occasio claude`) from its start to its end.  Seen in the kernel's tables, not in our own source.  Exit codes:
    0 nothing went around the gate, 1 something did, 2 wrong use, 3 not everything could be looked at.
    """
    if is_paranoid:
        from occasio_core.cli.paranoid import paranoid

        code = paranoid(places.home(), run, seconds, command, as_json)
        click.get_current_context().exit(code)
    if command or run or seconds is not None:
        raise UsageError("only --paranoid watches a run", hint="occasio doctor --paranoid")
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
