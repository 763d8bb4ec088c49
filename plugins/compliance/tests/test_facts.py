"""What the rows of runs show is counted, with the rows that show it."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_compliance.facts import MOST_ROWS, Facts, gather, reference
from tests.kinds import every_row
from tests.samples import RUN, Log, call, end, request, run_of, start


def of(log: Log) -> Facts:
    return gather([(RUN, log.rows)])


def begun() -> Log:
    log = Log()
    start(log)
    return log


def test_a_plain_run_shows_what_it_shows() -> None:
    facts = of(run_of(3))
    names = ("rows", "calls", "call-pass", "call-refused", "result", "request", "run-started", "run-closed", "gaps")
    assert [facts.counts[name] for name in names] == [11, 3, 2, 1, 2, 3, 1, 1, 0]
    assert facts.runs == [RUN]


def test_a_fact_names_its_rows() -> None:
    log = run_of(3)
    (refused,) = of(log).rows["call-refused"]
    row = next(row for row in log.rows if row.get("action") == "BLOCK")
    assert refused == reference(row)
    assert refused.as_json() == {"seq": row["seq"], "hash": row["hash"], "kind": "tool_call", "run_id": RUN}


def test_a_fact_counts_all_and_names_the_first() -> None:
    log = begun()
    for number in range(MOST_ROWS + 5):
        call(log, number, action="BLOCK")
    facts = of(log)
    assert facts.counts["call-refused"] == MOST_ROWS + 5
    assert [row.seq for row in facts.rows["call-refused"]] == list(range(2, 2 + MOST_ROWS))


def test_a_call_before_any_policy_is_seen() -> None:
    log = begun()
    log.rows.pop()
    call(log, 1)
    assert of(log).counts["call-before-policy"] == 1
    assert of(run_of(1)).counts["call-before-policy"] == 0


@pytest.mark.parametrize(("reason", "fact"), [("exit", "run-closed"), ("abandoned", "run-cut"), ("failed", "run-cut")])
def test_how_a_run_ended(reason: str, fact: str) -> None:
    log = begun()
    log.append("run_ended", exit_code=None, reason=reason)
    facts = of(log)
    assert (facts.counts[fact], facts.counts["run-open"]) == (1, 0)


def test_a_run_without_an_end_is_open() -> None:
    facts = of(begun())
    assert (facts.counts["run-open"], facts.counts["run-closed"]) == (1, 0)


def test_a_call_without_an_outcome_is_a_gap_and_named() -> None:
    log = begun()
    call(log, 1)
    log.rows.pop()
    end(log)
    facts = of(log)
    assert (facts.counts["gaps"], facts.counts["gap:no-outcome"]) == (1, 1)
    assert [row.seq for row in facts.rows["gaps"]] == [2]


def test_gaps_are_of_one_run_each() -> None:
    one, two = begun(), begun()
    call(one, 1)
    one.rows.pop()  # its outcome, which only the other run has
    call(two, 1)
    facts = gather([("1", one.rows), ("2", two.rows)])
    assert facts.counts["gaps"] == 1


@pytest.mark.parametrize(
    ("kind", "members", "facts"),
    [
        ("request", {"model": None}, {"request-model-unnamed"}),
        ("request", {"secrets_redacted": 3}, {"secret-kept-back"}),
        ("tool_result", {"secrets_redacted": 3}, {"secret-kept-back"}),
        ("tool_result", {"left_out": 2}, {"files-left-out"}),
        ("tool_call", {"action": "BLOCK", "reason": "host-denied"}, {"call-refused", "connection-refused"}),
        ("tool_call", {"action": "BLOCK", "reason": "provider-ran"}, {"call-not-held"}),
        ("approval_granted", {"approver": "ada"}, {"approval-granted"}),
        ("approval_denied", {"approver": None}, {"approval-denied", "approval-by-nobody-named"}),
        ("approval_expired", {}, {"approval-expired"}),
        ("limit_exceeded", {}, {"limit-exceeded"}),
        ("finding", {}, {"finding"}),
        ("policy_rejected", {}, {"policy-rejected"}),
        ("run_started", {"enforcement_points": ["proxy", "hook"]}, {"run-of-several-doors"}),
    ],
)
def test_a_row_shows(kind: str, members: dict[str, Any], facts: set[str]) -> None:
    row = next(row for row in every_row() if row["kind"] == kind) | members
    found = gather([(RUN, [row])])
    assert facts <= {name for name, count in found.counts.items() if count and name in found.rows}
    assert found.counts["call-refused"] == ("call-refused" in facts)


def test_the_state_of_the_code_counts_at_both_ends_alone() -> None:
    (row, *_) = [row for row in every_row() if row["kind"] == "git_state"]
    inputs = row["tool_inputs"] | {"is_repo": True}
    ends = [row | {"tool_inputs": inputs | {"phase": phase}} for phase in ("run_start", "run_end")]
    assert gather([(RUN, ends)]).counts["code-at-both-ends"] == 1
    assert gather([(RUN, ends[:1])]).counts["code-at-both-ends"] == 0


def test_a_recovery_is_a_fact_of_the_log() -> None:
    rows = [row for row in every_row() if row["kind"] == "recovered"]
    facts = gather([], rows)
    assert facts.counts["log-recovered"] == len(rows)
    assert facts.rows["log-recovered"][0].run_id is None


def test_secrets_are_counted_one_by_one() -> None:
    log = begun()
    for number in range(2):
        request(log)
        log.rows[-1]["secrets_redacted"] = number + 1
    assert of(log).counts["secret-kept-back"] == 3
