"""What the log of a place shows after a fault: which calls were let go and which results were taken, and that it verifies."""

from __future__ import annotations

from dataclasses import dataclass

from occasio_verify import Row, parse_row, walk_log
from tests.end_to_end.place import Place


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows of a log that verifies, its torn end left out."""

    rows: list[Row]

    @property
    def released(self) -> set[str]:
        """The ids of the calls that some door was allowed to let go."""
        calls = [row for row in self.rows if row.kind == "tool_call"]
        return {str(row.fields["call_id"]) for row in calls if row.fields["action"] != "BLOCK"}

    @property
    def taken(self) -> set[str]:
        """The ids of the calls whose result was recorded."""
        return {str(row.fields["call_id"]) for row in self.rows if row.kind == "tool_result"}


def evidence(place: Place) -> Evidence:
    """Return what the log shows.  Raises `LogError` if it does not verify up to its last line end."""
    data = place.log.read_bytes() if place.log.exists() else b""
    whole = data.rfind(b"\n") + 1
    if whole:
        walk_log(place.log, stop=whole)
    return Evidence([parse_row(line) for line in data[:whole].split(b"\n")[:-1]])


def mended(place: Place) -> Evidence:
    """Return what the log shows when it was put in order by the command that is there for it, and verified by the other."""
    for arguments in (("audit", "repair"), ("audit", "verify", "--integrity-only")):
        done = place.occasio(*arguments)
        assert done.returncode == 0, done.stderr
    found = evidence(place)
    assert {row.run_id for row in found.rows if row.kind == "run_started"} == {
        row.run_id for row in found.rows if row.kind == "run_ended"
    }
    return found
