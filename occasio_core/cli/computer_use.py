"""The command that asks the policy about recorded actions on a screen and a keyboard: computer-use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path

import click

from occasio_core.cli.gate import policy_option
from occasio_core.errors import UsageError
from occasio_core.model import Action, Earlier, ToolCall
from occasio_verify import Json, MalformedError, parse_json

EXAMPLE = "computer_use"  # .jsonl and .yml in the folder of the demo
MAX_BYTES = 64 << 20
_SECONDS = 3.0  # between two actions whose time is not told


@click.command("computer-use")
@click.option("--dry-run", is_flag=True, help="Say what would be decided; nothing else is possible here.")
@click.option("--from", "source", type=click.Path(path_type=Path, dir_okay=False), help="Actions, one JSON a line.")
@click.option("--example", is_flag=True, help="Take the actions and the policy that come with Occasio.")
@policy_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one decision a line.")
def computer_use(dry_run: bool, source: Path | None, example: bool, policy: Path | None, as_json: bool) -> None:
    """Say what would become of recorded actions on a screen and a keyboard.

    A line is a block of a model's answer: {"type": "tool_use", "name": "computer", "input": {"action": …}}, one of
    OpenAI's {"type": "computer_call", "action": {…}}, or the action alone.  "at" may tell its time in seconds.

    Exit codes: 0 all may happen, 1 something is refused or a person would be asked, 2 wrong use.
    """
    if example == (source is not None):
        raise UsageError(
            "give the actions by --from FILE or --example", hint="occasio computer-use --dry-run --example"
        )
    if not dry_run:
        raise UsageError(
            "recorded actions can only be judged", hint="add --dry-run; a live agent runs by `occasio run`"
        )
    refused = 0
    total = 0
    for number, call, action, said in _decided(source, policy):
        total += 1
        refused += action in {Action.BLOCK, Action.ASK}
        if as_json:
            click.echo(json.dumps({"line": number, "tool": call.tool, **said}))
        else:
            click.echo(_line(number, call, action, said))
    if not as_json:
        click.echo(f"{total} actions, {total - refused} may happen, {refused} refused")
    click.get_current_context().exit(1 if refused else 0)


def _decided(source: Path | None, policy: Path | None) -> Iterator[tuple[int, ToolCall, Action, dict[str, Json]]]:
    from occasio_core.engine import engine, supposed
    from occasio_core.home import home
    from occasio_core.policy import load_policy, policy_of

    place, here = home(), Path.cwd()
    folder = files("occasio_core.demo")
    if source is None and policy is None:
        text = folder.joinpath(f"{EXAMPLE}.yml").read_bytes()
        rules = policy_of(text, Path(f"{EXAMPLE}.yml"), place, str(here))
    else:
        rules = load_policy(policy, place, here)
    data = folder.joinpath(f"{EXAMPLE}.jsonl").read_bytes() if source is None else _read(source)
    governing = engine(rules, place)
    earlier: list[Earlier] = []
    at = 0.0
    for number, tool, given, told in _actions(data.split(b"\n"), str(source or f"{EXAMPLE}.jsonl")):
        at = max(at, told if told is not None else at + _SECONDS)
        call = supposed(tool, given, here)
        ruling = governing.rule(call, earlier, at)
        if ruling.decision.action not in {Action.BLOCK, Action.ASK}:
            earlier.append(Earlier(call=call, at=at))
        opinion = ruling.decision.first
        yield (
            number,
            call,
            ruling.decision.action,
            {
                "action": ruling.decision.action.value,
                "reason": opinion.reason,
                "rule": opinion.rule,
                "message": opinion.message,
            },
        )


def _actions(lines: Iterable[bytes], name: str) -> Iterator[tuple[int, str, Mapping[str, Json], float | None]]:
    """Yield the number of each line that says something, with the tool, its input and the time if it is told."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            block = parse_json(line)
        except MalformedError as error:
            raise UsageError(f"{name}: line {number}: {error}") from None
        if not isinstance(block, dict):
            raise UsageError(f"{name}: line {number}: an action is a JSON object")
        at = block.get("at")
        yield number, *_named(block, f"{name}: line {number}"), at if isinstance(at, int | float) else None


def _named(block: Mapping[str, Json], where: str) -> tuple[str, Mapping[str, Json]]:
    given, name, kind = block.get("input"), block.get("name"), block.get("type")
    if isinstance(given, dict):
        if not isinstance(name, str):
            raise UsageError(f"{where}: the block has no `name`")
        toolset = block.get("toolset_name")
        return (f"{toolset}.{name}" if isinstance(toolset, str) else name), given
    members = {key: value for key, value in block.items() if key not in {"at", "type", "id", "call_id", "status"}}
    if kind == "computer_call" or isinstance(block.get("action"), str | dict):
        return ("computer_call" if kind == "computer_call" else "computer"), members
    raise UsageError(f"{where}: neither a tool call nor an action", hint='write {"action": "screenshot"}')


def _read(source: Path) -> bytes:
    try:
        with source.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{source} cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise UsageError(f"{source} is longer than {MAX_BYTES} bytes")
    return data


def _line(number: int, call: ToolCall, action: Action, said: Mapping[str, Json]) -> str:
    mark = click.style("✗", fg="red") if action in {Action.BLOCK, Action.ASK} else click.style("✓", fg="green")
    why = f"  {said['reason']}: {said['message']}" if said["message"] else ""
    return f"{mark} {action.value:<6}{number:>4}  {_shown(call):<16}{why}".rstrip()


def _shown(call: ToolCall) -> str:
    """Return what names the action; what is typed may be a secret."""
    action = call.input.get("action", call.tool)
    if isinstance(action, Mapping):
        action = action.get("type", "?")
    name = action if isinstance(action, str) else call.tool
    return "".join(mark for mark in name if mark.isprintable())[:40]
