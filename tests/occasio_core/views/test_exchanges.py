"""Results go up with the request that follows them, calls come back with the one that ends behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from occasio_core.views import exchanges as module
from occasio_core.views.calls import text
from occasio_core.views.exchanges import Exchange, exchanges
from occasio_verify import parse_row
from tests.occasio_core.reading.logs import every_kind
from tests.occasio_core.views.rows import Run

if TYPE_CHECKING:
    import pytest


def told(run: Run) -> list[tuple[int, list[str], list[str], bool]]:
    return [
        (
            one.number,
            [text(outcome.result, "call_id") for outcome in one.results],
            [text(call, "call_id") for call in one.calls],
            one.request is not None,
        )
        for one in exchanges(run.rows)
    ]


def test_a_result_goes_up_with_the_next_request_and_a_call_comes_back_with_its_own() -> None:
    run = Run().call("a").call("b", "BLOCK").request().result("a").call("c").request().result("c").request().end()
    assert told(run) == [(1, [], ["a", "b"], True), (2, ["a"], ["c"], True), (3, ["c"], [], True)]


def test_what_occasio_ran_itself_goes_up_with_the_request_after_it() -> None:
    run = Run().call("a", "LOCAL").result("a", "local").request().request().end()
    assert told(run) == [(1, [], ["a"], True), (2, ["a"], [], True)]


def test_what_no_request_carried_is_told_when_the_run_ends() -> None:
    run = Run().call("a").request().result("a").end()
    assert told(run) == [(1, [], ["a"], True), (2, ["a"], [], False)]


def test_a_run_of_hooks_alone_has_everything_in_one() -> None:
    run = Run().call("a").result("a").call("b").result("b")
    assert told(run) == [(1, ["a", "b"], ["a", "b"], False)]


def test_a_result_has_its_call_wherever_that_was() -> None:
    run = Run().call("a", tool="grep").request().result("a").result("lost").request()
    outcomes = list(exchanges(run.rows))[1].results
    assert [(one.tool, one.call is not None) for one in outcomes] == [("grep", True), ("", False)]


def test_sessions_are_told_apart() -> None:
    run = Run()

    def append(kind: str, session: str, **fields: Any) -> None:
        run.log.append(kind, run.run, agent="a", **fields)
        # another session of the same run: the row is hashed anew
        row = run.log.rows[-1]
        row["session_id"] = session

    append("limit_exceeded", "one", limit="x", max=1, actual=2)
    append("limit_exceeded", "two", limit="y", max=1, actual=2)
    rows = [_Bare(row) for row in run.log.rows if row["kind"] == "limit_exceeded"]
    found: list[Exchange] = list(exchanges(rows))  # type: ignore[arg-type]
    assert [[text(limit, "limit") for limit in one.limits] for one in found] == [["x"], ["y"]]


class _Bare:
    """A row that nobody checked."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields
        self.run_id, self.kind, self.seq = fields["run_id"], fields["kind"], fields["seq"]


def test_runs_are_told_apart() -> None:
    first = Run()
    second = Run("0a1b2c3d-0000-4000-8000-000000000000", first.log)
    first.call("a")
    second.call("a")
    second.request()
    first.request()
    found = list(exchanges(first.rows))
    assert [(one.run_id[:2], one.number, len(one.calls)) for one in found] == [("0a", 1, 1), ("7f", 1, 1)]


def test_every_row_of_its_kinds_is_in_exactly_one_exchange() -> None:
    rows = [parse_row(line) for line in every_kind().lines]
    found = list(exchanges(rows))
    seen = [row.seq for one in found for row in (*one.calls, *one.limits, *(out.result for out in one.results))]
    seen += [one.request.seq for one in found if one.request]
    assert sorted(seen) == [row.seq for row in rows if row.kind in module.KINDS and row.kind != "run_ended"]


def test_a_session_without_requests_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PENDING", 2)
    run = Run().call("a").call("b").call("c").call("d")
    assert [len(one.calls) for one in exchanges(run.rows)] == [3, 1]


def test_calls_that_wait_for_results_do_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_CALLS", 1)
    run = Run().call("a").call("b").request().result("a").result("b").request()
    assert [one.call is not None for one in list(exchanges(run.rows))[1].results] == [False, True]
