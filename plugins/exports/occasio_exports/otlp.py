"""Rows as OpenTelemetry log records, in the JSON form of OTLP; one record for each row.

Knows rows, OTLP 1.x and the names that the semantic conventions have.  What those have no name for is kept under
`occasio.` and its own name.  Times and 64-bit numbers are decimal strings, ids hexadecimal, as OTLP/JSON has them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TypeVar

from occasio_core import Json
from occasio_exports.members import CallNames, Fields, Members, milliseconds

SCHEMA_URL = "https://opentelemetry.io/schemas/1.41.0"
SCOPE = "occasio.log"
RECORDER = "occasio"  # the agent of rows that no agent caused
BATCH = 512  # records; what the batch processors of OpenTelemetry send by default

Object = dict[str, Json]

_T = TypeVar("_T")

_INFO = (9, "INFO")
_WARN = (13, "WARN")
_ERROR = (17, "ERROR")
_FINDINGS = {"info": _INFO, "low": _INFO, "medium": _WARN, "high": _ERROR}

# What a row calls a thing, and what the conventions do.
_NAMES = {
    "agent": "gen_ai.agent.name",
    "call_id": "gen_ai.tool.call.id",
    "model": "gen_ai.request.model",
    "output_tokens": "gen_ai.usage.output_tokens",
    "session_id": "gen_ai.conversation.id",
    "status": "http.response.status_code",
    "tool_name": "gen_ai.tool.name",
}
_PROVIDERS = {  # by the protocol that was spoken, as the conventions have it; who answers may be another
    "anthropic-http": "anthropic",
    "gemini": "gcp.gemini",
    "openai-chat": "openai",
    "openai-responses": "openai",
}


def log_records(rows: Iterable[Fields]) -> Iterator[Object]:
    """Yield the log record of each row, in order.  Memory is that of a row and 20,000 calls."""
    names = CallNames()
    for row in rows:
        if row.get("kind") == "tool_call":
            names.note(row)
        yield _record(row, names.of(row))


def logs_data(records: Iterable[Object], version: str) -> Iterator[Object]:
    """Yield `LogsData`, each of at most 512 records; `version` is Occasio's."""
    for batch in _batches(records):
        logs: Object = {"scope": {"name": SCOPE, "version": version}, "logRecords": list[Json](batch)}
        yield {"resourceLogs": [{**resource(version), "scopeLogs": [logs | {"schemaUrl": SCHEMA_URL}]}]}


def traces_data(spans: Iterable[Object], version: str) -> Iterator[Object]:
    """Yield `TracesData`, each of at most 512 spans; `version` is Occasio's."""
    for batch in _batches(spans):
        spans_of: Object = {"scope": {"name": SCOPE, "version": version}, "spans": list[Json](batch)}
        yield {"resourceSpans": [{**resource(version), "scopeSpans": [spans_of | {"schemaUrl": SCHEMA_URL}]}]}


def resource(version: str) -> Object:
    """Return who says this: Occasio."""
    said: Object = {"service.name": "occasio", "service.version": version}
    return {"resource": {"attributes": list[Json](attributes(said))}, "schemaUrl": SCHEMA_URL}


def attributes(values: Mapping[str, Json]) -> list[Object]:
    """Return attributes as OTLP/JSON has them; what is null is left out."""
    return [{"key": name, "value": _any_value(value)} for name, value in values.items() if value is not None]


def named(members: Members, tool: str | None) -> Object:
    """Return every member of a row, by its name in the conventions, else by its own below `occasio.`."""
    kind, found = members.text("kind"), dict[str, Json]()
    for name, known in _NAMES.items():
        if name == "agent" and members.see(name) == RECORDER:
            continue
        if (value := members.take(name)) is not None:
            found[known] = value
    match kind:
        case "tool_call" | "tool_result":
            found |= {"gen_ai.operation.name": "execute_tool"} | ({"gen_ai.tool.name": tool} if tool else {})
            if members.see("action") == "BLOCK":
                found["error.type"] = members.see("reason")
        case "request":
            found |= _usage(members)
        case "run_started" | "run_ended":
            found["gen_ai.operation.name"] = "invoke_agent"
    return found | {"occasio.kind": kind} | {f"occasio.{name}": value for name, value in members.rest().items()}


def trace_id(run: str) -> str:
    """Return the id of a run's trace: the run's own, which has as many bytes."""
    bare = run.replace("-", "")
    return bare if bare.strip("0") else hashlib.sha256(run.encode()).hexdigest()[:32]  # zeros are no valid id


def span_id(run: str, of: str = "") -> str:
    """Return the id of the span of a run, or of something in it."""
    return hashlib.sha256(f"{run} {of}".encode()).hexdigest()[:16]


def nanoseconds(row: Fields) -> int:
    """Return when a row was written, in nanoseconds since 1970, 0 for before."""
    return max(0, milliseconds(str(row["ts"]))) * 1_000_000


def _record(row: Fields, tool: str | None) -> Object:
    members, time = Members(row), str(nanoseconds(row))
    members.take("ts")
    kind, run, call = str(row.get("kind")), row.get("run_id"), row.get("call_id")
    number, text = _severity(row)
    record: Object = {
        "timeUnixNano": time,
        "observedTimeUnixNano": time,
        "severityNumber": number,
        "severityText": text,
        "eventName": f"occasio.{kind}",
        "body": {"stringValue": _body(row, tool)},
        "attributes": list[Json](attributes(named(members, tool))),
    }
    if isinstance(run, str):
        record |= {"traceId": trace_id(run), "spanId": span_id(run, str(call) if isinstance(call, str) else "")}
    return record


def _severity(row: Fields) -> tuple[int, str]:
    match row.get("kind"):
        case "recovered":
            return _ERROR
        case "policy_rejected" | "limit_exceeded" | "approval_denied" | "approval_expired":
            return _WARN
        case "finding":
            return _FINDINGS.get(str(row.get("severity")), _WARN)
    refused = row.get("action") == "BLOCK" or row.get("answer") == "deny" or row.get("result_kind") == "withheld"
    return _WARN if refused else _INFO


def _body(row: Fields, tool: str | None) -> str:
    told = (row.get("kind"), row.get("action"), tool, row.get("reason"), row.get("result_kind"), row.get("message"))
    return " ".join(str(part) for part in told if part)


def _usage(members: Members) -> Object:
    """Return the tokens of a request as the conventions count them: those of a cache are among the input's."""
    read, written = members.take("cache_read_tokens"), members.take("cache_write_tokens")
    plain = members.see("input_tokens")
    counts = [count for count in (plain, read, written) if isinstance(count, int)]
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _PROVIDERS.get(str(members.see("protocol")), str(members.see("protocol"))),
        "gen_ai.usage.input_tokens": sum(counts),
        "gen_ai.usage.cache_read.input_tokens": read,
        "gen_ai.usage.cache_creation.input_tokens": written,
    }


def _any_value(value: Json) -> Json:
    match value:
        case bool():
            return {"boolValue": value}
        case str():
            return {"stringValue": value}
        case int():
            return {"intValue": str(value)}
        case list():
            return {"arrayValue": _values([_any_value(item) for item in value])}
        case Mapping():
            pairs: list[Json] = [{"key": name, "value": _any_value(item)} for name, item in value.items()]
            return {"kvlistValue": _values(pairs)}
    return {}  # null: an `AnyValue` without a value


def _values(items: list[Json]) -> Json:
    return {"values": items} if items else {}


def _batches(items: Iterable[_T]) -> Iterator[list[_T]]:
    pending = iter(items)
    while batch := list(islice(pending, BATCH)):
        yield batch
