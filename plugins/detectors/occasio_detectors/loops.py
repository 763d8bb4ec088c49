"""`loop`: the same calls again and again, with nothing new between them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from occasio_core import DetectorSettings, Finding, Json, Observation, Severity, Watch
from occasio_detectors.bounded import RUNS, Bounded
from occasio_detectors.options import number

_LONGEST = 4  # calls in a round
_HIGH = 6  # times the threshold


@dataclass(slots=True)
class _Rounds:
    """How often the last calls of a run have repeated themselves, by the length of the round."""

    calls: deque[str] = field(default_factory=lambda: deque(maxlen=_LONGEST))
    rows: deque[str] = field(default_factory=lambda: deque(maxlen=8))
    same: list[int] = field(default_factory=lambda: [0] * _LONGEST)  # calls in a row that were those so many before
    told: Severity | None = None

    def add(self, call: str, row: str) -> int:
        """Take a call; return in how many rounds, of whichever length, the last calls are the same."""
        for length in range(1, _LONGEST + 1):
            is_same = len(self.calls) >= length and self.calls[-length] == call
            self.same[length - 1] = self.same[length - 1] + 1 if is_same else 0
        self.calls.append(call)
        self.rows.append(row)
        return max(1 + self.same[length - 1] // length for length in range(1, _LONGEST + 1))


class _Loops:
    kinds = frozenset({"tool_call"})

    def __init__(self, settings: DetectorSettings) -> None:
        self._rounds = number(settings.options, "rounds") * settings.multiplier
        self._runs: Bounded[tuple[str, str], _Rounds] = Bounded(RUNS, _Rounds)

    def observe(self, row: Observation, /) -> Sequence[Finding]:
        """Return a finding when the last calls of a session are one round, so many times."""
        # sub-agents of one run take turns, and each repeats itself alone
        session = self._runs.of((row.run_id, str(row.fields.get("session_id"))))
        count = session.add(f"{row.fields.get('tool_name')} {row.fields.get('input_digest')}", row.hash)
        if count < self._rounds:
            session.told = None
            return ()
        severity = Severity.HIGH if count >= _HIGH * self._rounds else Severity.MEDIUM
        if session.told is not None and session.told.rank >= severity.rank:
            return ()
        session.told = severity
        return [
            Finding(
                severity=severity,
                message=f"the same calls were made {count} times in a row, {row.fields.get('tool_name')} last",
                rows=tuple(session.rows),
                tags=("owasp-agentic.T4",),
                hint="the agent may be stuck; `limits:` and --budget bound what that can cost",
                observed=count,
            )
        ]


class Loop:
    """Tells of calls that repeat themselves."""

    name = "loop"
    options: Mapping[str, Json] = MappingProxyType({"rounds": 10})

    def open(self, settings: DetectorSettings, /) -> Watch:
        """Return a watch over calls in their order."""
        return _Loops(settings)
