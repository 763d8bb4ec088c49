"""The commands about the policy: test, explain, …"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from occasio_core.cli.gate import cwd_option, policy_option
from occasio_core.cli.output import printed, talk
from occasio_core.errors import UsageError
from occasio_verify import Json, MalformedError, parse_json

if TYPE_CHECKING:
    from occasio_core.trials import Tried

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def policy() -> None:
    """Write, check, explain and test the policy."""


@policy.command()
@click.option("--tool", required=True, metavar="NAME", help="The tool, by the agent's name of it: Read, Bash, …")
@click.option("--input", "text", default="{}", metavar="JSON", help="Its input, a JSON object; - reads it from stdin.")
@cwd_option
@policy_option
@json_option
def explain(tool: str, text: str, cwd: Path | None, policy: Path | None, as_json: bool) -> None:
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


@policy.command("test")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@cwd_option
@policy_option
@json_option
def test_policy(file: Path, cwd: Path | None, policy: Path | None, as_json: bool) -> None:
    """Decide the cases in FILE and compare each with what it expects; nothing is run and nothing is recorded.

    A case has `tool` and `input`, or `command`, then the `action` that is expected, and if they matter `reason`, `rule`
    and `message`.  The policy is that of --policy, else that of the file, else the one in force.

    Exit codes: 0 all as expected, 1 some are not, 2 the file or a policy cannot be used.
    """
    from occasio_core.home import home
    from occasio_core.policy.cases import cases
    from occasio_core.trials import tried

    place, here = home(), cwd or Path.cwd()
    found = cases(_bytes(file), str(file), cwd=str(here), home=str(Path.home()))
    done = list(tried(found, file, policy, place, here))
    wrong = [each for each in done if each.differences]
    if as_json:
        printed({"cases": len(done), "failed": [_failed(each) for each in wrong]})
    else:
        for each in wrong:
            place_of = each.trial.place
            click.echo(f"{place_of.file}:{place_of.line}:{place_of.column}: {each.trial.name}")
            for difference in each.differences:
                click.echo(f"  {difference}")
        talk(f"{len(done)} cases: {len(done) - len(wrong)} as expected, {len(wrong)} not")
    click.get_current_context().exit(1 if wrong else 0)


def _failed(each: Tried) -> dict[str, Json]:
    trial, decision = each.trial, each.ruling.decision
    return {
        "case": trial.name,
        "line": trial.place.line,
        "expected": {"action": trial.action.value, "reason": trial.reason, "rule": trial.rule},
        "decided": {"action": decision.action.value, "reason": decision.first.reason, "rule": decision.first.rule},
        "differences": list(each.differences),
    }


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


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"`{file}` cannot be read: {error.strerror}") from error
