"""A claim is shown by rows, contradicted by rows, or neither; it never says more than they do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from occasio_compliance.claims import CLAIMS, SIX_MONTHS_DAYS, Finding, LogState, claims
from occasio_compliance.facts import Facts, Reference, gather
from tests.samples import RUN, Log, run_of, start

LOG = LogState(rows=13, last_hash="a" * 64, fault="", extends=True, days=SIX_MONTHS_DAYS)
EMPTY = LogState(rows=0, last_hash="", fault="", extends=False, days=0)
ROW = Reference(7, "b" * 64, "finding", None)


def facts(**counts: int) -> Facts:
    found = Facts()
    for name, count in counts.items():
        found.counts[name.replace("_", "-")] = count
        found.rows[name.replace("_", "-")] = [ROW]
    return found


def test_nothing_is_shown_by_nothing() -> None:
    assert {claim.finding for claim in claims(Facts(), EMPTY).values()} == {Finding.SILENT}


def test_a_claim_that_nothing_speaks_to_names_no_row() -> None:
    assert all(not claim.rows and not claim.count for claim in claims(Facts(), EMPTY).values())


def test_a_plain_run_shows_some_and_contradicts_none() -> None:
    found = claims(gather([(RUN, run_of(3).rows)]), LOG)
    by_finding = {one: {name for name, claim in found.items() if claim.finding is one} for one in Finding}
    assert by_finding[Finding.CONTRADICTED] == set()
    assert {"calls-decided", "calls-refused", "policy-in-force", "runs-closed", "log-holds"} <= by_finding[
        Finding.SHOWN
    ]
    assert {"persons-asked", "findings-made", "secrets-kept-back"} <= by_finding[Finding.SILENT]


@pytest.mark.parametrize(
    ("fact", "claim"),
    [
        ("gaps", "calls-decided"),
        ("call_before_policy", "policy-in-force"),
        ("policy_rejected", "policy-sound"),
        ("call_not_held", "calls-held"),
        ("run_cut", "runs-closed"),
        ("log_recovered", "log-unbroken"),
        ("request_model_unnamed", "models-named"),
        ("approval_by_nobody_named", "approvers-named"),
    ],
)
def test_what_speaks_against_a_claim_outweighs_all_that_speaks_for_it(fact: str, claim: str) -> None:
    found = gather([(RUN, run_of(3).rows)])
    found.counts[fact.replace("_", "-")] = 2
    found.rows[fact.replace("_", "-")] = [ROW]
    judged = claims(found, LOG)[claim]
    assert (judged.finding, judged.count, judged.rows) == (Finding.CONTRADICTED, 2, (ROW,))


@pytest.mark.parametrize("claim", ["log-holds", "log-extends-checkpoint"])
def test_a_damaged_log_contradicts(claim: str) -> None:
    log = replace(LOG, fault="the log is damaged at line 3 (row-hash)")
    judged = claims(Facts(), log)[claim]
    assert judged.finding is Finding.CONTRADICTED
    assert "line 3" in judged.detail


def test_a_log_that_was_not_compared_shows_nothing_of_its_end() -> None:
    assert claims(Facts(), replace(LOG, extends=False))["log-extends-checkpoint"].finding is Finding.SILENT


@pytest.mark.parametrize(("days", "finding"), [(SIX_MONTHS_DAYS - 1, Finding.SILENT), (SIX_MONTHS_DAYS, Finding.SHOWN)])
def test_six_months_are_shown_by_a_log_that_reaches_back_so_far(days: int, finding: Finding) -> None:
    assert claims(Facts(), replace(LOG, days=days))["log-reaches-back"].finding is finding


def test_answers_of_persons_are_told_by_kind() -> None:
    judged = claims(facts(approval_requested=3, approval_granted=1, approval_expired=2), LOG)["persons-asked"]
    assert judged.finding is Finding.SHOWN
    assert judged.detail == "questions to a person: 3; 1 granted, 0 denied, 2 expired"


def test_a_run_that_goes_on_or_was_cut_is_neither_closed_nor_not() -> None:
    log = Log()
    start(log)
    judged = claims(gather([(RUN, log.rows)]), LOG)["runs-closed"]
    assert (judged.finding, judged.count) == (Finding.SILENT, 1)
    assert "go on or were cut" in judged.detail


def test_no_claim_says_that_a_rule_is_met() -> None:
    words = ("complian", "conform", "satisf", "certif")
    said = [
        text for claim in claims(gather([(RUN, run_of(3).rows)]), LOG).values() for text in (claim.says, claim.detail)
    ]
    assert [text for text in said if any(word in text.lower() for word in words)] == []
    assert set(CLAIMS) == set(claims(Facts(), EMPTY))
