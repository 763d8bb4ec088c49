"""Rows as OpenTelemetry spans: a run is a trace, each call and each request of a model a span of it.

A span begins with the row of the decision and ends with the row of the outcome.  A request has one row, written when
it was answered, so its span has no length.  What else a run's rows say is told by log records, which are joined with
the spans by their ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from occasio_core import Json
from occasio_exports.members import Fields, Members
from occasio_exports.otlp import Object, attributes, named, nanoseconds, span_id, trace_id

_INTERNAL = 1
_CLIENT = 3
_ERROR = 2  # of a status


@dataclass(slots=True)
class _Run:
    """A run that has not ended: what its span will say, and the calls that wait for their outcome."""

    began: int
    last: int
    command: str = ""
    agent: str = ""
    waiting: dict[str, Object] = field(default_factory=dict)


def spans(rows: Iterable[Fields]) -> Iterator[Object]:
    """Yield the spans of all runs, each when its end is known.

    A call without an outcome and a run without an end say so (`occasio.open`) and end with what is known.  Memory is
    that of the runs and calls which are open at one time.
    """
    runs: dict[str, _Run] = {}
    for row in rows:
        run_id, now = row.get("run_id"), nanoseconds(row)
        if not isinstance(run_id, str):
            continue
        run = runs.setdefault(run_id, _Run(now, now))
        run.last = max(run.last, now)
        yield from _of_row(run_id, run, row)
        if row.get("kind") == "run_ended":
            yield from _ended(run_id, runs.pop(run_id), row)
    for run_id, run in runs.items():
        yield from _ended(run_id, run, None)


def _of_row(run_id: str, run: _Run, row: Fields) -> Iterator[Object]:
    match row.get("kind"):
        case "run_started":
            run.command = str(row.get("command"))
        case "tool_call":
            run.agent = run.agent or str(row.get("agent"))
            call = str(row.get("call_id"))
            if (again := run.waiting.pop(call, None)) is not None:  # decided at another door before
                yield again
            span = _call(run_id, row)
            if row.get("action") == "BLOCK":
                yield span
            else:
                run.waiting[call] = span
        case "tool_result":
            yield from _result(run_id, run, row)
        case "request":
            name = f"chat {model}" if (model := row.get("model")) else "chat"
            status = row.get("status")
            failure = "" if isinstance(status, int) and 200 <= status < 300 else f"status {status}"
            yield _span(run_id, f"request {row.get('seq')}", name, row, kind=_CLIENT, failure=failure)


def _call(run_id: str, row: Fields) -> Object:
    refused = str(row.get("reason")) if row.get("action") == "BLOCK" else ""
    return _span(run_id, str(row.get("call_id")), f"execute_tool {row.get('tool_name')}", row, failure=refused)


def _result(run_id: str, run: _Run, row: Fields) -> Iterator[Object]:
    """Yield the span of a call that has its outcome; a second outcome adds none."""
    call = str(row.get("call_id"))
    span = run.waiting.pop(call, None)
    if span is None:
        return
    span["endTimeUnixNano"] = str(max(nanoseconds(row), int(str(span["startTimeUnixNano"]))))
    known = {str(item["key"]) for item in _attributes_of(span)}
    more = [item for item in _listed(row) if item["key"] not in known]
    span["attributes"] = list[Json]([*_attributes_of(span), *more])
    if row.get("is_error") is True:
        span["status"] = {"code": _ERROR, "message": "the tool failed"}
    yield span


def _ended(run_id: str, run: _Run, row: Fields | None) -> Iterator[Object]:
    for span in run.waiting.values():
        span["attributes"] = list[Json]([*_attributes_of(span), *attributes({"occasio.open": True})])
        yield span
    agent = run.command or run.agent
    said: Object = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": run.agent or None}
    if row is None:
        said["occasio.open"] = True
    else:
        said |= {"occasio.reason": row.get("reason"), "occasio.exit_code": row.get("exit_code")}
    said |= {"occasio.run_id": run_id, "occasio.command": run.command or None}
    failed = row is not None and (row.get("exit_code") != 0 or row.get("reason") != "exit")
    yield {
        "traceId": trace_id(run_id),
        "spanId": span_id(run_id),
        "name": f"invoke_agent {agent}".rstrip(),
        "kind": _INTERNAL,
        "startTimeUnixNano": str(run.began),
        "endTimeUnixNano": str(max(run.began, run.last)),
        "attributes": attributes(said),
        **({"status": {"code": _ERROR, "message": str(row["reason"])}} if failed and row is not None else {}),
    }


def _span(run_id: str, of: str, name: str, row: Fields, *, kind: int = _INTERNAL, failure: str = "") -> Object:
    time = str(nanoseconds(row))
    return {
        "traceId": trace_id(run_id),
        "spanId": span_id(run_id, of),
        "parentSpanId": span_id(run_id),
        "name": name,
        "kind": kind,
        "startTimeUnixNano": time,
        "endTimeUnixNano": time,
        "attributes": list[Json](_listed(row)),
        **({"status": {"code": _ERROR, "message": failure}} if failure else {}),
    }


def _listed(row: Fields) -> list[dict[str, Json]]:
    return _dicts(attributes(named(Members(row), None)))


def _attributes_of(span: Object) -> list[dict[str, Json]]:
    return _dicts(span["attributes"])


def _dicts(value: Json) -> list[dict[str, Json]]:
    return [dict(item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []
