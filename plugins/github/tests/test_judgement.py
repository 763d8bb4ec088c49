"""The conclusion is the worst of what is known, and what is not known is a failure."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_github.judgement import claim, judgement

POLICY = "a" * 64


def report(verdict: str = "VERIFIED", *, blocked: int = 0, gaps: int = 0) -> dict[str, Any]:
    claims = [
        {"name": "blocked", "value": blocked, "basis": "verified"},
        {"name": "calls with gaps", "value": gaps, "basis": "verified"},
    ]
    return {"verdict": verdict, "claims": claims}


def concluded(
    given: Any, *, policies: tuple[str, ...] = (POLICY,), expected: str | None = None, on_blocked: str = "success"
) -> str:
    return judgement(given, policies, expected_policy=expected, on_blocked=on_blocked).conclusion


@pytest.mark.parametrize(
    ("verdict", "conclusion"),
    [("VERIFIED", "success"), ("INTACT", "neutral"), ("FAILED", "failure"), ("GREAT", "failure"), ("", "failure")],
)
def test_a_verdict_has_its_conclusion(verdict: str, conclusion: str) -> None:
    assert concluded(report(verdict)) == conclusion


def test_no_report_is_a_failure() -> None:
    assert concluded(None) == concluded({}) == "failure"


@pytest.mark.parametrize("policies", [(), ("b" * 64,), (POLICY, "b" * 64), ("b" * 64, POLICY)])
def test_another_policy_than_the_expected_one_is_a_failure_at_any_time_of_the_run(policies: tuple[str, ...]) -> None:
    assert concluded(report(), policies=policies, expected=POLICY) == "failure"


def test_the_expected_policy_loaded_twice_is_fine() -> None:
    assert concluded(report(), policies=(POLICY, POLICY), expected=POLICY) == "success"


def test_gaps_are_neutral_and_never_mend_a_failure() -> None:
    assert concluded(report(gaps=1)) == "neutral"
    assert concluded(report("FAILED", gaps=1)) == "failure"


@pytest.mark.parametrize("conclusion", ["success", "neutral", "failure"])
def test_blocked_calls_are_what_the_workflow_says(conclusion: str) -> None:
    assert concluded(report(blocked=2), on_blocked=conclusion) == conclusion
    assert concluded(report(blocked=0), on_blocked=conclusion) == "success"


def test_every_reason_is_told() -> None:
    told = judgement(
        report("INTACT", blocked=2, gaps=3), [POLICY], expected_policy="b" * 64, on_blocked="neutral"
    ).reasons
    assert len(told) == 4


@pytest.mark.parametrize("claims", [None, "x", [None], [{"name": "blocked"}]])
def test_a_claim_that_is_not_there_is_none(claims: Any) -> None:
    assert claim({"claims": claims}, "blocked") is None
