"""`occasio baseline`: what runs of a project usually do, and what of a run is unlike that."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from occasio_core import home as places
from occasio_core.baselines import drop, keep, kept
from occasio_core.cli.output import printed, talk
from occasio_core.cli.rulings import fields
from occasio_core.cli.selecting import Asked, selection_options
from occasio_core.cli.terminal import WIDTH, clipped, clipped_before, counted, line, short
from occasio_core.errors import UsageError
from occasio_core.reading import Reader, RunSummary, Selection, timestamp
from occasio_core.views.deviations import Deviation, deviations, exit_code
from occasio_core.views.habits import Baseline, Habits, baseline_of, habits_of
from occasio_verify import Json

CALLS = ("tool_call",)
_NO_BASELINE = 1
_MOST_NAMES = 8
_SAY_AFTER_SECONDS = 1.0
_COLORS = {"high": "red", "medium": "yellow"}

project_option = click.option(
    "--project",
    type=click.Path(path_type=Path, file_okay=False, resolve_path=True),
    help="The directory that runs were started in (default: the working directory).",
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def baseline() -> None:
    """Learn what runs of a project usually do, and say what of a run is unlike that."""


@baseline.command()
@selection_options
@project_option
def learn(asked: Asked, project: Path | None) -> None:
    """Learn from the project's runs that have ended, in place of what was learned before.

    --since and --until take those with a row in that time, --run one alone.  Exit codes: 0, 1 the log is damaged
    (nothing is learned) or the project has no such run, 2 wrong use.
    """
    named = project_of(project)
    with asked.reader() as (reader, selection):
        runs = [run for run in runs_of(reader, named, selection) if not run.is_open]
        if reader.health.warning:
            talk("nothing was learned, because the log is not whole")
        elif runs:
            learned = baseline_of(named, timestamp(_now()), _habits_of_each(reader, runs))
            keep(places.home(), learned)
            _told(learned, as_json=asked.as_json)
        else:
            _ended_without(
                f"no such run of {named} has ended yet", "occasio runs lists runs; --project takes a directory"
            )


@baseline.command()
@project_option
@_json_option
def show(project: Path | None, as_json: bool) -> None:
    """Show what was learned.

    Exit codes: 0, 1 nothing was learned of this project or the file says nothing, 2 wrong use.
    """
    named = project_of(project)
    learned = kept(places.home(), named)
    if learned is None:
        _ended_without(f"nothing was learned of {named} yet", "occasio baseline learn")
    else:
        _told(learned, as_json=as_json)


@baseline.command()
@selection_options
@project_option
def compare(asked: Asked, project: Path | None) -> None:
    """Say what the project's last run, or the one named with --run, does that those learned from did not.

    A run is compared with the others even where it was learned from.  Exit codes: 0 nothing, 1 findings that are low,
    no baseline or a damaged log, 2 findings that are medium or high, or wrong use.
    """
    code = 0
    try:
        with asked.reader() as (reader, selection):
            code = _compare(reader, _compared(reader, selection, asked, project), project, as_json=asked.as_json)
    except click.exceptions.Exit as ended:  # the log is damaged, which must not hide what was found before
        code = max(code, ended.exit_code)
    click.get_current_context().exit(code)


@baseline.command()
@project_option
@_json_option
def reset(project: Path | None, as_json: bool) -> None:
    """Forget what was learned of the project; the log is as it was.  Exit codes: 0, 2 the file cannot be removed."""
    named = project_of(project)
    is_dropped = drop(places.home(), named)
    if as_json:
        printed({"project": named, "dropped": is_dropped})
    else:
        click.echo(f"{'forgot what was' if is_dropped else 'nothing was'} learned of {named}")


def project_of(project: Path | None) -> str:
    """Return the directory by which rows name the project."""
    return str(project or Path.cwd())


def runs_of(reader: Reader, project: str, selection: Selection) -> Iterator[RunSummary]:
    """Yield the project's runs of the selection, the newest first."""
    return (run for run in reader.runs(selection) if run.cwd == project)


def _compared(reader: Reader, selection: Selection, asked: Asked, project: Path | None) -> RunSummary | None:
    if selection.run_id is None:
        return next(runs_of(reader, project_of(project), selection), None)
    run = reader.run(selection.run_id)
    if project is not None and run.cwd != project_of(project):
        raise UsageError(f"the run `{asked.run}` is of {run.cwd}", hint="leave --project out")
    return run


