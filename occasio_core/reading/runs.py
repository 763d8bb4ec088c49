"""One run as the index keeps it: taken up row by row, and given out as a summary.

Pure: knows the members of rows, no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from occasio_core.reading.counters import Counters
from occasio_core.reading.moments import timestamp

if TYPE_CHECKING:
    from occasio_verify import Json

RECORDER = "occasio"

FACTS = (
    "run_id",
    "agent",
    "session_id",
    "model",
    "command",
    "cwd",
    "doors",
    "policy_hash",
    "started_at",
    "last_at",
    "ended_at",
    "end_reason",
    "exit_code",
    "first_seq",
    "last_seq",
    "rows",
    "last_hash",
)
"""What is kept of a run beside its counters, in the order of the columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A run in sum.  Times are milliseconds since 1970; `ended_at` is None while it is open.

    `agent` is the first that acted, None if none has; `model` the first that was asked.  `doors` are the enforcement
    points, with commas.  `end_reason` and `exit_code` are those of `run_ended`.
    """

    run_id: str
    agent: str | None
    session_id: str
    model: str | None
    command: str
    cwd: str
    doors: str
    policy_hash: str | None
    started_at: int
    last_at: int
    ended_at: int | None
    end_reason: str | None
    exit_code: int | None
    first_seq: int
    last_seq: int
    rows: int
    last_hash: str
    counters: Counters

    @property
    def is_open(self) -> bool:
        """Return whether the log has no `run_ended` row of it; its process may be gone all the same."""
        return self.ended_at is None

    @property
    def duration(self) -> int:
        """Return the milliseconds from the first row to the last, at least 0."""
        return max(0, self.last_at - self.started_at)

    def as_json(self) -> dict[str, Json]:
        """Return it for programs."""
        facts: dict[str, Json] = {name: getattr(self, name) for name in FACTS}
        for name in ("started_at", "last_at", "ended_at"):
            at = getattr(self, name)
            facts[name] = None if at is None else timestamp(at)
        return facts | {"counters": self.counters.as_json()}


@dataclass(slots=True)
class RunNotes:
    """A run while its rows are read: `number` is its key in the index, `facts` what is known so far."""

    number: int
    facts: dict[str, Json]

    def note(self, row: Mapping[str, Json], at: int) -> None:
        """Take up the run's next row, written `at`."""
        facts = self.facts
        facts["last_at"], facts["last_seq"], facts["last_hash"] = at, row["seq"], row["hash"]
        facts["rows"] = row["run_seq"] + 1  # type: ignore[operator]  # an integer in a checked row of a run
        if facts["agent"] is None and row["agent"] != RECORDER:
            facts["agent"], facts["session_id"] = row["agent"], row["session_id"]
        match row["kind"]:
            case "request" if facts["model"] is None:
                facts["model"] = row["model"]
            case "policy_loaded" if facts["policy_hash"] is None:
                loaded = row["tool_inputs"]
                facts["policy_hash"] = loaded["policy_hash"] if isinstance(loaded, Mapping) else None
            case "run_ended":
                facts["ended_at"], facts["end_reason"], facts["exit_code"] = at, row["reason"], row["exit_code"]


def begun(number: int, row: Mapping[str, Json], at: int) -> RunNotes:
    """Return the notes on a run whose first row is `row`; it has still to be noted."""
    points = row["enforcement_points"]
    facts: dict[str, Json] = dict.fromkeys(FACTS)
    facts |= {name: row[name] for name in ("run_id", "session_id", "command", "cwd")}
    facts |= {"started_at": at, "first_seq": row["seq"]}
    facts["doors"] = ",".join(str(point) for point in points) if isinstance(points, list) else ""
    return RunNotes(number, facts)
