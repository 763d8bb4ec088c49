"""All that the page shows of the log is what the reader says, and a page of a million rows is a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from occasio_core import Reader, UsageError, open_reader
from occasio_core.reading import milliseconds
from occasio_dashboard import log_view
from occasio_dashboard.log_view import LogView
from tests.occasio_core.reading.logs import OTHER, RUN, every_kind, written
from tests.samples import call, run_of

NOW = milliseconds("2026-01-02T00:10:00.000Z")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    written(tmp_path / "home", every_kind())
    return tmp_path / "home"


@pytest.fixture
def reader(home: Path) -> Iterator[Reader]:
    with open_reader(home) as opened:
        yield opened


@pytest.fixture
def view(home: Path, reader: Reader) -> LogView:
    return LogView(home, reader, lambda: NOW)


def test_counters_and_health_are_the_readers(view: LogView, reader: Reader) -> None:
    state = view.state()
    assert state["counters"] == reader.counters().as_json()
    assert state["health"] == {
        **reader.health.as_json(),
        "warning": "",
        "at": milliseconds(every_kind().rows[-1]["ts"]),
    }


def test_runs_are_shown_with_their_own_counters_the_newest_first(view: LogView, reader: Reader) -> None:
    runs = view.state()["runs"]
    assert runs == view.runs({})["runs"]
    assert isinstance(runs, list)
    shown = [(run["run"], run["calls"], run["blocked"], run["cost_micro_usd"], run["tokens_in"]) for run in runs]
    sums = [(run.run_id, run.counters) for run in reader.runs()]
    assert shown == [(name, of.calls, of.blocked, of.cost_micro_usd, of.tokens_in) for name, of in sums]
    assert view.run(RUN)["counters"] == reader.run(RUN).counters.as_json()


def test_only_as_many_runs_are_shown_as_were_asked_for(view: LogView) -> None:
    assert len(view.runs({"limit": "1"})["runs"]) == 1
    assert view.runs({"limit": "1"})["of"] == 2
    assert len(view.runs({"limit": "-7"})["runs"]) == 1


def test_the_first_look_tells_nothing_and_the_next_what_came_since(home: Path, view: LogView) -> None:
    assert view.look().rows == ()
    log = every_kind()
    call(log, 77, run=OTHER)
    written(home, log)
    news = view.look()
    assert [row["kind"] for row in news.rows] == ["tool_call", "tool_result"]
    assert view.look().rows == ()


def test_more_rows_than_a_page_lists_are_counted(home: Path, view: LogView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_view, "MAX_ROWS", 2)
    view.look()
    log = every_kind()
    for number in range(5):
        call(log, 70 + number, run=OTHER)
    written(home, log)
    news = view.look()
    assert (len(news.rows), news.skipped) == (2, 8)
    assert [row["seq"] for row in news.rows] == [len(log.rows) - 2, len(log.rows) - 1]


def test_another_log_is_told_of(home: Path, view: LogView) -> None:
    view.look()
    written(home, run_of(1))
    assert view.look().is_anew


def test_pages_go_back_through_all_rows_without_a_gap(view: LogView, reader: Reader) -> None:
    found: list[int] = []
    before: dict[str, str] = {}
    while True:
        page = view.rows({"show": "all", "limit": "4", **before})
        found += [row["seq"] for row in page["rows"]]
        if not page["more"]:
            break
        before = {"before": str(found[-1])}
    assert found == list(range(reader.health.rows))[::-1]


def test_pages_of_a_run_go_on_from_its_first_row(view: LogView) -> None:
    found: list[int] = []
    page = {"rows": [], "more": True}
    while page["more"]:
        page = view.rows({"show": "all", "run": RUN, "limit": "4", "after": str(found[-1] if found else -1)})
        found += [row["seq"] for row in page["rows"]]
    assert found == [row["seq"] for row in every_kind().rows if row["run_id"] == RUN]


@pytest.mark.parametrize(
    ("show", "kinds"),
    [
        ("calls", {"tool_call"}),
        ("blocked", {"tool_call"}),
        ("requests", {"request"}),
        ("findings", {"finding"}),
        ("approvals", {"approval_requested", "approval_granted", "approval_denied", "approval_expired"}),
    ],
)
def test_rows_are_shown_by_kind(view: LogView, show: str, kinds: set[str]) -> None:
    rows = view.rows({"show": show})["rows"]
    assert {row["kind"] for row in rows} == kinds
    if show == "blocked":
        assert {row["what"] for row in rows} == {"BLOCK"}


def test_a_row_is_shown_whole(view: LogView) -> None:
    shown = view.row("3")
    assert shown is not None
    assert shown["row"] == every_kind().rows[3]
    assert view.row("4000") is None
    assert view.row("-1") is None


@pytest.mark.parametrize(
    "asked", [{"show": "dreams"}, {"limit": "x"}, {"before": "1e3"}, {"after": "²"}, {"before": "9" * 99}]
)
def test_what_makes_no_sense_is_wrong_use(view: LogView, asked: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        view.rows(asked)


@pytest.mark.parametrize("span", ["1h", "24h", "7d", "30d", "all"])
def test_series_add_up_to_the_counters(view: LogView, reader: Reader, span: str) -> None:
    series, sums = view.series({"span": span}), reader.counters()
    for name in (
        "passed",
        "local",
        "transformed",
        "blocked",
        "requests",
        "cost_micro_usd",
        "tokens_in",
        "output_tokens",
    ):
        assert sum(series[name]) == getattr(sums, name), name
    assert all((at - series["since"]) % series["width"] == 0 for at in series["at"])
    assert (series["until"] - series["since"]) // series["width"] <= log_view.MAX_BUCKETS


def test_a_span_leaves_out_what_came_before(home: Path, reader: Reader) -> None:
    later = LogView(home, reader, lambda: NOW + 3_600_000)
    assert sum(later.series({"span": "1h"})["passed"]) == 0
    with pytest.raises(UsageError):
        later.series({"span": "1y"})


def test_an_empty_log_has_nothing_to_show(tmp_path: Path) -> None:
    with open_reader(tmp_path / "none") as reader:
        view = LogView(tmp_path / "none", reader, lambda: NOW)
        assert view.look().rows == ()
        assert view.state()["runs"] == []
        assert view.rows({}) == {"rows": [], "more": False}
        assert view.series({"span": "all"})["at"] == []
        with pytest.raises(UsageError):
            view.run("x")


def test_coverage_is_that_of_the_runs_rows(view: LogView, monkeypatch: pytest.MonkeyPatch) -> None:
    assert view.coverage(OTHER) == {"calls": 1, "gaps": [], "of": 0}
    found = view.coverage(RUN)
    assert (found["calls"], found["of"]) == (9, len(found["gaps"]))
    assert {gap["gap"] for gap in found["gaps"]} == {"no-decision", "no-outcome", "not-gated"}
    monkeypatch.setattr(log_view, "MAX_COVERED", 1)
    with pytest.raises(UsageError, match="more than 1 rows"):
        view.coverage(OTHER)


def test_findings_are_shown_the_newest_first(home: Path) -> None:
    log = every_kind()
    log.append("finding", OTHER, detector="later", severity="low", message="m", rows=[], tags=["T1552"])
    written(home, log)
    with open_reader(home) as reader:
        findings = LogView(home, reader, lambda: NOW).state()["findings"]
    assert [finding["title"] for finding in findings] == ["later", "deny-rate"]
