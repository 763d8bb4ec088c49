"""What `occasio doctor --paranoid` prints: every connection of a run, seen from outside, and what was not seen."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import wrap

import click

from occasio_core.cli.output import printed, talk
from occasio_core.errors import UsageError
from occasio_core.observed.paranoid import Seen, Verdict, Way, shown_end, verdict
from occasio_core.observed.recorded import addresses_of, recorded_hosts
from occasio_core.observed.watching import Watched, watch_command, watch_run

CLEAN, AROUND, BLIND = 0, 1, 3
SECONDS = 10.0

_WORDS = {
    Way.AROUND: ("around the gate", "red"),
    Way.NAMED: ("a recorded call", "yellow"),
    Way.WITHIN: ("within the run", "green"),
    Way.PROVIDER: ("gate's own", "green"),
    Way.GATE: ("to the gate", "green"),
}
_MOST_SHOWN = 40
_WIDTH = 80


def paranoid(place: Path, run: str, seconds: float | None, command: Sequence[str], as_json: bool) -> int:
    """Watch a run or a command, print what was seen, and return the exit code.

    Raises `UsageError` where there is nothing to watch.
    """
    if command and (run or seconds is not None):
        raise UsageError("a command is watched until it ends", hint="leave --run and --watch away")
    if command:
        watched = watch_command(place, command, os.environ)
    else:
        span = seconds or SECONDS
        watched = watch_run(place, run, span, begun=lambda: talk(f"watching for {span:g} s"))
    found = verdict(watched.looks, addresses_of(recorded_hosts(place, sorted(watched.runs))))
    if as_json:
        printed(
            {
                "runs": sorted(watched.runs),
                "seconds": round(watched.seconds, 3),
                "looks": watched.looks.count,
                "longest_gap_ms": round(watched.gap * 1000),
                "processes": len(watched.looks.processes),
                "command_exit_code": watched.exit_code,
                "connections": [
                    {
                        "way": str(one.way),
                        "program": one.link.program,
                        "pid": one.link.pid,
                        "protocol": one.link.protocol,
                        "address": one.link.address,
                        "port": one.link.port,
                        "looks": one.looks,
                        "host": one.host or None,
                    }
                    for one in found.seen
                ],
                "unseen": list(found.unseen),
                "exit_code": _code(found),
            }
        )
    else:
        click.echo("\n".join(_lines(watched, found)))
    return _code(found)


def _code(found: Verdict) -> int:
    if found.around:
        return AROUND
    return BLIND if found.is_blind else CLEAN


def _lines(watched: Watched, found: Verdict) -> Iterator[str]:
    looks = watched.looks
    yield f"{looks.count:,} looks in {watched.seconds:.1f} s at {len(looks.processes)} processes"
    for run in sorted(watched.runs):
        yield f"run {run}"
    for one in found.seen[:_MOST_SHOWN]:
        yield _line(one)
    if len(found.seen) > _MOST_SHOWN:
        yield f"  and {len(found.seen) - _MOST_SHOWN} more connections; --json has all"
    if not found.seen:
        yield "  no connection was seen"
    short = f"what began and ended between two looks, which were {watched.gap * 1000:.0f} ms apart at most"
    for text in (*found.unseen, short):
        yield from wrap(text, _WIDTH, initial_indent="  not seen: ", subsequent_indent="    ")
    yield _conclusion(found)


def _line(one: Seen) -> str:
    word, color = _WORDS[one.way]
    what = f"{one.link.program} {one.link.pid}"
    end = shown_end(one.link.address, one.link.port)
    host = f" ({one.host})" if one.host else ""
    return f"  {click.style(f'{word:<15}', fg=color)}  {what:<22}  {one.link.protocol} {end}{host}"


def _conclusion(found: Verdict) -> str:
    if found.around:
        count = len(found.around)
        return f"{count} connection{'s'[: count != 1]} went around the gate"
    if found.is_blind:
        return "nothing was seen to go around the gate, but not all could be looked at"
    return "nothing was seen to go around the gate"
