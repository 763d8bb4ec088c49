"""The sinks at work: each in a thread of its own, so that a slow one holds up nobody.

What waits is bounded: where a sink is too slow the newest findings are not handed on, and that is told.  All findings
are in the log whatever becomes of them here.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Mapping

from occasio_core.detection.protocols import Sink
from occasio_verify import Json

MOST_WAITING = 256


class Outlets:
    """Hands findings on to all sinks.  Threads are started with the first finding."""

    def __init__(self, sinks: Mapping[str, Sink]) -> None:
        self._outlets = [_Outlet(sink) for _, sink in sorted(sinks.items())]

    def hand_on(self, row: Mapping[str, Json]) -> None:
        """Have `row` handed on; returns at once."""
        for outlet in self._outlets:
            outlet.put(row)

    def close(self, patience: float) -> None:
        """Wait until everything is handed on, together no longer than `patience` seconds."""
        until = time.monotonic() + patience
        for outlet in self._outlets:
            outlet.close(max(0.0, until - time.monotonic()))


class _Outlet:
    """One sink, its thread, and what waits for it."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._waiting: queue.Queue[Mapping[str, Json] | None] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._has_failed = False

    def put(self, row: Mapping[str, Json]) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=f"occasio-sink-{self._sink.name}", daemon=True)
            self._thread.start()
        try:
            self._waiting.put_nowait(row)
        except queue.Full:
            self._say("is too slow; a finding was not handed on")

    def close(self, patience: float) -> None:
        if self._thread is None:
            return
        try:
            self._waiting.put(None, timeout=patience)
        except queue.Full:
            return  # a daemon thread ends with the process
        self._thread.join(patience)

    def _work(self) -> None:
        while (row := self._waiting.get()) is not None:
            try:
                self._sink.write(row)
            except Exception as error:  # noqa: BLE001 - whatever the plugin raised: a sink that fails is told of
                self._say(f"failed: {error}" if str(error) else f"failed with {type(error).__name__}")

    def _say(self, what: str) -> None:
        if not self._has_failed:  # once is enough: the findings are in the log
            self._has_failed = True
            print(f"occasio: the sink `{self._sink.name}` {what}", file=sys.stderr, flush=True)
