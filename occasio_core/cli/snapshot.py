"""`occasio` alone: the last run, what it was refused and what a person can do about that, and where to go from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from occasio_core.cli.output import printed
from occasio_core.cli.selecting import Asked
from occasio_core.cli.status import counter_lines, health_line, told_run
from occasio_core.cli.terminal import WIDTH, clipped, clipped_before, line, short
from occasio_core.reading import Reader, RunSummary, Selection

if TYPE_CHECKING:
    from occasio_verify import Json, Row

_LOOKED_AT = 200  # refusals of a run, the newest
_SHOWN = 3
_INDENT = " " * 11


@dataclass(frozen=True, slots=True)
class Refused:
    """What was refused, how often among the refusals looked at, and what can be done; `event_id` is the last row's."""

    tool: str
    target: str
    reason: str
    rule: str | None
    remedy: str
    event_id: str
    times: int


def snapshot(asked: Asked) -> None:
    """Print what `occasio` alone prints."""
    with asked.reader() as (reader, selection):
        run = next(iter(reader.runs(selection, limit=1)), None)
        refused = [] if run is None else refusals(reader, run)
        if asked.as_json:
            printed(
                {
                    "log": reader.health.as_json(),
                    "last_run": None if run is None else run.as_json(),
                    "refused": [asdict(one) for one in refused],
                    "next": [command for command, _ in _next(run, refused)],
                }
            )
        else:
            click.echo("\n".join(_lines(reader, run, refused)))


def refusals(reader: Reader, run: RunSummary) -> list[Refused]:
    """Return what a run was refused, the last first, the same thing once."""
    from occasio_core.model import Action
    from occasio_core.remedies import remedy

    rows = reader.rows(Selection(run_id=run.run_id), actions=["BLOCK"], newest=_LOOKED_AT)
    found: dict[tuple[Json, ...], Refused] = {}
    for row in reversed(list(rows)):
        said = row.fields
        key = (said["tool_name"], _target(row), said["reason"], said.get("rule"))
        rule = None if said.get("rule") is None else str(said["rule"])
        times = found[key].times + 1 if key in found else 1
        found[key] = Refused(
            tool=str(said["tool_name"]),
            target=_target(row),
            reason=str(said["reason"]),
            rule=rule,
            remedy=remedy(Action.BLOCK, str(said["reason"]), rule),
            event_id=found[key].event_id if key in found else str(said["event_id"]),
            times=times,
        )
    return list(found.values())


def _lines(reader: Reader, run: RunSummary | None, refused: Sequence[Refused]) -> Iterator[str]:
    yield health_line(reader.health)
    if run is not None:
        yield line("last run", told_run(run))
        yield from counter_lines(run.counters)
    told = ""
    for one in refused[:_SHOWN]:
        yield from _refused_lines(one, said_before=one.remedy == told)
        told = one.remedy
    if len(refused) > _SHOWN:
        yield f"{_INDENT}and {len(refused) - _SHOWN} more"
    for number, (command, why) in enumerate(_next(run, refused)):
        label = click.style("next".ljust(len(_INDENT)), bold=True) if number == 0 else _INDENT
        yield f"{label}{command:34} {clipped(why, WIDTH - len(_INDENT) - max(34, len(command)) - 1)}".rstrip()


def _refused_lines(one: Refused, *, said_before: bool) -> Iterator[str]:
    times = f"  {one.times:,} times" if one.times > 1 else ""
    tool = clipped(one.tool, 20)
    room = WIDTH - len(_INDENT) - len(tool) - 1 - len(times)
    yield line("refused", f"{tool} {clipped_before(one.target, room)}{times}", "red")
    yield clipped(f"{_INDENT}{one.reason}{f', by {one.rule}' if one.rule else ''}", WIDTH)
    if one.remedy and not said_before:
        yield from _wrapped(one.remedy)


def _wrapped(text: str) -> Iterator[str]:
    import textwrap

    return iter(textwrap.wrap(clipped(text, 200), WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT))


def _next(run: RunSummary | None, refused: Sequence[Refused]) -> Iterator[tuple[str, str]]:
    if run is None:
        yield "occasio claude", "run Claude Code under the gate"
        yield "occasio demo attest", "see it at work; no agent is needed"
        yield "occasio doctor", "what is set up, and what is not"
        return
    if refused:
        yield f"occasio explain {refused[0].event_id}", "why"
    if run.is_open:
        yield "occasio audit repair", "if its agent has gone"
    else:
        yield f"occasio bundle --run {run.run_id}", ""
    yield f"occasio status --run {short(run.run_id)}", "this run in numbers"
    yield "occasio runs", "all runs"
    yield "occasio audit verify", "check the log from its first row"


def _target(row: Row) -> str:
    """Return what a call was about: what it would have touched, else what is kept of its input."""
    effects, inputs = row.fields.get("effects"), row.fields.get("tool_inputs")
    named: Mapping[str, Json] = inputs if isinstance(inputs, Mapping) else {}
    for name in ("path", "pattern", "command"):
        if isinstance(value := named.get(name), str):
            return value
    return str(effects[0]).partition(" ")[2] if isinstance(effects, list) and effects else ""
