"""Every kind of row is counted once, and no row can break the sums."""

from __future__ import annotations

from occasio_core.reading.counters import COUNTERS, MOST_OF_A_ROW, Counters, counts_of
from tests.occasio_core.reading.logs import every_kind


def summed(rows: list[dict[str, object]]) -> Counters:
    total = Counters()
    for row in rows:
        total += Counters(**counts_of(str(row["kind"]), row))
    return total


def test_rows_of_every_kind_are_counted() -> None:
    counted = summed(every_kind().rows)
    not_there = {"provider_ran", "recovered"}
    assert {name for name in COUNTERS if not getattr(counted, name)} == not_there
    assert counted.rows == len(every_kind().rows)


def test_what_the_sums_are() -> None:
    counted = summed(every_kind().rows)
    assert (counted.calls, counted.passed, counted.blocked, counted.local, counted.transformed) == (6, 3, 1, 1, 1)
    assert (counted.results, counted.results_local, counted.results_changed, counted.results_withheld) == (6, 1, 1, 1)
    assert (counted.secrets, counted.left_out, counted.result_errors) == (3, 2, 1)
    assert (counted.requests, counted.failed_requests, counted.unpriced, counted.cost_micro_usd) == (2, 1, 1, 1_500)
    assert (counted.prevented_bytes, counted.withheld_bytes) == (60 + 80, 80)
    assert counted.tokens_in == 10 + 1 + 3 + 4
    assert (counted.runs, counted.ended_runs, counted.open_runs) == (2, 1, 1)


def test_a_call_that_the_provider_ran_is_counted_apart() -> None:
    counts = counts_of("tool_call", {"action": "PASS", "reason": "provider-ran"})
    assert counts == {"rows": 1, "calls": 1, "passed": 1, "provider_ran": 1}


def test_a_row_of_an_unknown_kind_is_a_row() -> None:
    assert counts_of("tomorrow", {"cost_micro_usd": 5}) == {"rows": 1}


def test_what_a_hostile_row_claims_counts_up_to_a_bound() -> None:
    assert counts_of("request", {"input_tokens": 2**53 - 1})["input_tokens"] == MOST_OF_A_ROW


def test_what_is_no_amount_counts_nothing() -> None:
    assert counts_of("tool_result", {"size": True, "secrets_redacted": -1, "left_out": "7"}) == {
        "rows": 1,
        "results": 1,
        "produced_bytes": 0,
        "secrets": 0,
        "left_out": 0,
    }


def test_programs_get_every_counter() -> None:
    assert tuple(Counters().as_json()) == COUNTERS


def test_savings_are_told_apart_by_whose_doing_they_are() -> None:
    told = summed(every_kind().rows).savings.as_json()
    ours = {"prevented_bytes": 140, "prevented_tokens_about": 35, "withheld_bytes": 80, "refused_calls": 1}
    assert told == {"by_occasio": ours, "ambient": {"cached_tokens": 3}}


def test_a_result_that_grew_saves_nothing() -> None:
    counts = counts_of("tool_result", {"size": 10, "returned_size": 30, "result_kind": "withheld"})
    assert (counts["prevented_bytes"], counts["withheld_bytes"]) == (0, 0)
