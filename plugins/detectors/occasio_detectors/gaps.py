"""`coverage-gap`: a door saw less than it should have: results without a decision, or hooks that fell silent.

The whole account of a run is `occasio audit coverage`; this is what can be said while it goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from occasio_core import DetectorSettings, Finding, Json, Observation, Severity, Watch
from occasio_detectors.bounded import RUNS, Bounded
from occasio_detectors.options import number

_MOST_CALLS = 4096  # of one run that are waited for
_HOOK = "hook"


@dataclass(slots=True)
class _Run:
    """What was decided in a run, and whether its hooks speak."""

    has_hooks: bool = False
    open: dict[str, str] = field(default_factory=dict)  # calls without an outcome, and their rows
    decided: set[str] = field(default_factory=set)
    undecided: list[str] = field(default_factory=list)
    since_hook: list[str] = field(default_factory=list)  # rows of calls that no hook has spoken of
    told: set[str] = field(default_factory=set)


class _Gaps:
    kinds = frozenset({"run_started", "tool_call", "tool_result", "hook_event", "run_ended"})

    def __init__(self, settings: DetectorSettings) -> None:
        self._silent = number(settings.options, "silent_calls") * settings.multiplier
        self._lost = number(settings.options, "lost_outcomes") * settings.multiplier
        self._runs: Bounded[str, _Run] = Bounded(RUNS, _Run)

    def observe(self, row: Observation, /) -> Sequence[Finding]:
        """Return a finding when something ran undecided, hooks fall silent, or a run ends with outcomes missing."""
        run = self._runs.of(row.run_id)
        match row.kind:
            case "run_started":
                points = row.fields.get("enforcement_points")
                run.has_hooks = isinstance(points, list) and _HOOK in points and len(points) > 1
            case "tool_call":
                return self._decided(row, run)
            case "tool_result":
                return self._came(row, run)
            case "hook_event":
                run.since_hook.clear()
            case "run_ended":
                self._runs.forget(row.run_id)
                return self._ended(row, run)
        return ()

    def _decided(self, row: Observation, run: _Run) -> Sequence[Finding]:
        call = str(row.fields.get("call_id"))
        if len(run.decided) < _MOST_CALLS:
            run.decided.add(call)
        if row.fields.get("action") == "BLOCK":
            return ()
        run.open[call] = row.hash
        if row.fields.get("protocol") == _HOOK:
            run.since_hook.clear()
            return ()
        if not run.has_hooks or row.fields.get("action") != "PASS":
            return ()
        run.since_hook.append(row.hash)
        if len(run.since_hook) < self._silent or "silent" in run.told:
            return ()
        run.told.add("silent")
        return [
            _told(
                Severity.MEDIUM,
                f"the agent's hooks have not spoken of its last {len(run.since_hook)} calls",
                run.since_hook,
            )
        ]

    def _came(self, row: Observation, run: _Run) -> Sequence[Finding]:
        call = str(row.fields.get("call_id"))
        run.open.pop(call, None)
        if call in run.decided or len(run.decided) >= _MOST_CALLS:
            return ()
        run.undecided.append(row.hash)
        if len(run.undecided) not in (1, 4):  # the first, and once more when it is no accident
            return ()
        severity = Severity.MEDIUM if len(run.undecided) == 1 else Severity.HIGH
        return [_told(severity, f"{_results(len(run.undecided))} came of calls that nobody decided", run.undecided)]

    def _ended(self, row: Observation, run: _Run) -> Sequence[Finding]:
        if row.fields.get("reason") != "exit" or len(run.open) < self._lost:
            return ()
        return [
            _told(
                Severity.LOW,
                f"the run ended, and of {len(run.open)} calls it is not known what came",
                list(run.open.values()),
            )
        ]


def _results(count: int) -> str:
    return f"{count} result{'' if count == 1 else 's'}"


def _told(severity: Severity, message: str, rows: Sequence[str]) -> Finding:
    return Finding(
        severity=severity,
        message=message,
        rows=tuple(rows[-8:]),
        tags=("attack.T1562", "owasp-agentic.T8"),
        hint="occasio audit coverage says it call by call; occasio doctor says what may lead around the gate",
    )


class CoverageGap:
    """Tells of doors that saw less than they should have."""

    name = "coverage-gap"
    options: Mapping[str, Json] = MappingProxyType({"silent_calls": 5, "lost_outcomes": 4})

    def open(self, settings: DetectorSettings, /) -> Watch:
        """Return a watch over decisions and outcomes."""
        return _Gaps(settings)
