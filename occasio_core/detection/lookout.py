"""Watching the log while runs write to it: in a thread of its own, so that no decision waits for a detector.

It reads what is in the file, behind those who write, and begins some way before its end, to know what is ordinary.
What is found in a run of this process becomes a `finding` row of that run, and goes to the sinks.  Other processes see
to their own runs.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from occasio_core.detection.finding import Detection, Finding, Severity
from occasio_core.detection.outlets import Outlets
from occasio_core.detection.protocols import Detector, Sink
from occasio_core.detection.tail import Tail
from occasio_core.detection.watcher import FAILED, FINDING, Found, Watcher
from occasio_core.errors import OccasioError
from occasio_verify import Json, Row

LEARNS_FROM = 24 << 20  # bytes before the end of the log: some thirty thousand rows
PATIENCE_SECONDS = 2.0  # how long the end of a run waits for its last rows to be looked at
_BATCH = 16  # rows between two moments in which others may go on
_PAUSE_SECONDS = 0.0002
_NAME = "occasio.lookout"

Write = Callable[[str, Mapping[str, Json]], Row]
"""Appends a row of a kind to a run, durably, and returns it."""


class Lookout:
    """The detectors at work on the log at `path`.  Does nothing, and starts nothing, without any."""

    def __init__(
        self, path: Path, detectors: Mapping[str, Detector], policy: Detection, sinks: Mapping[str, Sink]
    ) -> None:
        self._path = path
        self._detectors = {name: one for name, one in detectors.items() if name not in policy.disabled}
        self._policy = policy
        self._outlets = Outlets(sinks)
        self._runs: dict[str, Write] = {}
        self._news = threading.Event()
        self._looked = threading.Condition()
        self._offset = 0
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def join(self, run_id: str, write: Write) -> None:
        """Look after a run that begins; `write` appends a row to it."""
        self._runs[run_id] = write
        if self._thread is None and self._detectors:
            self._thread = threading.Thread(target=self._work, name="occasio-lookout", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Say that the log has grown.  Costs nothing to speak of."""
        self._news.set()

    def leave(self, run_id: str) -> None:
        """Look after a run no more, once what it has written was looked at, or time is up."""
        if self._thread is not None and run_id in self._runs:
            target = self._path.stat().st_size if self._path.exists() else 0
            self._news.set()
            with self._looked:
                self._looked.wait_for(lambda: self._offset >= target or not self._works(), PATIENCE_SECONDS)
        self._runs.pop(run_id, None)

    def close(self) -> None:
        """End the thread, and hand on what waits for a sink, as far as that can be done soon."""
        self._is_closed = True
        self._news.set()
        if self._thread is not None:
            self._thread.join(PATIENCE_SECONDS)
        self._outlets.close(PATIENCE_SECONDS)

    def _works(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _work(self) -> None:
        try:
            watcher, tail = Watcher(self._detectors, self._policy), Tail(self._path, LEARNS_FROM)
            while not self._is_closed:
                self._news.clear()
                self._look(watcher, tail)
                self._news.wait()
        except (OccasioError, OSError) as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001 - whoever only watches must not end the run, and must say that it has ended
            self._fail(type(error).__name__)
        finally:
            with self._looked:
                self._looked.notify_all()

    def _look(self, watcher: Watcher, tail: Tail) -> None:
        for number, row in enumerate(tail.rows()):
            for found in watcher.observe(row):
                self._tell(found)
            if self._is_closed:
                return
            if number % _BATCH == 0:
                self._reached(tail.offset)
                time.sleep(_PAUSE_SECONDS)  # those who decide come first
        self._reached(tail.offset)

    def _reached(self, offset: int) -> None:
        with self._looked:
            self._offset = offset
            self._looked.notify_all()

    def _tell(self, found: Found) -> None:
        write = self._runs.get(found.run_id)
        if write is None:
            return
        try:
            row = write(FINDING, found.members())
        except OccasioError:
            return  # a log that takes no rows stops the run by itself
        self._outlets.hand_on(row.fields)

    def _fail(self, what: str) -> None:
        """Say in every run that nobody watches any more."""
        finding = Finding(
            severity=Severity.MEDIUM,
            message=f"the log is not watched any more: {what}",
            tags=(FAILED,),
            hint="see `occasio audit verify`, and look at the log with `occasio anomalies`",
        )
        for run_id in list(self._runs):
            self._tell(Found(detector=_NAME, at=0.0, run_id=run_id, finding=finding))
        if not self._runs:
            print(f"occasio: {finding.message}", file=sys.stderr)
