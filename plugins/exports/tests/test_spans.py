"""A run is a trace: its calls and requests are spans below it, from decision to outcome."""

from __future__ import annotations

import json
from typing import Any

from opentelemetry.proto_json.trace.v1.trace import TracesData

from occasio_exports.otlp import log_records, span_id, traces_data
from occasio_exports.spans import spans
from tests.kinds import every_row
from tests.samples import RUN, Log, call, end, request, run_of, start

OTHER = "0a1b2c3d-0000-4000-8000-000000000000"


def made(log: Log) -> list[Any]:
    return list(spans(log.rows))


def attribute(span: Any, name: str) -> Any:
    return next((pair["value"] for pair in span["attributes"] if pair["key"] == name), None)


def lasted(span: Any) -> int:
    return (int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"])) // 1_000_000_000


def test_opentelemetry_reads_the_spans_and_writes_them_the_same() -> None:
    for rows in (run_of(9).rows, every_row()):
        for data in traces_data(spans(rows), "0.1.0"):
            read = TracesData.from_json(json.dumps(data))
            assert json.loads(read.to_json()) == data


def test_a_run_has_a_root_and_a_span_for_each_call_and_request() -> None:
    found = made(run_of(3))
    assert [span["name"] for span in found] == [
        "execute_tool read_file",
        "chat claude-opus-4-8",
        "execute_tool read_file",
        "chat claude-opus-4-8",
        "execute_tool read_file",
        "chat claude-opus-4-8",
        "invoke_agent claude",
    ]
    assert {span["traceId"] for span in found} == {RUN.replace("-", "")}
    assert {span.get("parentSpanId") for span in found[:-1]} == {found[-1]["spanId"]}
    assert "parentSpanId" not in found[-1]
    assert len({span["spanId"] for span in found}) == 7


def test_a_span_lasts_from_the_decision_to_the_outcome() -> None:
    log = Log()
    start(log)
    call(log, 1)  # a row a second: its result comes one later
    end(log)
    called, run = made(log)
    assert (lasted(called), lasted(run)) == (1, 4)
    assert attribute(called, "occasio.result_kind") == {"stringValue": "pass"}
    assert "status" not in called


def test_a_refused_call_is_an_error_with_its_reason() -> None:
    log = Log()
    start(log)
    call(log, 1, action="BLOCK")
    called, run = made(log)
    assert called["status"] == {"code": 2, "message": "path-denied"}
    assert attribute(called, "error.type") == {"stringValue": "path-denied"}
    assert attribute(run, "occasio.open") == {"boolValue": True}


def test_a_call_without_an_outcome_says_so() -> None:
    log = Log()
    start(log)
    call(log, 1)
    log.rows.pop()
    end(log)
    called, run = made(log)
    assert attribute(called, "occasio.open") == {"boolValue": True}
    assert attribute(run, "occasio.open") is None


def test_a_call_that_two_doors_decided_has_two_spans_with_ids_of_their_own() -> None:
    log = Log()
    start(log)
    call(log, 1, action="BLOCK")
    call(log, 1, action="BLOCK")
    call(log, 2)
    log.rows.pop()
    call(log, 2)
    end(log)
    found = made(log)
    assert [span["name"].split()[0] for span in found].count("execute_tool") == 4
    assert len({span["spanId"] for span in found}) == len(found)
    assert [lasted(span) for span in found].count(3) == 1  # from the first decision to the outcome


def test_runs_that_are_interleaved_are_kept_apart() -> None:
    log = Log()
    start(log)
    start(log, OTHER)
    call(log, 1)
    call(log, 1, run=OTHER)
    end(log, OTHER)
    request(log)
    end(log)
    found = made(log)
    assert {span["traceId"] for span in found} == {RUN.replace("-", ""), OTHER.replace("-", "")}
    assert [span["name"].split()[0] for span in found if span["traceId"] == OTHER.replace("-", "")] == [
        "execute_tool",
        "invoke_agent",
    ]


def test_a_clock_that_goes_back_makes_no_span_end_before_it_begins() -> None:
    log = run_of(3)
    rows = [row | {"ts": f"2026-01-02T00:00:{30 - number:02}.000Z"} for number, row in enumerate(log.rows)]
    assert all(lasted(span) >= 0 for span in spans(rows))


def test_rows_after_the_beginning_of_a_run_are_told_as_far_as_they_go() -> None:
    rows = run_of(3).rows[4:]
    assert [span["name"] for span in spans(rows)][-1] == "invoke_agent claude-code"


def test_a_log_record_of_a_call_is_in_its_span() -> None:
    log = run_of(1)
    (called,) = [span for span in spans(log.rows) if span["name"] == "execute_tool read_file"]
    records = [record for record in log_records(log.rows) if record["spanId"] == called["spanId"]]
    assert [record["eventName"] for record in records] == ["occasio.tool_call", "occasio.tool_result"]
    assert called["spanId"] == span_id(RUN, f"toolu_{0:024}")


def test_a_request_that_failed_is_an_error() -> None:
    log = Log()
    start(log)
    request(log)
    log.rows[-1]["status"] = 529
    assert made(log)[0]["status"] == {"code": 2, "message": "status 529"}
