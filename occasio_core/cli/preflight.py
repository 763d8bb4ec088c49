"""`occasio preflight`: what runs of a project mostly begin with, and what the policy would say to calls to come."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click

from occasio_core import home as places
from occasio_core.cli.baseline import CALLS, project_of, project_option, runs_of
from occasio_core.cli.gate import cwd_option, policy_option
from occasio_core.cli.output import printed, talk
from occasio_core.cli.rulings import fields, ruling_json, shown_action
from occasio_core.cli.selecting import Asked, open_with_progress, selection_options
from occasio_core.cli.terminal import WIDTH, clipped, counted
from occasio_core.decide import Ruling
from occasio_core.errors import UsageError
from occasio_core.model import Action
from occasio_core.reading import Reader, Selection
from occasio_core.remedies import remedy
from occasio_core.views.first_calls import ENOUGH, FIRST, Opening, first_calls
from occasio_verify import Json, MalformedError, parse_json

_MOST_SHOWN = 10
_MOST_BYTES = 1 << 20  # of a line
_RUNS = 50
_Given = tuple[str, dict[str, Json]]  # a tool and its input
_CALLS: tuple[tuple[str, str, dict[str, Json]], ...] = (
    ("Read", "file_path", {}),
    ("Grep", "path", {"pattern": "."}),
    ("Glob", "pattern", {}),
    ("Bash", "command", {}),
)


@click.group(invoke_without_command=True)
@selection_options
@project_option
@click.option("--last", type=click.IntRange(min=1), default=_RUNS, show_default=True, metavar="N", help="So many runs.")
@click.pass_context
def preflight(context: click.Context, asked: Asked, project: Path | None, last: int) -> None:
    """Say what the project's runs mostly begin with: a report, nothing is read ahead.

    Exit codes: 0, 1 the log is damaged, 2 wrong use.
    """
    if context.invoked_subcommand is not None:
        if asked != Asked() or project is not None:
            raise UsageError("options stand behind `simulate`", hint="occasio preflight simulate --help")
        return
    with asked.reader() as (reader, selection):
        runs, found = _mined(reader, selection, project_of(project), last)
        if asked.as_json:
            calls: list[Json] = [one.as_json() for one in found]
            printed({"project": project_of(project), "runs": runs, "calls": calls})
        elif reader.health.rows:
            click.echo("\n".join(_lines(runs, found, project_of(project))))


@preflight.command()
@click.option("--read", "reads", multiple=True, metavar="PATH", help="A file that would be read; may be repeated.")
@click.option("--grep", "greps", multiple=True, metavar="PATH", help="A folder that would be searched.")
@click.option("--glob", "globs", multiple=True, metavar="PATTERN", help="Names that would be looked for.")
@click.option("--bash", "commands", multiple=True, metavar="COMMAND", help="A shell command that would be run.")
@click.option(
    "--from",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help='Calls from a file, one a line: {"tool": "Read", "input": {"file_path": "a"}}.',
)
@click.option("--mined", is_flag=True, help="Also the files that the project's runs mostly begin with reading.")
@click.option("--strict", is_flag=True, help="Exit with 1 if a call would be refused.")
@cwd_option
@policy_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def simulate(
    reads: tuple[str, ...],
    greps: tuple[str, ...],
    globs: tuple[str, ...],
    commands: tuple[str, ...],
    file: Path | None,
    mined: bool,
    strict: bool,
    cwd: Path | None,
    policy: Path | None,
    as_json: bool,
) -> None:
    """Say what the policy would do with each of these calls; nothing is run, recorded or asked.

    Exit codes: 0, 1 with --strict where one would be refused, 2 wrong use.
    """
    from occasio_core.engine import engine, supposed
    from occasio_core.policy import load_policy

    given = [
        *_named(reads, greps, globs, commands),
        *(_from(file) if file is not None else ()),
    ]
    place, here = places.home(), cwd or Path.cwd()
    if mined:
        given += _mined_reads(place, str(here))
    if not given and not mined:
        raise UsageError("no call was given", hint="give --read, --grep, --glob, --bash, --from or --mined")
    ruled = engine(load_policy(policy, place, here), place)
    rulings = [ruled.rule(supposed(tool, said, here)) for tool, said in given]
    _told(given, rulings, as_json=as_json)
    is_refused = any(ruling.decision.action is Action.BLOCK for ruling in rulings)
    click.get_current_context().exit(1 if strict and is_refused else 0)


def _named(*options: tuple[str, ...]) -> Iterator[_Given]:
    """Yield the calls that the options --read, --grep, --glob and --bash stand for."""
    for (tool, member, others), said in zip(_CALLS, options, strict=True):
        for value in said:
            yield tool, {**others, member: value}


def _mined(reader: Reader, selection: Selection, project: str, last: int) -> tuple[int, list[Opening]]:
    """Return how many runs were looked at, and what they begin with."""
    begun = []
    for run in islice(runs_of(reader, project, selection), last):
        rows = reader.rows(Selection(run_id=run.run_id), kinds=CALLS)
        if first := list(islice(rows, FIRST)):
            begun.append(first)
    return len(begun), first_calls(begun)


def _mined_reads(place: Path, project: str) -> list[_Given]:
    with open_with_progress(place) as reader:
        if reader.health.warning:
            talk(f"occasio: {reader.health.warning}")
            talk("hint: occasio audit verify says more")
        runs, found = _mined(reader, Selection(), project, _RUNS)
    if runs < ENOUGH:
        talk(f"nothing is mined from {counted(runs, 'run')} of {project}: it takes {ENOUGH}")
    return [("Read", {"file_path": one.target}) for one in found if one.reads]


def _lines(runs: int, found: list[Opening], project: str) -> Iterator[str]:
    of = f"{counted(runs, 'run')} with calls in {project}"
    if runs < ENOUGH:
        yield f"{counted(runs, 'run')} with calls: it takes {ENOUGH} to say what is usual"
    elif not found:
        yield clipped(f"no two begin alike: {of}", WIDTH)
    else:
        yield clipped(f"the first {FIRST} calls of {of}", WIDTH)
        for one in found[:_MOST_SHOWN]:
            share = f"{one.runs} of {one.of}, as number {one.position:g}"
            yield clipped(f"{one.confidence:>5.0%}  {share:<28} {one.tool} {_from_there(one.target, project)}", WIDTH)
        if len(found) > _MOST_SHOWN:
            yield f"and {len(found) - _MOST_SHOWN} more; --json has all"


def _from_there(target: str, project: str) -> str:
    """Return what a call is about, with paths told from the project."""
    root = project.rstrip("/")
    parts = (part.removeprefix(f"{root}/") if root else part for part in target.split(" "))
    return " ".join("." if part == project else part for part in parts)


def _from(file: Path) -> Iterator[_Given]:
    """Yield the calls of a file.  Raises `UsageError` for a line that is none."""
    with file.open("rb") as lines:
        number = 0
        while data := lines.readline(_MOST_BYTES + 1):
            number += 1
            if data.strip():
                yield _call(data, f"{file}:{number}")


def _call(data: bytes, place: str) -> _Given:
    try:
        said = parse_json(data) if len(data) <= _MOST_BYTES else None
    except MalformedError as error:
        raise UsageError(f"{place}: {error.code}", hint="a line is one JSON object") from error
    tool, given = (said.get("tool"), said.get("input", {})) if isinstance(said, dict) else (None, None)
    if not isinstance(tool, str) or not tool or not isinstance(given, dict):
        raise UsageError(f"{place}: not a call", hint='write {"tool": "Read", "input": {"file_path": "a"}}')
    return tool, given


def _told(given: list[_Given], rulings: list[Ruling], *, as_json: bool) -> None:
    refused = sum(ruling.decision.action is Action.BLOCK for ruling in rulings)
    if as_json:
        told: list[Json] = [
            {"input": said, **ruling_json(ruling)} for (_, said), ruling in zip(given, rulings, strict=True)
        ]
        printed({"calls": told, "blocked": refused})
        return
    for (tool, said), ruling in zip(given, rulings, strict=True):
        opinion, action = ruling.decision.first, ruling.decision.action
        click.echo(f"{shown_action(action)}  {clipped(f'{tool} {_shown(said)}', WIDTH - len(action.value) - 2)}")
        if action in (Action.BLOCK, Action.ASK):
            why = [("why", opinion.message or opinion.reason), ("rule", opinion.rule or "")]
            click.echo("\n".join(fields([*why, ("to do", remedy(action, opinion.reason, opinion.rule))])))
    click.echo(f"{counted(len(rulings), 'call')}, {refused} would be refused")


def _shown(said: dict[str, Json]) -> str:
    return " ".join(str(value) for value in said.values() if value != ".")
