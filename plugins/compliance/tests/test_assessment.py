"""The mappings name only claims that there are; a status follows from what the rows say, never from the mapping."""

from __future__ import annotations

import pytest

from occasio_compliance.assessment import MEANINGS, Control, Status, assess, framework, framework_names, status
from occasio_compliance.claims import CLAIMS, Finding, LogState, claims
from occasio_compliance.facts import Facts

SHOWN, AGAINST, SILENT = Finding.SHOWN, Finding.CONTRADICTED, Finding.SILENT
EMPTY = LogState(rows=0, last_hash="", fault="", extends=False, days=0)

each_framework = pytest.mark.parametrize("name", framework_names())


def test_there_is_a_mapping_for_each_framework_that_is_promised() -> None:
    assert framework_names() == ["eu-ai-act", "iso-42001", "nist-ai-rmf", "soc2"]


@each_framework
def test_a_mapping_names_claims_that_there_are(name: str) -> None:
    assert {claim for control in framework(name).controls for claim in control.claims} <= set(CLAIMS)


@each_framework
def test_a_mapping_says_of_every_control_what_no_row_shows(name: str) -> None:
    assert [control.id for control in framework(name).controls if not control.not_assessed] == []
    assert framework(name).never_assessed


@each_framework
def test_ids_are_unique(name: str) -> None:
    controls = [control.id for control in framework(name).controls]
    assert len(set(controls)) == len(controls)


@each_framework
def test_nothing_recorded_is_evidence_of_nothing(name: str) -> None:
    found = assess(framework(name).controls, claims(Facts(), EMPTY))
    assert {one.status for one in found} <= {Status.NONE, Status.NOT_ASSESSED}


def test_every_claim_is_used_by_some_framework() -> None:
    used = {claim for name in framework_names() for control in framework(name).controls for claim in control.claims}
    assert used == set(CLAIMS)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([], Status.NOT_ASSESSED),
        ([SHOWN], Status.EVIDENCED),
        ([SHOWN, SHOWN], Status.EVIDENCED),
        ([SHOWN, SILENT], Status.PARTLY),
        ([SILENT, SILENT], Status.NONE),
        ([SHOWN, SHOWN, AGAINST], Status.CONTRADICTED),
        ([AGAINST], Status.CONTRADICTED),
    ],
)
def test_a_status_is_what_the_findings_come_to(findings: list[Finding], expected: Status) -> None:
    assert status(findings) is expected


def test_every_status_has_a_meaning_and_none_says_that_a_control_is_met() -> None:
    assert set(MEANINGS) == set(Status)
    assert not any(word in one for one in Status for word in ("complian", "satisf", "met", "pass"))


def test_a_control_is_told_with_the_claims_by_finding() -> None:
    control = Control(id="1", title="t", asks="a", claims=("log-holds",), not_assessed=("x",))
    (one,) = assess([control], claims(Facts(), EMPTY))
    assert one.as_json() == {
        "id": "1",
        "title": "t",
        "asks": "a",
        "status": "no-evidence",
        "shown": [],
        "contradicted": [],
        "silent": ["log-holds"],
        "not_assessed": ["x"],
    }
