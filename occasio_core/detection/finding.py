"""The nouns of detection: what a detector is shown, what it is told by the policy, and what it says.

Knows no files, no clocks and no detectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from occasio_verify import Json

WINDOW_SECONDS = 900
MOST_ROWS = 16  # rows that a finding names at most


class Severity(StrEnum):
    """How much a finding matters.  Later members matter more (SPEC section 5)."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Return the position in info < low < medium < high."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A row of the log as a detector sees it, with what the log has said of its run.

    `at` are seconds since 1970 by the row's own `ts`.  `agent` and `project` are the command and the directory that the
    run was started with: an agent cannot choose them, as it can the name that its rows have.  `fields` are all members
    of the row; those of the row's kind are there with the types that SPEC section 5 says.
    """

    at: float
    hash: str
    kind: str
    run_id: str
    agent: str
    project: str
    fields: Mapping[str, Json] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a detector says of rows.

    `rows` are the hashes of the rows that it speaks of, the latest last; the first `MOST_ROWS` are kept.  `tags` are
    names of others for it, such as `attack.T1552` (MITRE ATT&CK) or `owasp-agentic.T02`.  `hint` is what to do.
    `observed` and `expected` are what was counted and what would have been ordinary, where there is such a number.
    """

    severity: Severity
    message: str
    rows: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    hint: str = ""
    observed: int | None = None
    expected: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorSettings:
    """What a detector is opened with.

    `window` are the seconds that are looked at together, `multiplier` what thresholds are multiplied with, `options`
    the detector's own options: every one that it knows, as the policy says it or with the default.
    """

    window: float = WINDOW_SECONDS
    multiplier: float = 1.0
    options: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What `detectors:` of a policy says: `disabled` and `options` go by the detectors' full names (`plugin.name`)."""

    window_seconds: int = WINDOW_SECONDS
    threshold_percent: int = 100
    disabled: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, Json]] = field(default_factory=lambda: MappingProxyType({}))
