"""One pass of all detectors over a recorded log: what they find in the part of it that was asked for.

Everything before that part is looked at as well: it is what the detectors know.  Knows logs and detectors, not how
anything is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from occasio_core.detection.finding import Severity
from occasio_core.detection.moment import seconds
from occasio_core.detection.recorded import Recording
from occasio_core.detection.watcher import FAILED, Found, Watcher

NOTHING, ONLY_LOW, SERIOUS, FAILURE = 0, 1, 2, 3  # exit codes


@dataclass(slots=True)
class Scan:
    """A log that is looked at: `first` and `last` are the times of its first and its newest row, 0 without any.

    `run` is what the id of a run begins with whose findings alone are told; `has_run` says whether a row is of it.
    """

    recording: Recording
    watcher: Watcher
    run: str = ""
    first: float = 0.0
    last: float = 0.0
    has_run: bool = False

    def found(self, progress: Callable[[int], None] = lambda offset: None) -> Iterator[Found]:
        """Yield what is found in the rows that were not looked at yet, in their order.  Raises `OSError`."""
        for row in self.recording.read(progress):
            at = seconds(str(row["ts"]))
            self.first = self.first or at
            self.last = max(self.last, at)
            self.has_run = self.has_run or str(row.get("run_id") or "").startswith(self.run)
            for one in self.watcher.observe(row):
                if one.run_id.startswith(self.run):
                    yield one


def exit_code(found: list[Found], *, is_damaged: bool) -> int:
    """Return what the command exits with; a log that does not verify is serious, whatever was found in it."""
    failed = [one for one in found if FAILED in one.finding.tags]
    worst = max((one.finding.severity.rank for one in found if one not in failed), default=-1)
    if is_damaged or worst >= Severity.MEDIUM.rank:
        return SERIOUS
    if failed:
        return FAILURE
    return ONLY_LOW if worst >= 0 else NOTHING
