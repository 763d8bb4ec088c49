"""`probing`: one thing that the policy refuses is tried in one spelling after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from occasio_core import DetectorSettings, Finding, Json, Observation, Severity, Watch
from occasio_detectors.bounded import RUNS, Bounded
from occasio_detectors.calls import is_denied
from occasio_detectors.options import number

_MOST_RULES = 64  # of one run
_MOST_TRIES = 64  # of one rule
_HIGH = 3  # times the threshold


@dataclass(slots=True)
class _Tries:
    """What was tried against one rule: when, in which spelling, in which row."""

    seen: deque[tuple[float, str, str]] = field(default_factory=lambda: deque(maxlen=_MOST_TRIES))
    told: Severity | None = None


class _Probes:
    kinds = frozenset({"tool_call", "run_ended"})

    def __init__(self, settings: DetectorSettings) -> None:
        self._window = settings.window
        self._at_least = number(settings.options, "at_least") * settings.multiplier
        self._runs: Bounded[str, dict[str, _Tries]] = Bounded(RUNS, dict)

    def observe(self, row: Observation, /) -> Sequence[Finding]:
        """Return a finding when a rule has refused so many different calls of a run."""
        if row.kind == "run_ended":
            self._runs.forget(row.run_id)
        if not is_denied(row):
            return ()
        rules = self._runs.of(row.run_id)
        rule = str(row.fields.get("rule") or row.fields.get("reason"))
        if rule not in rules and len(rules) >= _MOST_RULES:
            return ()
        tries = rules.setdefault(rule, _Tries())
        tries.seen.append((row.at, f"{row.fields.get('tool_name')} {row.fields.get('input_digest')}", row.hash))
        while tries.seen and not row.at - self._window <= tries.seen[0][0] <= row.at:
            tries.seen.popleft()
        return self._judged(rule, tries)

    def _judged(self, rule: str, tries: _Tries) -> Sequence[Finding]:
        spellings = {spelling: row for _, spelling, row in tries.seen}
        count = len(spellings)
        if count < self._at_least:
            return ()
        severity = Severity.HIGH if count >= _HIGH * self._at_least else Severity.MEDIUM
        if tries.told is not None and tries.told.rank >= severity.rank:
            return ()
        tries.told = severity
        return [
            Finding(
                severity=severity,
                message=f"`{rule}` refused {count} different calls: what it keeps is tried again in other spellings",
                rows=tuple(spellings.values())[-8:],
                tags=("attack.TA0005", "owasp-agentic.T6"),
                hint="read what the agent was told to do, and by whom; end the run if nobody asked for this",
                observed=count,
            )
        ]


class Probing:
    """Tells of many spellings of one thing that is refused."""

    name = "probing"
    options: Mapping[str, Json] = MappingProxyType({"at_least": 5})

    def open(self, settings: DetectorSettings, /) -> Watch:
        """Return a watch over refused calls."""
        return _Probes(settings)
