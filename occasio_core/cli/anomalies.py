"""The command that has every detector look at a log: anomalies."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from occasio_core import home as places
from occasio_core.cli.output import printed, talk
from occasio_core.cli.progress import reading
from occasio_core.errors import UsageError

if TYPE_CHECKING:
    from occasio_core.detection.recorded import Damage
    from occasio_core.detection.scan import Scan
    from occasio_core.detection.watcher import Found
    from occasio_core.engine import Engine
    from occasio_verify import Json

_LOOK_SECONDS = 0.5


@click.command()
@click.option("--window", metavar="LENGTH", help="What is looked at together: 90s, 2h (default: the policy's, or 15m).")
@click.option(
    "--since",
    "start",
    metavar="WHEN",
    help="Tell findings from this time on: 2026-01-31T09:00:00Z, or 2h or 7d before the newest row "
    "(default: one window before it; with --file everything).",
)
@click.option("--threshold-multiplier", type=float, metavar="N", help="Multiply every threshold.")
@click.option(
    "--run",
    "run",
    default="",
    metavar="PREFIX",
    help="Tell findings of one run, by the first digits of its id (default: all).",
)
@click.option(
    "--file",
    "--log",
    "log",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The log (default: that of Occasio's home).",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON; with --follow a line for each finding.")
@click.option("--follow", is_flag=True, help="Go on with the rows that come, until interrupted.")
@click.option("--list", "only_list", is_flag=True, help="List the detectors and their options, and look at nothing.")
def anomalies(
    window: str | None,
    start: str | None,
    threshold_multiplier: float | None,
    run: str,
    log: Path | None,
    as_json: bool,
    follow: bool,
    only_list: bool,
) -> None:
    """Say what in a log is unlike the rest of it, by the times of its own rows.

    Detectors learn from all rows before. Exit codes: 0 nothing, 1 findings that are low, 2 a finding that is medium or
    high or a log that does not verify, 3 a detector failed, and nothing else is serious.
    """
    from occasio_core.engine import engine
    from occasio_core.policy import load_policy

    place = places.home()
    ruled = engine(load_policy(None, place, Path.cwd()), place)
    if only_list:
        _listed(ruled, as_json=as_json)
        return
    if log is not None and not log.exists():
        raise UsageError(f"no log at {log}", hint="give the path of a log, or leave --file out")
    looked = _scan(ruled, log or places.log_path(place), run, window, threshold_multiplier)
    found, earliest = _found(looked, start, is_all=log is not None and start is None)
    if not follow:
        looked.recording.finish()
    _told(looked, found, earliest, as_json=as_json, is_stream=follow)
    if follow:
        _follow(looked, as_json, time.sleep)
    from occasio_core.detection.scan import exit_code

    click.get_current_context().exit(exit_code(found, is_damaged=looked.recording.damage is not None))


def _scan(ruled: Engine, path: Path, run: str, window: str | None, multiplier: float | None) -> Scan:
    from occasio_core.detection.moment import length
    from occasio_core.detection.recorded import Recording
    from occasio_core.detection.scan import Scan
    from occasio_core.detection.watcher import Watcher

    if multiplier is not None and not 0.01 <= multiplier <= 1000:
        raise UsageError(f"--threshold-multiplier is {multiplier}", hint="write a number from 0.01 to 1000")
    said = ruled.policy.detectors
    if window is not None:
        said = replace(said, window_seconds=length(window))
    if multiplier is not None:
        said = replace(said, threshold_percent=max(1, round(100 * multiplier)))
    return Scan(Recording(path), Watcher(ruled.registry.detectors, said), run)


def _found(looked: Scan, start: str | None, *, is_all: bool) -> tuple[list[Found], float]:
    """Return what is found from `start` on, and when that is."""
    from occasio_core.detection.moment import since

    with reading(looked.recording.path) as progress:
        found = list(looked.found(progress))
    if looked.run and not looked.has_run and looked.recording.rows:
        raise UsageError(f"no run `{looked.run}` in the log", hint="`occasio runs` lists those that it has")
    if is_all:
        return found, looked.first
    earliest = since(start, looked.last) if start else looked.last - looked.watcher.window
    return [one for one in found if one.at >= earliest], earliest


def _told(looked: Scan, found: list[Found], earliest: float, *, as_json: bool, is_stream: bool) -> None:
    from occasio_core.detection.moment import shown

    damage = looked.recording.damage
    if as_json and not is_stream:
        told: list[Json] = [_members(one) for one in found]
        fault: Json = None if damage is None else {"line": damage.line, "what": damage.what}
        head: dict[str, Json] = {"damage": fault, "log": str(looked.recording.path), "rows": looked.recording.rows}
        printed({**head, "findings": told, "from": shown(earliest), "to": shown(looked.last)})
    else:
        _shown(found, as_json=as_json)
    if damage is not None:
        _tell_of(damage)
    elif not looked.recording.rows:
        talk(f"nothing is recorded yet: no row in {looked.recording.path}")
        talk("hint: start a run with `occasio claude` or `occasio run -- COMMAND`")
    if not as_json and looked.recording.rows:
        number = f"{len(found)} finding{'' if len(found) == 1 else 's'}"
        click.echo(f"{number} from {shown(earliest)} to {shown(looked.last)}; {looked.recording.rows:,} rows")


def _tell_of(damage: Damage) -> None:
    talk(f"occasio: the log is damaged at line {damage.line}: {damage.what}; only the rows before it were looked at")
    talk("hint: occasio audit verify says more")


def _shown(found: Iterable[Found], *, as_json: bool) -> None:
    import json

    from occasio_core.detection.telling import lines

    for one in found:
        if as_json:
            click.echo(json.dumps(_members(one)))
        else:
            click.echo("\n".join(lines(one)))


def _members(one: Found) -> dict[str, Json]:
    from occasio_core.detection.moment import shown

    return {"at": shown(one.at), "run_id": one.run_id, **one.members()}


def _follow(looked: Scan, as_json: bool, wait: Callable[[float], object]) -> None:
    """Tell of what comes until somebody interrupts, or the log does not verify any more."""
    while looked.recording.damage is None:
        wait(_LOOK_SECONDS)
        _shown(looked.found(), as_json=as_json)
        sys.stdout.flush()
    _tell_of(looked.recording.damage)


def _listed(ruled: Engine, *, as_json: bool) -> None:
    """Print every detector with the options that it has now."""
    from occasio_verify import canonical

    said = ruled.policy.detectors
    told: list[Json] = []
    for name, detector in sorted(ruled.registry.detectors.items()):
        options: dict[str, Json] = {**detector.options, **said.options.get(name, {})}
        told.append({"name": name, "disabled": name in said.disabled, "options": options})
        if not as_json:
            click.echo(f"{name}  {'disabled' if name in said.disabled else canonical(options).decode()}")
    if as_json:
        printed(told)
