"""`write-then-run`: a program that the agent wrote is run, behind a refusal or from outside of the project.

What such a program does nobody judged: the policy saw a file being written, and a file being run.  To write a script
and run it is what agents do all day, so that alone is not told.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType

from occasio_core import DetectorSettings, Finding, Json, Observation, Severity, Watch
from occasio_detectors.bounded import RUNS, Bounded
from occasio_detectors.calls import is_denied, programs, took_effect, touched

_MOST_FILES = 1024  # of one run
# what runs a file that it is given
_INTERPRETERS = frozenset(
    {
        "sh",
        "bash",
        "dash",
        "zsh",
        "ksh",
        "fish",
        "python",
        "python3",
        "node",
        "bun",
        "deno",
        "ruby",
        "perl",
        "php",
        "lua",
        "pwsh",
    }
    | {"osascript", "Rscript", "julia", "tclsh", "awk", "gawk", "make", "source", "."}
)


@dataclass(slots=True)
class _Run:
    """What a run has written, with the row of it, and when it was last refused something."""

    written: OrderedDict[str, str] = field(default_factory=OrderedDict)
    refused_at: float = float("-inf")
    refused: str = ""
    told: set[str] = field(default_factory=set)


class _Written:
    kinds = frozenset({"tool_call", "run_ended"})

    def __init__(self, settings: DetectorSettings) -> None:
        self._window = settings.window
        self._runs: Bounded[str, _Run] = Bounded(RUNS, _Run)

    def observe(self, row: Observation, /) -> Sequence[Finding]:
        """Return a finding for a file that the run wrote before and that this call runs."""
        if row.kind == "run_ended":
            self._runs.forget(row.run_id)
        if row.kind != "tool_call":
            return ()
        run = self._runs.of(row.run_id)
        if is_denied(row):
            run.refused_at, run.refused = row.at, row.hash
        if not took_effect(row):
            return ()
        for path in touched(row, "write"):  # first: one command can do both
            run.written[path] = row.hash
            run.written.move_to_end(path)
            if len(run.written) > _MOST_FILES:
                run.written.popitem(last=False)
        if not run.written:
            return ()
        found = [self._told(row, run, path) for path in _run(row) if path in run.written and path not in run.told]
        return [one for one in found if one]

    def _told(self, row: Observation, run: _Run, path: str) -> Finding | None:
        is_refused = 0 <= row.at - run.refused_at <= self._window
        is_outside = bool(row.project) and not PurePosixPath(path).is_relative_to(row.project)
        if not (is_refused or is_outside):
            return None
        run.told.add(path)
        rows = (run.refused, run.written[path], row.hash) if is_refused else (run.written[path], row.hash)
        why = "after a call was refused" if is_refused else "outside of the project"
        return Finding(
            severity=Severity.MEDIUM if is_refused else Severity.LOW,
            message=f"`{path}` was written by the agent and then run, {why}: nobody judged what it does",
            rows=rows,
            tags=("attack.T1059", "owasp-agentic.T11"),
            hint="read the file, if it is still there; a rule with ASK for the shell has a person look first",
        )


def _run(row: Observation) -> list[str]:
    """Return the files that a call runs: by a path to them, or by a program that runs what it is given."""
    named = list(touched(row, "execute"))
    reads = list(touched(row, "read"))
    if any(program in _INTERPRETERS or program.rstrip("0123456789.") in _INTERPRETERS for program in programs(row)):
        return list(dict.fromkeys([*named, *reads, *_written_and_named_again(row)]))
    by_path = {PurePosixPath(name).name for name in named if "/" in name}
    return list(dict.fromkeys([*named, *(path for path in reads if PurePosixPath(path).name in by_path)]))


def _written_and_named_again(row: Observation) -> list[str]:
    """Return what a command writes and names once more: what it has just written is no read of it."""
    inputs = row.fields.get("tool_inputs")
    command = str(inputs.get("command")) if isinstance(inputs, Mapping) else ""
    return [path for path in touched(row, "write") if command.count(PurePosixPath(path).name) > 1]


class WriteThenRun:
    """Tells of programs that the agent wrote and ran."""

    name = "write-then-run"
    options: Mapping[str, Json] = MappingProxyType({})

    def open(self, settings: DetectorSettings, /) -> Watch:
        """Return a watch over what runs write and run."""
        return _Written(settings)
