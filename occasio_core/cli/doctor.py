"""The command that looks for mistakes in and around the policy: policy doctor."""

from __future__ import annotations

import os
from pathlib import Path

import click

from occasio_core.cli.gate import cwd_option, policy_option
from occasio_core.cli.output import printed, talk

_COLORS = {"error": "red", "warning": "yellow", "note": "cyan"}


@click.command()
@cwd_option
@policy_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(cwd: Path | None, policy: Path | None, as_json: bool) -> None:
    """Look for mistakes: rules without effect, slips of the pen, files that others may change, ways around the gate.

    Exit codes: 0 nothing but notes, 1 errors or warnings, 2 wrong use.
    """
    from occasio_core.doctor import findings
    from occasio_core.home import home
    from occasio_core.idle_rules import Level

    found = list(findings(policy, home(), cwd or Path.cwd(), os.environ))
    if as_json:
        printed(
            [{"level": one.level.value, "where": one.where, "message": one.message, "hint": one.hint} for one in found]
        )
    for one in [] if as_json else found:
        click.echo(f"{click.style(one.level.value, fg=_COLORS[one.level])}: {one.where}: {one.message}")
        if one.hint:
            click.echo(f"  hint: {one.hint}")
    if not found:
        talk("nothing found")
    click.get_current_context().exit(1 if any(one.level is not Level.NOTE for one in found) else 0)
