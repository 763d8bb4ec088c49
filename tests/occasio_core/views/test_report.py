"""A report has every kind of refusal, of secret, of finding, with its row; and what was touched by what was let through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from occasio_core.views import report as module
from occasio_core.views.report import KINDS, kinds_of
from tests.occasio_core.views.reports import report_of, run
from tests.occasio_core.views.rows import Run

if TYPE_CHECKING:
    import pytest


def test_every_kind_of_refusal_is_an_event_with_its_row() -> None:
    rows = run().rows
    told = report_of(rows)
    assert [(one.kind, one.tool, one.target, one.reason, one.rule) for one in told.events] == [
        ("call refused", "read_file", "/w/b", "path-denied", "deny_paths: b"),
        ("result withheld", "read_file", "/w/a", "withheld (secrets): aws", ""),
        ("secrets redacted", "read_file", "/w/a", "aws", ""),
        ("secrets let through", "read_file", "/w/a", "word", ""),
        ("secrets redacted", "", "the request", "pem", ""),
        ("limit passed", "", "", "budget_micro_usd: 2 of 1", ""),
        ("refused by a hook", "", "", "UserPromptSubmit: aws", ""),
        ("approval denied", "", "", "ada", ""),
        ("approval expired", "", "", "", ""),
        ("policy edit not used", "", "/p.yml", "line 3", ""),
        ("finding", "deny-rate", "", "high: many", ""),
        ("run abandoned", "", "", "", ""),
    ]
    by_seq = {row.seq: row for row in rows}
    assert all(by_seq[one.seq].hash == one.hash for one in told.events)


def test_the_sum_is_what_the_counters_say_and_the_events_are() -> None:
    told = report_of(run().rows)
    assert dict(kinds_of(told))["secrets redacted"] == 2
    summary = told.summary()
    assert (summary["blocked_calls"], summary["withheld_results"], summary["secrets_kept_back"]) == (1, 1, 4)
    assert (summary["prompts_refused"], summary["approvals_denied"], summary["targets_touched"]) == (1, 1, 2)


def test_a_refused_call_touched_nothing() -> None:
    told = report_of(run().rows)
    assert {key: one.times for key, one in told.access.items()} == {("read", "/w/a"): 1, ("execute", "cat"): 1}


def test_no_kind_of_row_that_makes_an_event_is_left_out_of_what_is_read() -> None:
    told = report_of([row for row in run().rows if row.kind in KINDS])
    assert [one.seq for one in told.events] == [one.seq for one in report_of(run().rows).events]


def test_of_very_many_targets_only_their_number_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ACCESSES", 2)
    monkeypatch.setattr(module, "_MOST_CALLS", 1)
    made = Run()
    for number in range(4):
        made.call(f"c{number}", effects=[f"read /{number}"])
    made.call("again", effects=["read /0"])
    made.result("c0", "withheld", returned_size=1)
    told = report_of(made.rows)
    assert ({key[1]: one.times for key, one in told.access.items()}, told.unlisted) == ({"/0": 2, "/1": 1}, 2)
    assert told.events[-1].tool == ""
