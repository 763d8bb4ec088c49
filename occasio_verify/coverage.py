"""Whether each call of a run was decided, and what became of it, as far as the rows of its doors can tell (SPEC 11.3).

Knows rows.  What went round every door left none, and cannot be seen here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from occasio_verify.canonical import Json

_HOOK = "hook"
_PROXY = "proxy"


class GapKind(StrEnum):
    """What is missing of a call."""

    NOT_GATED = "not-gated"  # an agent told of it, and no door has decided on it
    NO_DECISION = "no-decision"  # it has an outcome, and no decision before it
    NO_OUTCOME = "no-outcome"  # it was let through, and nothing came of it
    HOOK_SILENT = "hook-silent"  # it ran behind the proxy, and the hook that was set up said nothing
    PROXY_SILENT = "proxy-silent"  # a hook decided on it, and it never came through the proxy that was set up
    OUTPUT_DIFFERS = "output-differs"  # what the agent was about to send is not what the proxy got


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing.  `tool` is empty where no row names it."""

    kind: GapKind
    call_id: str
    tool: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many calls the rows name, and the gaps in what they say of them, by call in the order of the rows."""

    calls: int
    gaps: tuple[Gap, ...]


@dataclass(slots=True)
class _Call:
    """What the rows say of one call."""

    tool: str = ""
    action: str = ""  # of the last decision
    is_elsewhere: bool = False  # the provider has carried it out, and its result went nowhere else
    door: str = ""  # of the first decision
    was_told: bool = False
    has_early_outcome: bool = False
    has_outcome: bool = False
    failed: bool = False
    by_hook: bool = False
    told: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)


def coverage(rows: Iterable[Mapping[str, Json]]) -> Coverage:
    """Return the coverage of the rows of one run."""
    calls: dict[str, _Call] = {}
    doors: set[str] = set()
    for row in rows:
        match row.get("kind"):
            case "run_started":
                points = row.get("enforcement_points")
                doors.update(point for point in (points if isinstance(points, list) else ()) if isinstance(point, str))
            case "tool_call":
                _decided(calls.setdefault(str(row["call_id"]), _Call()), row)
            case "tool_result":
                _ended(calls.setdefault(str(row["call_id"]), _Call()), row)
            case "approval_requested":
                calls.setdefault(str(row["call_id"]), _Call(tool=str(row["tool_name"]))).was_told = True
            case "hook_event":
                _told(calls, row)
    found = tuple(Gap(kind, name, call.tool) for name, call in calls.items() for kind in _gaps(call, doors))
    return Coverage(len(calls), found)


def _decided(call: _Call, row: Mapping[str, Json]) -> None:
    call.tool = str(row["tool_name"])
    call.action = str(row["action"])
    call.is_elsewhere = row.get("reason") == "provider-ran"
    call.door = call.door or str(row["protocol"])
    call.by_hook = call.by_hook or row["protocol"] == _HOOK


def _ended(call: _Call, row: Mapping[str, Json]) -> None:
    call.has_outcome = True
    call.has_early_outcome = call.has_early_outcome or not call.action
    call.failed = call.failed or row.get("is_error") is True
    if row["protocol"] != _HOOK:
        call.sent.add(str(row["content_digest"]))


def _told(calls: dict[str, _Call], row: Mapping[str, Json]) -> None:
    if isinstance(name := row.get("call_id"), str):
        call = calls.setdefault(name, _Call())
        call.tool = call.tool or str(row.get("tool_name", ""))
        call.was_told = call.by_hook = True
    outputs = row.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        if isinstance(output, Mapping) and output["is_error"] is False:
            call = calls.setdefault(str(output["call_id"]), _Call())
            call.was_told = True
            call.told.add(str(output["digest"]))


def _gaps(call: _Call, doors: set[str]) -> Iterator[GapKind]:
    if not call.action:
        yield GapKind.NO_DECISION if call.has_outcome else GapKind.NOT_GATED
        return
    if call.has_early_outcome:
        yield GapKind.NO_DECISION
    if call.action != "BLOCK" and not call.has_outcome and not call.is_elsewhere:
        yield GapKind.NO_OUTCOME
    if _HOOK in doors and call.action == "PASS" and call.has_outcome and not (call.by_hook or call.failed):
        yield GapKind.HOOK_SILENT
    if _PROXY in doors and call.door == _HOOK:
        yield GapKind.PROXY_SILENT
    if call.told and call.sent and not call.told & call.sent:
        yield GapKind.OUTPUT_DIFFERS
