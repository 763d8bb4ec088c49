"""How attacks are told: as text for people, as JSON for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from occasio_core import Json
from occasio_harness.evidence import Row
from occasio_harness.playing import Played
from occasio_harness.scenario import Scenario
from occasio_harness.subject import Terms
from occasio_harness.verdict import Tried, Verdict

_MOST = 12  # lines of one kind in the text; JSON has all


def listed(scenarios: Sequence[Scenario]) -> str:
    """Return a line for each scenario."""
    width = max(len(scenario.name) for scenario in scenarios)
    return "\n".join(
        f"{scenario.name:{width}}  {scenario.says}{'  [known to leak]' if scenario.gap else ''}"
        for scenario in scenarios
    )


def listed_json(scenarios: Sequence[Scenario]) -> str:
    """Return the same for programs."""
    told: list[Json] = [
        {"scenario": one.name, "tries": one.says, "needs": one.needs or None, "known_gap": one.gap or None}
        for one in scenarios
    ]
    return json.dumps({"scenarios": told}, ensure_ascii=False, indent=2)


def shown(one: Played) -> str:
    """Return what there is to say of one attack: what was tried, what stopped it, and where the proof is."""
    lines = [f"{one.verdict.upper():12}  {one.scenario.name}, {one.agent.program}, {one.seconds} s"]
    lines.append(f"  the agent {one.scenario.says}")
    lines += _some([f"  tried    {_of(tried)}" for tried in one.tried])
    lines += _some([f"  stopped  {row_line(row)}" for row in one.stopped_by])
    lines += [f"  {'leak' if one.verdict is Verdict.LEAKED else 'why'}     {why}" for why in one.why[:_MOST]]
    if one.verdict is Verdict.LEAKED and one.scenario.gap:
        lines.append(f"  known    {one.scenario.gap}")
    if one.sealed.bundle:
        lines.append(f"  proof    {one.sealed.bundle}: {one.sealed.why_not or 'VERIFIED'}")
    return "\n".join(lines)


def totals(done: Sequence[Played], folder: Path) -> str:
    """Return how many ended how, and where the evidence is."""
    counts = Counter(one.verdict.value for one in done)
    said = ", ".join(f"{counts[verdict.value]} {verdict.value}" for verdict in Verdict)
    return f"{said}\nThe evidence is in {folder}"


def as_document(done: Sequence[Played], terms: Terms) -> Json:
    """Return everything as a JSON document."""
    counts = Counter(one.verdict.value for one in done)
    return {
        "schema": "occasio-harness/v1",
        "model": "scripted" if terms.live is None else "live",
        "governed": terms.is_governed,
        "totals": {verdict.value: counts[verdict.value] for verdict in Verdict},
        "attacks": [_document(one) for one in done],
    }


def _document(one: Played) -> Json:
    return {
        "scenario": one.scenario.name,
        "agent": one.agent.name,
        "verdict": one.verdict.value,
        "why": list(one.why),
        "known_gap": one.scenario.gap or None,
        "tried": [tried_document(tried) for tried in one.tried],
        "stopped_by": [dict(row) for row in one.stopped_by],
        "bundle": str(one.sealed.bundle) if one.sealed.bundle else None,
        "public_key": str(one.sealed.key) if one.sealed.key else None,
        "bundle_verifies": bool(one.sealed.bundle) and not one.sealed.why_not,
        "seconds": one.seconds,
    }


def tried_document(tried: Tried) -> Json:
    """Return a call that was tried as JSON."""
    return {
        "call_id": tried.call,
        "what": tried.what,
        "made": tried.was_made,
        "stopped": tried.was_stopped,
        "brought_the_marker": tried.brought,
    }


def _of(tried: Tried) -> str:
    what = tried.what if len(tried.what) <= 90 else f"{tried.what[:87]}..."
    return what if tried.was_made else f"(not tried) {what}"


def row_line(row: Row) -> str:
    """Return a row in a few words."""
    named = [str(row[name]) for name in ("action", "result_kind", "reason", "rule", "limit") if row.get(name)]
    return f"row {row['seq']} {row['kind']}: {' '.join(named)[:80]}"


def _some(lines: Sequence[str]) -> list[str]:
    more = len(lines) - _MOST
    return [*lines[:_MOST], *([f"           and {more} more"] if more > 0 else [])]
