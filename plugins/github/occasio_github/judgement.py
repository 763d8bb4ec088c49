"""From the verifier's report and what the workflow expects to the conclusion of a Check Run.  Pure.

A report that is missing, or says what this file does not know, is a failure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from occasio_core import Json

SUCCESS, NEUTRAL, FAILURE = "success", "neutral", "failure"

_BY_VERDICT = {"VERIFIED": SUCCESS, "INTACT": NEUTRAL, "FAILED": FAILURE}
_MEANING = {
    "VERIFIED": "every check passed, and the signer is the one that this workflow expects",
    "INTACT": "whole and consistent, but not authenticated",
    "FAILED": "a check failed: do not rely on this",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A conclusion that GitHub knows, and in our own words why."""

    conclusion: str
    reasons: tuple[str, ...]


def judgement(
    report: Mapping[str, Json] | None, policies: Sequence[str], *, expected_policy: str | None, on_blocked: str
) -> Judgement:
    """Return the worst of what verdict, policies, gaps and refusals amount to.

    `policies` are the digests of all policies that were in force in the run.
    """
    if report is None:
        return Judgement(FAILURE, ("there is no bundle to verify",))
    verdict = str(report.get("verdict"))
    found = [(_BY_VERDICT.get(verdict, FAILURE), _MEANING.get(verdict, "the verdict is none that is known"))]
    if expected_policy is not None and (not policies or set(policies) != {expected_policy}):
        found.append((FAILURE, "another policy than the expected one was in force"))
    gaps = claim(report, "calls with gaps")
    if isinstance(gaps, int) and gaps > 0:
        found.append((NEUTRAL, f"{gaps} calls of which a door saw less than it should have"))
    blocked = claim(report, "blocked")
    if isinstance(blocked, int) and blocked > 0 and on_blocked != SUCCESS:
        found.append((on_blocked, f"{blocked} calls were blocked"))
    order = (SUCCESS, NEUTRAL, FAILURE)
    return Judgement(max((conclusion for conclusion, _ in found), key=order.index), tuple(why for _, why in found))


def claim(report: Mapping[str, Json], name: str) -> Json:
    """Return what a claim of the report says; None if there is none of that name."""
    listed = report.get("claims")
    claims = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    return next((entry.get("value") for entry in claims if entry.get("name") == name), None)
