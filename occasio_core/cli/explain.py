"""The commands that say why: policy explain for a call that nobody made, explain for one that the log has."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from occasio_core.cli.gate import cwd_option, policy_option
from occasio_core.cli.output import printed
from occasio_core.errors import UsageError
from occasio_verify import Json, MalformedError, parse_json


@click.command("explain")
@click.option("--tool", required=True, metavar="NAME", help="The tool, by the agent's name of it: Read, Bash, …")
@click.option("--input", "text", default="{}", metavar="JSON", help="Its input, a JSON object; - reads it from stdin.")
@cwd_option
@policy_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain_call(tool: str, text: str, cwd: Path | None, policy: Path | None, as_json: bool) -> None:
    """Say what would become of a call, which rule decides it, and what every other rule thinks of it.

    Nothing is run and nothing is recorded.
    """
    from occasio_core.cli.rulings import ruling_json, ruling_lines
    from occasio_core.engine import engine, supposed
    from occasio_core.home import home
    from occasio_core.policy import load_policy

    given = _object(sys.stdin.read() if text == "-" else text)
    place, here = home(), cwd or Path.cwd()
    ruling = engine(load_policy(policy, place, here), place).rule(supposed(tool, given, here))
    if as_json:
        printed(ruling_json(ruling))
    else:
        click.echo("\n".join(ruling_lines(ruling, whole=True)))


def _object(text: str) -> Mapping[str, Json]:
    try:
        value = parse_json(text.encode("utf-8", "surrogatepass"))
    except MalformedError as error:
        raise UsageError(
            f"--input is not JSON with one reading: {error}", hint='quote it: \'{"file_path": "a"}\''
        ) from None
    if not isinstance(value, Mapping):
        raise UsageError("--input is not a JSON object", hint='quote it: \'{"file_path": "a"}\'')
    return value
