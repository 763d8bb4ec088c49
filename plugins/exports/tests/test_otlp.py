"""Every row is a log record that OpenTelemetry's own messages read, and nothing that the row says is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto_json.logs.v1.logs import LogsData
from opentelemetry.semconv._incubating.attributes import error_attributes, gen_ai_attributes, http_attributes
from opentelemetry.semconv.schemas import Schemas

from occasio_exports.otlp import BATCH, SCHEMA_URL, log_records, logs_data, span_id, trace_id
from tests.kinds import MEMBERS, Fields, every_row, ids, leaves, values

ROWS = every_row()
CONVENTIONS = {
    value
    for module in (gen_ai_attributes, http_attributes, error_attributes)
    for name, value in vars(module).items()
    if name.isupper() and isinstance(value, str)
}


def only(row: Fields) -> Any:
    (record,) = log_records([row])
    return record


def plain(value: Any) -> Any:
    """Return the value of an `AnyValue`."""
    match value:
        case {"intValue": number}:
            return int(number)
        case {"arrayValue": items}:
            return [plain(item) for item in items.get("values", [])]
        case {"kvlistValue": pairs}:
            return {pair["key"]: plain(pair["value"]) for pair in pairs.get("values", [])}
        case {"stringValue": text}:
            return text
        case {"boolValue": truth}:
            return truth
    return None


def attributes_of(record: Any) -> dict[str, Any]:
    return {pair["key"]: plain(pair["value"]) for pair in record["attributes"]}


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_opentelemetry_reads_the_record_of_a_row_and_writes_it_the_same(row: Fields) -> None:
    (data,) = logs_data(log_records([row]), "0.1.0")
    read = LogsData.from_json(json.dumps(data))
    assert len(read.resource_logs[0].scope_logs[0].log_records) == 1
    assert json.loads(read.to_json()) == data


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_the_record_says_everything_that_the_row_says(row: Fields) -> None:
    assert values(row) - set(leaves(attributes_of(only(row)))) == set()


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_a_name_is_one_of_the_conventions_or_our_own(row: Fields) -> None:
    names = attributes_of(only(row))
    assert {name for name in names if not name.startswith("occasio.")} <= CONVENTIONS
    assert len(names) == len(only(row)["attributes"])


def test_the_conventions_have_that_version() -> None:
    assert SCHEMA_URL in {schema.value for schema in Schemas}


@given(st.sampled_from(ROWS), MEMBERS.filter(lambda value: value is not None))
def test_a_member_that_nobody_knows_is_kept(row: Fields, value: object) -> None:
    record = only(row | {"zz_unknown": value})
    assert attributes_of(record)["occasio.zz_unknown"] == value


def test_a_time_is_nanoseconds_as_a_string() -> None:
    record = only(ROWS[0] | {"ts": "2026-01-02T03:04:05.678Z"})
    assert record["timeUnixNano"] == record["observedTimeUnixNano"] == "1767323045678000000"


@pytest.mark.parametrize(
    ("kind", "members", "severity"),
    [
        ("tool_call", {"action": "PASS"}, "INFO"),
        ("tool_call", {"action": "BLOCK"}, "WARN"),
        ("tool_result", {"result_kind": "withheld"}, "WARN"),
        ("hook_event", {"answer": "deny"}, "WARN"),
        ("hook_event", {"answer": "none"}, "INFO"),
        ("finding", {"severity": "high"}, "ERROR"),
        ("finding", {"severity": "low"}, "INFO"),
        ("approval_denied", {}, "WARN"),
        ("limit_exceeded", {}, "WARN"),
        ("recovered", {}, "ERROR"),
        ("checkpoint", {}, "INFO"),
    ],
)
def test_how_grave_a_row_is(kind: str, members: dict[str, object], severity: str) -> None:
    row = next(row for row in ROWS if row["kind"] == kind)
    assert only(row | members)["severityText"] == severity


def test_input_tokens_are_counted_as_the_conventions_say() -> None:
    row = next(row for row in ROWS if row["kind"] == "request")
    found = attributes_of(only(row | {"input_tokens": 1, "cache_read_tokens": 2, "cache_write_tokens": 4}))
    assert found["gen_ai.usage.input_tokens"] == 7
    assert found["occasio.input_tokens"] == 1
    assert found["gen_ai.provider.name"] == gen_ai_attributes.GenAiProviderNameValues.ANTHROPIC.value


def test_records_come_in_batches() -> None:
    sizes = [
        len(data["resourceLogs"][0]["scopeLogs"][0]["logRecords"])  # type: ignore[index, call-overload, arg-type]
        for data in logs_data(log_records(ROWS[:1] * (BATCH + 1)), "0.1.0")
    ]
    assert sizes == [BATCH, 1]


def test_a_trace_has_the_id_of_its_run_and_never_the_invalid_one() -> None:
    assert trace_id("7f1d0c1e-5b1a-4c5e-9f5e-0123456789ab") == "7f1d0c1e5b1a4c5e9f5e0123456789ab"
    assert int(trace_id("00000000-0000-0000-0000-000000000000"), 16) != 0
    assert span_id("r", "a") != span_id("r", "b") != span_id("r")
    assert len(bytes.fromhex(span_id("r"))) == 8
