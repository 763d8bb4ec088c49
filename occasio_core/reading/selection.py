"""Which rows are asked about, and the small values that come back.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from occasio_core.reading.counters import Counters


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Rows of one run or of all, from `since` on and before `until` (milliseconds since 1970); None: no bound.

    `run_id` is whole: `Reader.run_id` finds it by its first digits.  Without bounds and run, all rows of the log.
    """

    run_id: str | None = None
    since: int | None = None
    until: int | None = None

    @property
    def is_bounded(self) -> bool:
        """Return whether time bounds it."""
        return self.since is not None or self.until is not None


ALL = Selection()


class Entry(NamedTuple):
    """What the index knows of a row without reading it again.  `at` is its `ts` in milliseconds since 1970.

    `detail` is, by kind: the model of a `request`, `result_kind`, the limit, the detector of a finding, an approval's
    id, a hook's event,
    a policy's source.  `secrets` were kept back.
    """

    seq: int
    run_id: str | None
    kind: str
    at: int
    action: str | None
    tool: str | None
    reason: str | None
    rule: str | None
    detail: str | None
    secrets: int
    offset: int
    length: int


class Bucket(NamedTuple):
    """A span of time that begins at `at` (milliseconds since 1970), and what its rows add up to."""

    at: int
    counters: Counters


class Group(NamedTuple):
    """How many rows have this value of a member, and when the last of them was written."""

    value: str | None
    rows: int
    last_at: int
