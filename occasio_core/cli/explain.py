"""The commands that say why: policy explain for a call that nobody made, explain for one that the log has."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from occasio_core.cli.gate import cwd_option, policy_option
from occasio_core.cli.output import printed
from occasio_core.errors import UsageError
from occasio_verify import Json, MalformedError, Row, parse_json

if TYPE_CHECKING:
    from occasio_core.event import Event

_MOST_SHOWN = 12
_OF_EVERY_ROW = frozenset(
    {"agent", "audit_schema", "event_id", "hash", "kind", "prev_hash", "protocol", "run_id", "run_prev_hash"}
    | {"run_seq", "seq", "session_id", "ts"}
)

log_option = click.option(
    "--log", type=click.Path(path_type=Path, dir_okay=False), help="The log (default: that of Occasio's home)."
)


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


@click.command()
@click.argument("event_id", metavar="EVENT_ID")
@log_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(event_id: str, log: Path | None, as_json: bool) -> None:
    """Say what the log has of an event: what was decided, by which rule of which policy, and what can be done about it.

    EVENT_ID may be the beginning of one, or the id of a call.  For a call that nobody made there is `policy explain`.
    """
    from occasio_core import home as places
    from occasio_core.event import event

    place = places.home()
    path = log or places.log_path(place)
    if not path.exists():
        raise UsageError(f"no log at {path}", hint="start a run with `occasio run -- COMMAND` or `occasio claude`")
    found = event(path, event_id)
    if as_json:
        printed(_event_json(found))
    else:
        click.echo("\n".join(_event_lines(found, place)))


def _event_json(found: Event) -> dict[str, Json]:
    call = found.call
    return {
        "event": found.row.fields,
        "call": call.fields if call else None,
        "results": [row.fields for row in found.results],
        "policy": found.policy.fields if found.policy else None,
        "remedy": _remedy(call) if call else "",
    }


def _event_lines(found: Event, place: Path) -> Iterator[str]:
    from occasio_core.cli.rulings import fields, shown_action
    from occasio_core.event import text_of
    from occasio_core.model import Action

    row, call = found.row, found.call
    yield f"{text_of(row, 'event_id')}  {row.kind}  {text_of(row, 'ts')}"
    yield from fields([("run", row.run_id or ""), ("agent", text_of(row, "agent"))])
    if call is None:
        yield from fields((name, _plain(value)) for name, value in row.fields.items() if name not in _OF_EVERY_ROW)
        return
    yield f"{shown_action(Action(text_of(call, 'action')))}  {text_of(call, 'reason')}"
    yield from fields(
        [
            ("rule", text_of(call, "rule")),
            ("tool", text_of(call, "tool_name")),
            ("input", _plain(call.fields.get("tool_inputs"))),
            *_listed("touches", call.fields.get("effects")),
            ("told", text_of(call, "message")),
            ("to do", _remedy(call)),
        ]
    )
    for result in found.results:
        yield from fields([("result", _result(result))])
    yield from fields(_policy_then(found.policy, text_of(call, "rule"), place))


def _remedy(call: Row) -> str:
    from occasio_core.event import text_of
    from occasio_core.model import Action
    from occasio_core.remedies import remedy

    return remedy(Action(text_of(call, "action")), text_of(call, "reason"), text_of(call, "rule") or None)


def _policy_then(row: Row | None, rule: str, place: Path) -> Iterator[tuple[str, str]]:
    """Yield which policy it was, where in it the rule stands, and whether it is in force still."""
    from occasio_core import home as places
    from occasio_core.errors import OccasioError
    from occasio_core.event import policy_of_row
    from occasio_core.policy import load_policy, policy_of
    from occasio_core.policy.describe import statements

    if row is None:
        return
    sha256, path = policy_of_row(row)
    yield "policy", f"{path or 'built in'} ({sha256[:12]})"
    kept = places.policy_copy_path(place, sha256)
    if not kept.is_file():
        yield "", f"its text is not kept any more at {kept}"
        return
    if path and rule:
        then = policy_of(kept.read_bytes(), Path(path), place, str(Path.cwd()))
        lines = [one.line for one in statements(then) if one.subject == rule and one.line]
        yield "", f"the rule stood on line {lines[0]}" if lines else "the rule is built in"
    try:
        now = load_policy(None, place).sha256
    except OccasioError as error:
        yield "", f"the policy of today cannot be used: {error}"
        return
    same = now == sha256
    yield "", "it is in force still" if same else f"another one is in force today: occasio policy diff {kept}"


def _result(row: Row) -> str:
    from occasio_core.event import text_of

    labels = _plain(row.fields.get("secret_labels"))
    size = row.fields.get("size")
    parts = [row.kind, text_of(row, "result_kind"), f"{size} bytes" if isinstance(size, int) else "", labels]
    return ", ".join(part for part in parts if part)


def _listed(label: str, value: Json) -> list[tuple[str, str]]:
    items = [str(item) for item in value] if isinstance(value, list | tuple) else []
    return [("" if place else label, item) for place, item in enumerate(items[:_MOST_SHOWN])]


def _plain(value: Json) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


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
