"""The command that asks the policy about a shell command without running it: gate."""

from __future__ import annotations

from pathlib import Path

import click

from occasio_core.cli.output import printed
from occasio_core.model import Action

SHELL = "Bash"
EXIT_CODES = {Action.BLOCK: 1, Action.ASK: 3}

cwd_option = click.option(
    "--cwd",
    type=click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True),
    help="Where the agent would work (default: the working directory).",
)
policy_option = click.option(
    "--policy",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The policy (default: policy.yml in Occasio's home).",
)


@click.command()
@click.argument("command")
@cwd_option
@policy_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def gate(command: str, cwd: Path | None, policy: Path | None, as_json: bool) -> None:
    """Say what would become of COMMAND in an agent's shell; nothing is run and nothing is recorded.

    Exit codes: 0 it may run, 1 BLOCK, 2 wrong use, 3 ASK.
    """
    from occasio_core.cli.rulings import ruling_json, ruling_lines
    from occasio_core.engine import engine, supposed
    from occasio_core.home import home
    from occasio_core.policy import load_policy

    place, here = home(), cwd or Path.cwd()
    ruling = engine(load_policy(policy, place, here), place).rule(supposed(SHELL, {"command": command}, here))
    if as_json:
        printed(ruling_json(ruling))
    else:
        click.echo("\n".join(ruling_lines(ruling, whole=False)))
    click.get_current_context().exit(EXIT_CODES.get(ruling.decision.action, 0))