def _compare(reader: Reader, run: RunSummary | None, project: Path | None, *, as_json: bool) -> int:
    named = project_of(project) if run is None else run.cwd
    learned = kept(places.home(), named)
    if run is None or learned is None:
        if reader.health.rows:
            _tell_what_is_missing(run, named)
        return _NO_BASELINE
    habits = _habits(reader, run)
    others = learned.without(run.run_id, habits)
    if not others.calls:
        talk(f"all that was learned is from run {short(run.run_id)} itself")
        talk("hint: occasio baseline learn, when another run has ended")
        return _NO_BASELINE
    found = deviations(habits, others)
    _told_of(run, others, found, as_json=as_json)
    return exit_code(found)


def _told_of(run: RunSummary, others: Baseline, found: list[Deviation], *, as_json: bool) -> None:
    if as_json:
        told: list[Json] = [one.as_json() for one in found]
        printed({"run": run.as_json(), "runs": len(others.calls), **_confidence(others), "findings": told})
        return
    number = counted(len(found), "finding")
    beside = f"run {short(run.run_id)}, beside {counted(len(others.calls), 'other')}{_unsure(others)}"
    click.echo(clipped(f"{number}: {beside}", WIDTH))
    for one in found:
        click.echo("\n".join(_lines(one)))


def _lines(one: Deviation) -> Iterator[str]:
    label = click.style(one.severity.value.upper(), fg=_COLORS.get(one.severity.value), bold=True)
    yield f"{label}  {one.what}"
    rows = f"occasio explain {one.events[0]}" if one.events else ""
    yield from fields([("what", one.message), ("row", rows), ("to do", one.hint)])


def _tell_what_is_missing(run: RunSummary | None, project: str) -> None:
    if run is not None:
        talk(f"nothing was learned of {project} yet")
        talk("hint: occasio baseline learn, there or with --project")
    else:
        talk(f"no such run of {project} is in the log")
        talk("hint: occasio runs lists runs; --project takes the directory of one")


def _habits(reader: Reader, run: RunSummary) -> Habits:
    return habits_of(reader.rows(Selection(run_id=run.run_id), kinds=CALLS), run.cwd)


def _habits_of_each(reader: Reader, runs: Sequence[RunSummary]) -> Iterator[tuple[str, Habits]]:
    """Yield each run's habits by its id, and say on stderr how far it is where that takes long."""
    said = time.monotonic()
    for number, run in enumerate(runs, 1):
        yield run.run_id, _habits(reader, run)
        if time.monotonic() - said > _SAY_AFTER_SECONDS:
            said = time.monotonic()
            talk(f"{number:,} of {counted(len(runs), 'run')} read")


def _told(learned: Baseline, *, as_json: bool) -> None:
    usual = learned.volume()
    if as_json:
        names: dict[str, Json] = {kind: dict(seen) for kind, seen in learned.seen.items()}
        head: dict[str, Json] = {"project": learned.project, "learned_at": learned.learned_at}
        printed({**head, "runs": len(learned.calls), **_confidence(learned), "calls": usual.as_json(), "seen": names})
        return
    click.echo(line("project", clipped_before(learned.project, WIDTH - 11)))
    click.echo(line("learned", f"from {counted(len(learned.calls), 'run')}{_unsure(learned)}"))
    spread = f"{usual.median:g} in the median (MAD {usual.mad:g}), {usual.p95} at most in 95 of 100 runs"
    click.echo(line("calls", spread))
    for kind, seen in learned.seen.items():
        if seen:
            click.echo(line(f"{kind}s", _names(seen)))


def _names(seen: Mapping[str, int]) -> str:
    first = sorted(seen.items(), key=lambda one: (-one[1], one[0]))
    more = f", and {len(first) - _MOST_NAMES} more" if len(first) > _MOST_NAMES else ""
    return ", ".join(f"{name} ({runs})" for name, runs in first[:_MOST_NAMES]) + more


def _confidence(learned: Baseline) -> dict[str, Json]:
    return {"low_confidence": not learned.is_sure}


def _unsure(learned: Baseline) -> str:
    return "" if learned.is_sure else " (few: confidence is low)"


def _ended_without(what: str, hint: str) -> None:
    talk(what)
    talk(f"hint: {hint}")
    click.get_current_context().exit(_NO_BASELINE)


def _now() -> int:
    return time.time_ns() // 1_000_000
