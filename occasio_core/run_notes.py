"""What is kept of a run beside its rows: how long its requests took, and, if the policy wants it, what was shortened.

None of it is evidence, and nothing waits for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from occasio_core.commands import Record
from occasio_core.daylog import DISTILLED, LOGS, DayLog
from occasio_core.model import RunId
from occasio_verify import Json


class RunNotes:
    """Takes notes of one run in the home `place`."""

    def __init__(self, place: Path, run: RunId) -> None:
        self._run = run
        self._details = DayLog(place, LOGS)
        self._shortened = DayLog(place, DISTILLED)

    def note(self, said: Mapping[str, Json]) -> None:
        """Keep the details of a request or a hook's event.  Returns at once."""
        self._details.note({"run_id": self._run, **said})

    def keep(self, record: Record) -> None:
        """Keep the whole of a shortened result, where the policy wants that.  Returns at once."""
        if record.raw:
            members = record.members
            kept = {name: members[name] for name in ("call_id", "content_digest", "shaped_by", "size")}
            self._shortened.note({"run_id": self._run, **kept, "texts": list(record.raw)})

    def close(self) -> None:
        """Return once everything is written."""
        self._details.close()
        self._shortened.close()
