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
class _Span:
    """A span while it is made.  Times are nanoseconds; `failure` is why it ended badly, empty if it did not."""

    run_id: str
    of: str
    name: str
    began: int
    ended: int
    said: Object
    kind: int = _INTERNAL
    failure: str = ""

    def as_json(self) -> Object:
        """Return it as OTLP/JSON has it."""
        return {
            "traceId": trace_id(self.run_id),
            "spanId": span_id(self.run_id, self.of),
            **({"parentSpanId": span_id(self.run_id)} if self.of else {}),
            "name": self.name,
            "kind": self.kind,
            "startTimeUnixNano": str(self.began),
            "endTimeUnixNano": str(max(self.began, self.ended)),
            "attributes": list[Json](attributes(self.said)),
            **({"status": {"code": _ERROR, "message": self.failure}} if self.failure else {}),
        }


@dataclass(slots=True)
class _Run:
    """A run that has not ended: its own span, the calls that wait for their outcome, and the ids of all its calls."""

    span: _Span
    command: str = ""
    agent: str = ""
    waiting: dict[str, _Span] = field(default_factory=dict)
    calls: set[str] = field(default_factory=set)


def spans(rows: Iterable[Fields]) -> Iterator[Object]:
    """Yield the spans of all runs, each when its end is known.

    A call without an outcome and a run without an end say so (`occasio.open`) and end with what is known.  Memory is
    that of the runs which are open at one time, and of the ids of their calls.
    """
    runs: dict[str, _Run] = {}
    for row in rows:
        run_id = row.get("run_id")
        if not isinstance(run_id, str):
            continue
        if run_id not in runs:
            runs[run_id] = _Run(_span(run_id, "", "", row))
        run = runs[run_id]
        run.span.ended = max(run.span.ended, nanoseconds(row))
        for span in _of_row(run, row):
            yield span.as_json()
        if row.get("kind") == "run_ended":
            yield from _ended(runs.pop(run_id), row)
    for run in runs.values():
        yield from _ended(run, None)


def _of_row(run: _Run, row: Fields) -> Iterator[_Span]:
    match row.get("kind"):
        case "run_started":
            run.command = str(row.get("command"))
        case "tool_call":
            run.agent = run.agent or str(row.get("agent"))
            yield from _decided(run, row)
        case "tool_result":
            yield from _result(run, row)
        case "request":
            span = _span(run.span.run_id, f"request {row.get('seq')}", f"chat {row.get('model') or ''}".rstrip(), row)
            status = row.get("status")
            span.kind = _CLIENT
            span.failure = "" if isinstance(status, int) and 200 <= status < 300 else f"status {status}"
            yield span


def _decided(run: _Run, row: Fields) -> Iterator[_Span]:
    """Yield the span of a call that nobody will carry out; one that goes on waits for its outcome."""
    call = str(row.get("call_id"))
    is_refused, is_first = row.get("action") == "BLOCK", call not in run.calls
    run.calls.add(call)
    # a second decision on a call, at another door, is a span of its own: ids are given once
    span = _span(run.span.run_id, call if is_first else f"{call} {row.get('seq')}", "", row)
    span.name = f"execute_tool {row.get('tool_name')}"
    if is_refused:
        span.failure = str(row.get("reason"))
    if is_refused or not is_first:
        yield span
    else:
        run.waiting[call] = span


def _result(run: _Run, row: Fields) -> Iterator[_Span]:
    """Yield the span of a call that has its outcome; a second outcome adds none."""
    span = run.waiting.pop(str(row.get("call_id")), None)
    if span is None:
        return
    span.ended = nanoseconds(row)
    span.said = named(Members(row), None) | span.said
    if row.get("is_error") is True:
        span.failure = "the tool failed"
    yield span


def _ended(run: _Run, row: Fields | None) -> Iterator[Object]:
    for waiting in run.waiting.values():
        waiting.said["occasio.open"] = True
        yield waiting.as_json()
    span = run.span
    span.name = f"invoke_agent {run.command or run.agent}".rstrip()
    span.said = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": run.agent or None,
        "occasio.run_id": span.run_id,
        "occasio.command": run.command or None,
    }
    if row is None:
        span.said["occasio.open"] = True
    else:
        span.said |= {"occasio.reason": row.get("reason"), "occasio.exit_code": row.get("exit_code")}
        if row.get("exit_code") != 0 or row.get("reason") != "exit":
            span.failure = str(row.get("reason"))
    yield span.as_json()


def _span(run_id: str, of: str, name: str, row: Fields) -> _Span:
    now = nanoseconds(row)
    return _Span(run_id, of, name, now, now, named(Members(row), None))
