"""Observations for the tests of detectors: rows as the log has them, without a log."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from occasio_core import Detector, DetectorSettings, Finding, Json, Observation, Watch

_NUMBERS = count()


def seen(
    at: float, kind: str = "tool_call", *, run: str = "run", agent: str = "claude", project: str = "/p", **fields: Json
) -> Observation:
    """Return a row at `at` seconds."""
    row_hash = f"{next(_NUMBERS):064x}"
    members: dict[str, Json] = {"kind": kind, "hash": row_hash, "run_id": run, **fields}
    return Observation(at=at, hash=row_hash, kind=kind, run_id=run, agent=agent, project=project, fields=members)


def opened(detector: Detector, window: float = 900, multiplier: float = 1.0, **options: Json) -> Watch:
    """Return a watch with the detector's own options but for those given."""
    told = DetectorSettings(window=window, multiplier=multiplier, options={**detector.options, **options})
    return detector.open(told)


def findings(watch: Watch, rows: Iterable[Observation]) -> list[Finding]:
    """Return all that comes of rows."""
    return [finding for row in rows for finding in watch.observe(row)]
