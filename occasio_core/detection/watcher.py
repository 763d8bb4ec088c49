"""All detectors at work on one log: rows in, findings out, in one pass and with a memory that does not grow.

Knows what a run's first row says of it, and that a detector may fail.  Knows no files, and no time but the rows' own.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import cast

from occasio_core.detection.finding import MOST_ROWS, Detection, DetectorSettings, Finding, Observation, Severity
from occasio_core.detection.moment import seconds
from occasio_core.detection.protocols import Detector, NarrowWatch, Watch
from occasio_verify import Json

FINDING = "finding"
FAILED = "detector-failed"  # the tag of a finding that says so
_MOST_KINDS = 64  # whoever writes a log may make up kinds
MOST_RUNS = 4096  # runs whose agent and project are remembered; the one that was silent longest is forgotten first

Observe = Callable[[Observation], Iterable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding: which detector (by its full name) found it, at which row's time, and in which run."""

    detector: str
    at: float
    run_id: str
    finding: Finding

    def members(self) -> dict[str, Json]:
        """Return the members of a `finding` row (SPEC section 5), and what is told beside them."""
        told, found = self.finding, {"hint": self.finding.hint} if self.finding.hint else {}
        numbers = {"observed": told.observed, "expected": told.expected}
        return {
            "detector": self.detector,
            "message": told.message,
            "rows": list(told.rows[:MOST_ROWS]),
            "severity": told.severity.value,
            "tags": list(told.tags),
            **found,
            **{name: number for name, number in numbers.items() if number is not None},
        }


class Watcher:
    """Shows every row of one log to the detectors that the policy leaves on."""

    def __init__(self, detectors: Mapping[str, Detector], policy: Detection) -> None:
        self.window = float(policy.window_seconds)
        self._watches: dict[str, Watch] = {}
        self._by_kind: dict[str, list[tuple[str, Observe]]] = {}
        self._failed: list[tuple[str, Exception]] = []
        self._runs: OrderedDict[str, tuple[str, str]] = OrderedDict()  # what each was started with: command, directory
        for name, detector in sorted(detectors.items()):
            if name not in policy.disabled:
                self._open(name, detector, policy)

    def observe(self, row: Mapping[str, Json]) -> list[Found]:
        """Return what a row of the log gives away.  Findings are not looked at: none may lead to another."""
        kind = cast("str", row["kind"])
        if kind == FINDING:
            return []
        seen = self._seen(row, kind)
        found: list[Found] = []
        for name, observe in self._by_kind.get(kind) or self._shown(kind):
            try:
                for one in observe(seen):
                    found.append(Found(detector=name, at=seen.at, run_id=seen.run_id, finding=_checked(one)))
            except Exception as error:  # noqa: BLE001 - whatever the plugin raised: one that fails is a finding
                del self._watches[name]
                self._by_kind = {}
                self._failed.append((name, error))
        if self._failed:
            failed, self._failed = self._failed, []
            found += [_failure(name, error, seen) for name, error in failed]
        return found

    def _shown(self, kind: str) -> list[tuple[str, Observe]]:
        """Return the watches that are shown rows of this kind."""
        watches = self._watches.items()
        shown = [(name, one.observe) for name, one in watches if not isinstance(one, NarrowWatch) or kind in one.kinds]
        if len(self._by_kind) < _MOST_KINDS:
            self._by_kind[kind] = shown
        return shown

    def _open(self, name: str, detector: Detector, policy: Detection) -> None:
        told = policy.options.get(name, {})
        try:
            settings = DetectorSettings(
                window=float(policy.window_seconds),
                multiplier=policy.threshold_percent / 100,
                options=MappingProxyType({**detector.options, **told}),
            )
            self._watches[name] = detector.open(settings)
        except Exception as error:  # noqa: BLE001 - as above
            self._failed.append((name, error))

    def _seen(self, row: Mapping[str, Json], kind: str) -> Observation:
        run_id = cast("str", row.get("run_id") or "")
        agent, project = self._run(run_id, row, kind)
        return Observation(
            at=seconds(cast("str", row["ts"])),
            hash=cast("str", row["hash"]),
            kind=kind,
            run_id=run_id,
            agent=agent,
            project=project,
            fields=row,
        )

    def _run(self, run_id: str, row: Mapping[str, Json], kind: str) -> tuple[str, str]:
        """Return the agent and the project of the row's run, as its first row named them."""
        if kind == "run_started":
            self._runs[run_id] = str(row.get("command", "")), str(row.get("cwd", ""))
            if len(self._runs) > MOST_RUNS:
                self._runs.popitem(last=False)
        known = self._runs.get(run_id)
        if known is None:
            return str(row.get("agent") or ""), ""
        self._runs.move_to_end(run_id)
        if kind == "run_ended":
            del self._runs[run_id]
        return known


def _checked(finding: object) -> Finding:
    """Return what a detector said, if a row can hold it.  Raises `TypeError`."""
    if not isinstance(finding, Finding):
        raise TypeError(f"a detector said {type(finding).__name__}, which is no finding")
    return replace(finding, rows=finding.rows[:MOST_ROWS])


def _failure(name: str, error: Exception, seen: Observation) -> Found:
    message = f"the detector failed with {type(error).__name__} and sees nothing any more"
    hint = f"report it, or name it under `detectors: disabled:` in the policy: {name}"
    finding = Finding(severity=Severity.MEDIUM, message=message, rows=(seen.hash,), tags=(FAILED,), hint=hint)
    return Found(detector=name, at=seen.at, run_id=seen.run_id, finding=finding)
