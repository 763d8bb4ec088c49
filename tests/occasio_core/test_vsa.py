"""The Verification Summary says what SLSA's readers expect, and PASSED only where no call went round a door."""

from __future__ import annotations

import hashlib
import json

import pytest

from occasio_core.vsa import verification_summary
from occasio_verify import Coverage, Gap, GapKind, predicate, statement
from tests.samples import RUN, run_of

PREDICATE = predicate(run_of(4).rows)
STATEMENT = statement(PREDICATE, None)
NOW = "2026-01-02T00:00:00Z"


def summary(*gaps: Gap):
    return json.loads(verification_summary(PREDICATE, STATEMENT, Coverage(calls=4, gaps=gaps), NOW))


def test_a_run_without_gaps_passed():
    said = summary()
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert said["predicateType"] == "https://slsa.dev/verification_summary/v1"
    last = PREDICATE["audit_chain"]["last_hash"]
    assert said["subject"] == [{"name": f"occasio:run:{RUN}", "digest": {"sha256": last}}]
    inner = said["predicate"]
    assert inner["verificationResult"] == "PASSED"
    assert inner["policy"]["digest"] == {"sha256": PREDICATE["policy"]["file_hash"]}
    assert inner["inputAttestations"][0]["digest"] == {"sha256": hashlib.sha256(STATEMENT).hexdigest()}
    assert inner["timeVerified"] == NOW
    assert set(inner) >= {"verifier", "timeVerified", "resourceUri", "policy", "verificationResult", "verifiedLevels"}


@pytest.mark.parametrize("kind", GapKind)
def test_a_call_that_went_round_a_door_fails_the_run(kind):
    said = summary(Gap(call_id="c", kind=kind, tool="t"))["predicate"]
    harmless = kind is GapKind.NO_OUTCOME
    assert said["verificationResult"] == ("PASSED" if harmless else "FAILED")
    assert ("FAILED" in said["verifiedLevels"]) is not harmless
