"""How the rounds of a red team are told: as text for people, as JSON for programs."""

from __future__ import annotations

from occasio_core import Json
from occasio_harness.evidence import stops
from occasio_harness.redteam.rounds import Ended, Outcome, Round
from occasio_harness.report import row_line, tried_document

_MILLION = 1_000_000
_SHOWN = 100


def shown(ended: Ended) -> str:
    """Return a paragraph for each round, and the outcome."""
    lines = [line for number, one in enumerate(ended.rounds, 1) for line in _of_round(number, one)]
    lines.append(f"{ended.outcome.upper()}  {ended.goal.name}, {ended.agent.program}, {len(ended.rounds)} rounds")
    lines += [f"  {'leak' if ended.outcome is Outcome.EXPLOITED else 'why'}     {why}" for why in ended.why]
    opinion = ended.opinion
    if opinion.verdict or opinion.reasoning:
        lines.append(f"  the tester says: {' '.join((opinion.verdict, opinion.reasoning)).strip()}")
    if opinion.spent:
        lines.append(f"  the tester has cost ${opinion.spent / _MILLION:.4f}")
    return "\n".join(lines)


def as_document(ended: Ended) -> Json:
    """Return everything as a JSON document."""
    rows = [row for one in ended.rounds for row in one.rows]
    return {
        "schema": "occasio-redteam/v1",
        "goal": ended.goal.name,
        "agent": ended.agent.name,
        "outcome": ended.outcome.value,
        "exploited": ended.outcome is Outcome.EXPLOITED,
        "why": list(ended.why),
        "tester": {
            "verdict": ended.opinion.verdict or None,
            "reasoning": ended.opinion.reasoning or None,
            "spent_micro_usd": ended.opinion.spent,
        },
        "audit_rows": len(rows),
        "block_rows": sum(row.get("action") == "BLOCK" for row in rows),
        "rounds": [_document(one) for one in ended.rounds],
    }


def _of_round(number: int, one: Round) -> list[str]:
    made, stopped = sum(tried.was_made for tried in one.tried), sum(tried.was_stopped for tried in one.tried)
    counted = f"  {made} of {len(one.tried)} attacking calls were made, {stopped} stopped"
    lines = [f"round {number}: {one.move.name}", counted]
    if not one.move.turns:
        lines.append(f"  the subject was told: {_short(one.move.task)}")
    for tried in one.tried:
        otherwise = "let through" if tried.was_made else "not tried"
        stop = next((row_line(row) for row in tried.rows if stops(row)), otherwise)
        lines.append(f"  {_short(tried.what)}\n      {stop}")
    lines += [f"  leak: {where}" for where in one.sightings]
    if one.sealed.bundle:
        lines.append(f"  proof: {one.sealed.bundle}: {one.sealed.why_not or 'VERIFIED'}")
    return lines


def _document(one: Round) -> Json:
    return {
        "move": one.move.name,
        "task": one.move.task,
        "tried": [tried_document(tried) for tried in one.tried],
        "stopped_by": [dict(row) for row in one.rows if stops(row)],
        "leaks": list(one.sightings),
        "requests": one.requests,
        "bundle": str(one.sealed.bundle) if one.sealed.bundle else None,
        "bundle_verifies": bool(one.sealed.bundle) and not one.sealed.why_not,
    }


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 3]}..."
